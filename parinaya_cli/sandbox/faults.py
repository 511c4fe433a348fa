"""Faults on demand: what goes wrong, after how many messages, and how often.

A plan is a list of faults. Each counts the sends that passed the stand-in's checks (read receipts do not
count) and applies to those numbered ``after + 1`` to ``after + count``, or for so many seconds from the first of
them on; where several apply, the first wins. A fault for one person counts and hits that person's alone.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import dataclass, field

from parinaya_cli.domain.errors import UsedWrongly

ERROR = "error"
HTTP_500 = "http500"
HTTP_429 = "http429"
HTTP_502_ACCEPTED = "http502-accepted"
CUT_BEFORE = "cut-before"
CUT_AFTER = "cut-after"
SLOW = "slow"
FAILS = "fails"
EXPIRES = "token-expires"
NO_PERMISSION = "no-permission"
UNSUBSCRIBED = "unsubscribed"
OF_ACCOUNT = (EXPIRES, NO_PERMISSION, UNSUBSCRIBED)
"""What is wrong with the account from the start, whatever is sent."""

KINDS: dict[str, str] = {
    "error:CODE": "the Graph error of that code, with the HTTP status that Meta uses for it; not accepted",
    HTTP_500: "HTTP 500 without a Graph error; not accepted",
    HTTP_429: "HTTP 429 without a Graph error, with Retry-After: 1; not accepted",
    HTTP_502_ACCEPTED: "accepted and written to the journal, then answered with HTTP 502",
    CUT_BEFORE: "the connection is closed before the message is accepted",
    CUT_AFTER: "accepted and written to the journal, then the connection is closed without an answer",
    "slow:SECONDS": "accepted and written to the journal, answered late",
    "fails:CODE": "accepted and written to the journal; its status is `failed` with that code",
    "token-expires:SECONDS": "the access token expires so many seconds after the start; 0: it has",
    NO_PERMISSION: "the access token may not send",
    UNSUBSCRIBED: "no app gets the account's webhooks",
}
"""What can be asked for, for help texts."""

_SPEC = re.compile(
    r"(?P<kind>error|http500|http429|http502-accepted|cut-before|cut-after|slow|fails|token-expires|"
    r"no-permission|unsubscribed)"
    r"(?::(?P<value>\d{1,9}(?:\.\d{1,9})?))?(?:/(?P<phone>\+[1-9]\d{6,14}))?"
    r"(?:@(?P<after>\d{1,9}))?(?:x(?P<count>\d{1,9}s?|\*))?",
    re.ASCII,
)
_WITH_VALUE = (ERROR, SLOW, FAILS, EXPIRES)


@dataclass(frozen=True)
class Fault:
    """One fault: ``kind`` as in :data:`KINDS`, after so many messages, for so many (None: for ever).

    ``seconds``: for that long instead, from the first message that it hits.

    ``value`` is the code of ``error`` and ``fails``, and the seconds of ``slow`` and ``token-expires``; 0 for the
    others. ``phone``: of the one person (E.164) whose messages it counts and hits; empty for everybody's.
    """

    kind: str
    after: int = 0
    count: int | None = 1
    value: float = 0.0
    seconds: float | None = None
    phone: str = ""

    @property
    def accepts(self) -> bool:
        """Whether the message is accepted although the sender does not learn it properly."""
        return self.kind in (HTTP_502_ACCEPTED, CUT_AFTER, SLOW, FAILS)

    def applies(self, number: int) -> bool:
        """Whether the fault hits the send with this number, counted from 1."""
        return number > self.after and (self.count is None or number <= self.after + self.count)


def parse_fault(text: str) -> Fault:
    """Read ``KIND[:VALUE][/PHONE][@AFTER][xCOUNT]``, for example ``error:130429@100x50``.

    That one means: after 100 messages, refuse the next 50 with 130429. Without ``@`` it begins at once;
    without ``x`` it happens once; ``x*`` is for ever, ``x10s`` for ten seconds. ``fails:131026/+919812345678x*``:
    whatever goes to that person fails.

    Raises:
        UsedWrongly: the text is no such thing.
    """
    found = _SPEC.fullmatch(text.strip())
    hint = "Use one of " + ", ".join(KINDS) + ", then /PHONE, @AFTER and xCOUNT, as in error:130429@100x50."
    if found is None:
        raise UsedWrongly(f"{text!r} is not a fault.", hint)
    kind, value = found["kind"], found["value"]
    if (kind in _WITH_VALUE) != (value is not None):
        raise UsedWrongly(f"{text!r}: {kind} takes {'a' if value is None else 'no'} value.", hint)
    if kind in (ERROR, FAILS) and not str(value).isdigit():
        raise UsedWrongly(f"{text!r}: the code of an error is a whole number.", hint)
    times = found["count"]
    seconds = float(times[:-1]) if times and times.endswith("s") else None
    count = None if times == "*" or seconds is not None else int(times or 1)
    return Fault(kind, int(found["after"] or 0), count, float(value or 0), seconds, found["phone"] or "")


@dataclass
class FaultPlan:
    """The faults of one run, and how far it has come."""

    faults: tuple[Fault, ...] = ()
    happened: Counter[str] = field(default_factory=Counter)
    _seen: Counter[str] = field(default_factory=Counter)
    _begun: dict[Fault, float] = field(default_factory=dict)

    def next(self, phone: str = "") -> Fault | None:
        """Count one send, to that person (E.164), and return the fault that hits it, if any."""
        whose = {"", phone}
        self._seen.update(whose)
        for fault in self.faults:
            if fault.kind in OF_ACCOUNT:
                continue
            if fault.phone in whose and fault.applies(self._seen[fault.phone]) and self._lasts(fault):
                name = f"{fault.kind}:{fault.value:.10g}" if fault.kind in _WITH_VALUE else fault.kind
                self.happened[name] += 1
                return fault
        return None

    def of_account(self, kind: str) -> Fault | None:
        """The fault of this kind that the account has from the start."""
        return next((fault for fault in self.faults if fault.kind == kind), None)

    def _lasts(self, fault: Fault) -> bool:
        now = time.monotonic()
        return fault.seconds is None or now - self._begun.setdefault(fault, now) < fault.seconds
