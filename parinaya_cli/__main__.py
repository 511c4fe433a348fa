"""``parinaya``, and ``python -m parinaya_cli``."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line of this process; ``--version`` is answered before anything is loaded."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        from parinaya_cli import __version__

        print(f"parinaya {__version__}")  # noqa: T201
        return 0
    try:
        from parinaya_cli.cli.errors import run
    except KeyboardInterrupt:
        return 130
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
