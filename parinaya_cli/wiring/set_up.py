"""Sets an installation up: the schema, and the first owner."""

from __future__ import annotations

from dataclasses import dataclass

from parinaya_cli.domain.access import Channel
from parinaya_cli.services import roles
from parinaya_cli.store import schema
from parinaya_cli.wiring.app import App, keyboard


@dataclass(frozen=True)
class SetUpReport:
    """What `init` found and made. ``token``: of the first owner, shown once; None when there is one already."""

    current: str | None
    upgraded: bool
    owner: str | None
    token: str | None


def set_up(app: App) -> SetUpReport:
    """Bring the schema up and, on servers that others can reach, make the first owner. Safe to run again.

    The owner's token is the one in the settings: `init` keeps it there before the owner is made, so that a run
    that is killed in between locks nobody out.

    Raises:
        Unreachable: a server is away.
        Failed: the schema can't be brought up.
    """
    before = schema.status(app.admin_db)
    after = app.upgrade()
    app.queue.is_alive()
    owner, token = keyboard(), app.settings.token
    made = False
    if not app.is_embedded and token:
        with app.begin_as_system(Channel.CLI) as tx:
            made = roles.first_owner(tx, owner, token)
    return SetUpReport(after.current, before.pending != (), owner if made else None, token if made else None)
