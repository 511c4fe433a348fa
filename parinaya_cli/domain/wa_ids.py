"""Numbers as WhatsApp writes them, where that differs from how they are dialled."""

from __future__ import annotations

import re

_FORMS = (
    (re.compile(r"\+(55[1-9][1-9])(9?)([6-9][0-9]{7})"), "9"),  # Brazil
    (re.compile(r"\+(52)(1?)([2-9][0-9]{9})"), "1"),  # Mexico
    (re.compile(r"\+(54)(9?)([1-9][0-9]{9})"), "9"),  # Argentina
)


def forms(e164: str) -> tuple[str, ...]:
    """Every form (E.164) under which WhatsApp and a family's list may know one number, the given one first.

    Brazilian mobiles come with and without their ninth digit, Mexican ones with and without the 1 and Argentine ones
    with and without the 9 that once were dialled from abroad. Meta calls the rewriting intended (WhatsApp,
    messages/send-messages, on phone numbers).
    """
    for pattern, digit in _FORMS:
        match = pattern.fullmatch(e164)
        if match is not None:
            return e164, f"+{match[1]}{'' if match[2] else digit}{match[3]}"
    return (e164,)
