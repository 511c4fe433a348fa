"""What must stand in parinaya's tables after the rehearsal, counted from examples/guests.yaml alone.

``to``: the guests that were written to; everybody, if nobody is named.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from tests.house.example_lists import guests, pairs

Guests = Sequence[dict[str, Any]]
TOLD_BY_THE_EVENTS = {
    "शादी कहाँ है?",
    "dress code kya hai?",
    "What time does the baraat start?",
    "what is the venue?",
}
FIGURES = (
    "invited_units",
    "invited_seats",
    "answered_units",
    "yes_units",
    "yes_heads",
    "no_units",
    "maybe_units",
    "pending_units",
)


def table(to: Guests = ()) -> dict[str, tuple[int, ...]]:
    """The RSVP table: for each event the numbers of ``FIGURES``."""
    written = {id(guest) for guest in to or guests()}
    found: dict[str, tuple[int, ...]] = {}
    for slug in dict.fromkeys(slug for guest in guests() for slug in guest["expect"]):
        invited = [guest for guest in guests() if slug in guest["expect"]]
        asked = [guest["expect"][slug] for guest in invited if id(guest) in written]
        said = Counter(expected["answer"] for expected in asked)
        found[slug] = (
            len(invited),
            sum(guest["seats"] for guest in invited),
            said["yes"] + said["no"] + said["maybe"],
            said["yes"],
            sum(expected.get("heads") or 0 for expected in asked),
            said["no"],
            said["maybe"],
            said["none"] + len(invited) - len(asked),
        )
    return found


def told_table(items: list[dict[str, Any]]) -> dict[str, tuple[int, ...]]:
    """The same from the items of ``rsvp status --json``."""
    return {item["event"]: tuple(item[figure] for figure in FIGURES) for item in items}


def messaged(to: Guests = ()) -> Counter[str]:
    """How many households get their message on each phone: not those without a mobile number or with a US one."""
    written = {id(guest) for guest in to or guests()}
    return Counter(
        household.primary.e164
        for guest, household in pairs()
        if id(guest) in written and household.primary and household.primary.region != "US"
    )


def states(to: Guests = ()) -> Counter[str]:
    """In which state each household's message ends; what is left out is ``skipped``."""
    on_phone = {guest["phone"]: guest for guest in guests() if "shares_phone_with" not in guest}
    found: Counter[str] = Counter()
    for phone, households in messaged(to).items():
        guest = on_phone[phone]
        found["failed" if "fails" in guest else "read" if guest["reads"] else "delivered"] += households
    found["skipped"] = len(to or guests()) - sum(found.values())
    return found


def inbox(to: Guests = ()) -> Counter[str]:
    """How many messages of each phone need a person: questions, voice notes, wishes for more seats.

    Where, when and what to wear are answered from the events.
    """
    found: Counter[str] = Counter()
    for guest in to or guests():
        for step in guest["does"]:
            said = str(step.get("say", ""))
            asks = "?" in said and said not in TOLD_BY_THE_EVENTS
            if "voice" in step or asks or "call me" in said:
                found[guest["phone"]] += 1
        for reply in guest["replies"]:
            if int(re.sub(r"\D", "", reply)) > guest["seats"]:
                found[guest["phone"]] += 1
    return found


def good_wishes(to: Guests = ()) -> Counter[str]:
    """Congratulations and no more: they ask for nothing, but where they are not understood a person reads them."""
    words = ("congratulations", "बधाई")
    return Counter(
        guest["phone"]
        for guest in to or guests()
        for step in guest["does"]
        if any(word in str(step.get("say", "")).casefold() for word in words)
    )
