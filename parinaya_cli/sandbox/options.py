"""What the stand-in can be told, and where the files that travel with parinaya lie."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import parinaya_cli
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.sandbox.faults import Fault

DAY = 24 * 3600.0


@dataclass(frozen=True)
class SandboxOptions:
    """How the stand-in listens, what it plays and what it lets go wrong. Times are seconds, shares 0 to 1.

    ``webhook``: address of the receiver; None and no address subscribed through ``subscribed_apps``: nothing
    is delivered. ``verify_token``: when set, the address is checked by Meta's handshake before the first
    delivery. ``access_token``: None takes any bearer token (one must be given). ``templates``: definitions
    in Meta's shape; None takes the shipped examples. ``guests``: the guests' script; None makes every guest
    read in silence.

    ``duplicate``: share of updates that arrive a second time. ``shuffle``: statuses come in any order, some
    ``delivered`` not at all (as when the chat is open). ``delay``: between what happens and its webhook.
    ``messages_per_second``: sent and received together, as with Meta. ``faults``: see ``faults.py``.
    ``fail_rate``: share of messages that end ``failed`` (131026). ``window``: the customer service window.
    ``retry``: first and longest pause before a webhook that was not answered with 200 is sent again.
    ``journal``: JSON lines, one for each accepted message, written before the message is answered.
    """

    host: str = "127.0.0.1"
    port: int = 9090
    webhook: str | None = None
    app_secret: str = field(default="", repr=False)
    verify_token: str = field(default="", repr=False)
    access_token: str | None = field(default=None, repr=False)
    templates: Path | None = None
    guests: Path | None = None
    duplicate: float = 0.0
    shuffle: bool = False
    delay: tuple[float, float] = (0.05, 0.5)
    fail_rate: float = 0.0
    seed: int = 1
    messages_per_second: int = 80
    faults: tuple[Fault, ...] = ()
    journal: Path | None = None
    window: float = DAY
    retry: tuple[float, float] = (0.5, 15.0)
    phone_number_id: str = "106540352242922"
    display_phone_number: str = "919800000000"
    verified_name: str = "Wedding Rehearsal"
    waba_id: str = "102290129340398"
    app_id: str = "670843887433847"


def check_options(options: SandboxOptions) -> None:
    """Refuse what can't be meant.

    Raises:
        UsedWrongly: a share outside 0 to 1, a time span the wrong way round, a rate below 1, ….
    """
    if not 0 <= options.port <= 65535:
        raise UsedWrongly(f"There is no port {options.port}.", "Give 1 to 65535, or 0 for a free one.")
    if options.journal is not None and not options.journal.parent.is_dir():
        raise UsedWrongly(
            f"There is no folder {options.journal.parent}.", "Make it, or name another journal."
        )
    for name in ("duplicate", "fail_rate"):
        share = getattr(options, name)
        if not 0 <= share <= 1:
            raise UsedWrongly(f"{name.replace('_', '-')} is {share}.", "Give a share from 0 to 1.")
    for name in ("delay", "retry"):
        low, high = getattr(options, name)
        if not 0 <= low <= high:
            raise UsedWrongly(f"{name} is {low} to {high}.", "Give seconds, the shorter time first.")
    if options.messages_per_second < 1:
        raise UsedWrongly("messages-per-second is below 1.", "Give 1 or more; Meta's usual rate is 80.")
    if options.window <= 0:
        raise UsedWrongly("The window is not longer than 0 seconds.", "Leave it out for Meta's 24 hours.")
    if options.webhook is not None and not options.webhook.startswith(("http://", "https://")):
        raise UsedWrongly(f"{options.webhook!r} is no address.", "Give http://… or https://….")


def shipped_templates() -> Path:
    """The definitions that travel with parinaya: in the wheel, or beside the package in a checkout."""
    package = Path(parinaya_cli.__file__).parent
    shipped = package / "_shipped" / "examples" / "templates.json"
    return shipped if shipped.exists() else package.parent / "examples" / "templates.json"
