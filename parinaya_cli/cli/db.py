"""``parinaya db``: the schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parinaya_cli.cli.options import Call, group, verb
from parinaya_cli.cli.output import Result

if TYPE_CHECKING:
    from parinaya_cli.wiring import App

app = group("db", "The schema of the database.")


@verb(app, "status", examples=["parinaya db status", "parinaya db status --json"])
def status(call: Call) -> Result:
    """The revision of the database, the one that this version needs, and what lies between."""
    return _shown(call.app(), "")


@verb(app, "upgrade", changes=True, examples=["parinaya db upgrade", "parinaya db upgrade --json"])
def upgrade(call: Call) -> Result:
    """Bring the schema up. Two at once: one does it, the other waits."""
    call.app().upgrade()
    return _shown(call.app(), "The schema is up to date.")


def _shown(opened: App, done: str) -> Result:
    found = opened.schema_status()
    document = {"current": found.current, "head": found.head, "pending": list(found.pending)}
    if found.pending:
        at = found.current or "nothing yet"
        text = f"The database is at {at}, this version needs {found.head}: parinaya db upgrade."
    else:
        text = done or f"The database is at {found.current}, as this version needs."
    return Result(document, text)
