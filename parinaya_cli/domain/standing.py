"""Where a wedding stands, and what is sensible to do next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from parinaya_cli.domain.access import Permission


@dataclass(frozen=True)
class Coming:
    """An event that lies ahead. ``starts_at`` in the wedding's zone."""

    slug: str
    title: str
    starts_at: datetime
    invited: int
    pending: int
    heads: int


@dataclass(frozen=True)
class Standing:
    """A wedding in some numbers. ``alone``: people in no household; ``new``: people no scan has looked at;
    ``pairs``: likely duplicates that nobody has decided on; ``sent``: messages that have left or wait to;
    ``waiting``: those of them that wait for a worker; ``inbox``: replies that wait for a human.
    """

    slug: str
    title: str
    today: datetime
    events: int
    coming: tuple[Coming, ...]
    people: int = 0
    alone: int = 0
    new: int = 0
    pairs: int = 0
    households: int = 0
    invitations: int = 0
    templates: int = 0
    sent: int = 0
    waiting: int = 0
    inbox: int = 0
    unthanked: int = 0


@dataclass(frozen=True)
class Step:
    """What is to do, as a sentence, and the command that does it. ``needs``: what one must be allowed to do."""

    why: str
    command: str
    needs: Permission


def next_step(at: Standing, may: Callable[[Permission], bool]) -> Step | None:
    """The first thing to do for somebody who may do it; None when nothing is left."""
    return next((step for step in _steps(at) if may(step.needs)), None)


def _steps(at: Standing) -> Iterator[Step]:
    """All that is to do, in the order in which a wedding comes about."""
    if not at.events:
        yield Step(
            "It has no events yet.",
            "parinaya events add Sangeet --starts 2027-02-12T19:00",
            Permission.PLAN,
        )
    if not at.people:
        yield Step(
            "Nobody is in the lists yet.", "parinaya people import guests.csv --side bride", Permission.PEOPLE
        )
        return
    if at.inbox:
        replies = _many(at.inbox, "reply", "replies", "waits", "wait")
        yield Step(f"{replies} for a human.", "parinaya inbox list", Permission.SEND)
    yield from _gathering(at)
    if at.coming:
        yield from _inviting(at, at.coming[0])
    elif at.unthanked:
        yield Step(
            f"{_many(at.unthanked, 'gift')} not thanked for yet.",
            "parinaya gifts list --to-thank",
            Permission.GIFTS,
        )


def _gathering(at: Standing) -> Iterator[Step]:
    if at.new:
        yield Step(
            f"{_many(at.new, 'person', 'people')} not looked at for duplicates yet.",
            "parinaya dedupe scan",
            Permission.PEOPLE,
        )
    if at.alone:
        yield Step(
            f"{_many(at.alone, 'person', 'people')} in no household yet.",
            "parinaya units build --dry-run",
            Permission.PEOPLE,
        )


def _inviting(at: Standing, first: Coming) -> Iterator[Step]:
    if not at.invitations:
        yield Step(
            "Nobody is on a guest list yet.",
            f"parinaya invite add --event {first.slug} --all",
            Permission.PLAN,
        )
        return
    if not at.templates:
        yield Step("No approved message is known yet.", "parinaya templates sync", Permission.SEND)
    elif not at.sent:
        yield Step(
            "No invitation was sent yet: rehearse it.",
            "parinaya invite send --template NAME --dry-run",
            Permission.SEND,
        )
    elif at.waiting:
        yield Step(
            f"{_many(at.waiting, 'message', verb='waits', verbs='wait')} for a worker.",
            "parinaya worker",
            Permission.SEND,
        )
    yield from _answering(at, first)


def _answering(at: Standing, first: Coming) -> Iterator[Step]:
    if at.pairs:
        told = f"{_several(at.pairs, 'pair')} may be one person{' each' if at.pairs > 1 else ''}."
        yield Step(told, "parinaya dedupe review", Permission.PEOPLE)
    if first.pending:
        open_ones = _many(first.pending, "household", verb="has", verbs="have")
        yield Step(
            f"{open_ones} not answered for {first.title} yet: call them.",
            f"parinaya export call-list --event {first.slug} --to calls.xlsx",
            Permission.EXPORT,
        )
        yield Step(
            f"{open_ones} not answered for {first.title} yet.",
            f"parinaya rsvp list --event {first.slug} --status pending",
            Permission.READ,
        )
    yield Step(
        f"All have answered for {first.title}: tell the caterer.",
        "parinaya export headcount --to headcount.xlsx",
        Permission.EXPORT,
    )
    yield Step(
        f"All have answered for {first.title}.", f"parinaya rsvp status --event {first.slug}", Permission.READ
    )


def _many(count: int, one: str, several: str = "", verb: str = "is", verbs: str = "are") -> str:
    """``1 reply waits``, ``2 replies wait``."""
    return f"1 {one} {verb}" if count == 1 else f"{count:,} {several or one + 's'} {verbs}"


def lines(at: Standing) -> Iterator[tuple[str, str]]:
    """The numbers as headed lines; those that say nothing are left out."""
    for one in at.coming[:1]:
        days = (one.starts_at.date() - at.today.date()).days
        when = "today" if days <= 0 else "tomorrow" if days == 1 else f"in {days} days"
        yield "Next", f"{one.title} ({one.slug}), {one.starts_at:%a %d %b %Y, %H:%M}, {when}"
    if at.people:
        homes = f" in {_several(at.households, 'household')}" if at.households else ""
        yield "Guests", f"{_several(at.people, 'person', 'people')}{homes}"
    if at.sent:
        waiting = f", {at.waiting:,} of them waiting to leave" if at.waiting else ""
        yield "Messages", f"{at.sent:,}{waiting}"
    for one in at.coming:
        if one.invited:
            answered = one.invited - one.pending
            yield (
                "Answers",
                f"{one.slug}: {answered:,} of {one.invited:,} households, {_several(one.heads, 'head')}",
            )
    if at.inbox:
        yield "Inbox", f"{_several(at.inbox, 'reply', 'replies')} for a human"


def _several(count: int, one: str, several: str = "") -> str:
    return f"1 {one}" if count == 1 else f"{count:,} {several or one + 's'}"
