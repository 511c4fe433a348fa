"""How long ``parinaya`` takes before it does anything, compared with the least that Typer allows.

python -m tests.bench.bench_start_up [rounds]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.bench.report import Row, medians, program, show

HELLO = """\
import typer

app = typer.Typer()


@app.command()
def hello(name: str) -> None:
    \"\"\"Say hello.\"\"\"
    typer.echo(f"Hello {name}")


app()
"""
PLAIN_HELLO = HELLO.replace("typer.Typer()", "typer.Typer(rich_markup_mode=None)")
BAR = 1.3


def main(rounds: int = 15) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        hello, plain_hello = Path(folder, "hello.py"), Path(folder, "plain_hello.py")
        hello.write_text(HELLO)
        plain_hello.write_text(PLAIN_HELLO)
        parinaya = (sys.executable, "-m", "parinaya_cli")
        times = medians(
            {
                "python -c pass": program(sys.executable, "-c", "pass"),
                "python -c 'import typer'": program(sys.executable, "-c", "import typer"),
                "Typer hello, run": program(sys.executable, str(hello), "Asha"),
                "Typer hello --help": program(sys.executable, str(hello), "--help"),
                "Typer hello --help, without rich": program(sys.executable, str(plain_hello), "--help"),
                "parinaya --version": program(*parinaya, "--version"),
                "parinaya --help": program(*parinaya, "--help"),
                "parinaya config --help": program(*parinaya, "config", "--help"),
                "parinaya config show": program(
                    *parinaya, "config", "show", env={"PARINAYA_CONFIG_DIR": folder}
                ),
            },
            rounds=rounds,
        )
    hello_time = times["Typer hello, run"]
    rows = [
        Row(
            what,
            figure,
            figure / hello_time,
            BAR if what in ("parinaya --version", "parinaya --help") else None,
        )
        for what, figure in times.items()
    ]
    show("Starting up", rows, note=f"Ratio to a Typer hello that runs; median of {rounds} turns.")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
