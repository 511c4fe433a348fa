"""The queue ``reconciliation.run``: compare and mend."""

from __future__ import annotations

from parinaya_cli.domain import jobs
from parinaya_cli.domain.access import Channel
from parinaya_cli.jobs.ground import drain
from parinaya_cli.services import reconcile
from parinaya_cli.services.reconcile import Outside
from parinaya_cli.wiring import App


def run(subject: str = "") -> None:
    """Run the check named by ``subject``, or all of them."""
    only = [subject] if subject else []

    def once(app: App) -> bool:
        with app.one_run("reconcile"):
            reconcile.reconcile(
                lambda: app.begin_as_system(Channel.WORKER),
                only=only,
                outside=Outside(lambda: app.whatsapp, lambda: app.account_desk, app.checkpoint_places),
                terms=app.terms,
            )
        return False

    drain(jobs.RECONCILE, subject, once)
