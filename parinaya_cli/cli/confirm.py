"""Asking before something that is hard to take back."""

from __future__ import annotations

import sys

from parinaya_cli.cli.options import Call
from parinaya_cli.cli.output import Output
from parinaya_cli.cli.text import is_terminal, one_line
from parinaya_cli.domain.errors import Failed, UsedWrongly

_YES = frozenset({"y", "yes"})


def confirm(call: Call, question: str, *, count: int | None = None) -> None:
    """Return when the operator agrees: by ``--yes``, or by answering on a terminal.

    ``question``: a sentence that ends in a question mark and names how many are touched. ``count``: makes
    the operator type that number instead of "y", for what reaches many people at once. A rehearsal
    (``--dry-run``) is never asked about.

    Raises:
        UsedWrongly: nobody can be asked, because there is no terminal or ``--json`` is given.
        Failed: the operator did not agree.
    """
    if call.yes or call.dry_run:
        return
    if call.out.json or not (is_terminal(sys.stdin) and is_terminal(call.out.stderr)):
        raise UsedWrongly(
            f"`{call.command}` asks first: {one_line(question)}",
            "Add --yes to go on without being asked; --dry-run shows what would happen.",
            code="not_confirmed",
        )
    wanted = "[y/N]" if count is None else f"Type {count} to go on:"
    answer = ask(call.out, f"{one_line(question)} {wanted}").lower()
    if not (answer in _YES if count is None else answer.replace(",", "") == str(count)):
        raise Failed("Nothing was done.", "Answer as asked, or add --yes.", code="declined")


def ask(out: Output, question: str) -> str:
    """A line typed by the operator; empty at the end of input. The question goes to stderr."""
    out.stderr.write(f"{question} ")
    out.stderr.flush()
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):  # leave the next line to the shell
        out.stderr.write("\n")
    return answer.strip()
