"""What becomes of guest lists and answers when households are put together or taken apart. Pure.

No seat and no head is lost or made: seats given are added up and divided, heads that were answered too. Where nobody
can know whose answer it was, those who stay keep it, and what is open is told.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from parinaya_cli.domain.answers import AnswerStatus
from parinaya_cli.domain.errors import UsedWrongly

MOST_SEATS = 500


@dataclass(frozen=True)
class Said:
    """The answer that counts, as ``domain.answers.Answer`` has it."""

    status: AnswerStatus
    given_at: datetime
    heads: int | None = None
    adults: int | None = None
    children: int | None = None
    diets: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    note: str = ""
    requested_heads: int | None = None
    source: str = ""

    def __str__(self) -> str:
        return self.status.value if self.heads is None else f"{self.status.value} ({self.heads})"


@dataclass(frozen=True)
class Stand:
    """Where a household stands for one event. ``seats`` None: it is not invited."""

    event_id: uuid.UUID
    event: str
    seats: int | None = None
    said: Said | None = None


@dataclass(frozen=True)
class Move:
    """What changes for one event: the seats that the household has then, and the answer to be added, if any."""

    event_id: uuid.UUID
    event: str
    seats: int
    said: Said | None
    notes: tuple[str, ...]


# ── together ───────────────────────────────────────────────────────────────────────────────────────────


def together(ours: Sequence[Stand], theirs: Sequence[Stand], names: tuple[str, str]) -> list[Move]:
    """What changes for the household that stays when another becomes part of it; ``names``: the refs of both.

    Seats add up. So do heads of two who come; of yes and no the yes holds with its heads, of maybe and no the maybe.

    Raises:
        UsedWrongly: there would be too many seats for one household.
    """
    mine = {one.event_id: one for one in ours}
    moves = []
    for their in theirs:
        if their.seats is None:
            continue
        own = mine.get(their.event_id, Stand(their.event_id, their.event))
        seats = their.seats + (own.seats or 0)
        if seats > MOST_SEATS:
            raise UsedWrongly(
                f"{names[0]} would have {seats} seats at {their.event}; {MOST_SEATS} is the most.",
                "Leave them two households.",
            )
        said = _both(own, their, names)
        moves.append(
            Move(their.event_id, their.event, seats, said, tuple(_told(own, their, seats, said, names)))
        )
    return moves


def _both(own: Stand, their: Stand, names: tuple[str, str]) -> Said | None:
    """The answer to be added for both; None when the one that is there holds."""
    if their.said is None:
        return None
    if own.said is None or own.seats is None:
        after = max(own.said.given_at, their.said.given_at) if own.said else their.said.given_at
        return replace(their.said, given_at=after, source=f"from {names[1]}: {their.said.source}")
    two = (own.said, their.said)
    told = " and ".join(f"{name} said {said}" for name, said in zip(names, two, strict=True))
    given_at = max(said.given_at for said in two)
    note = "; ".join(dict.fromkeys(said.note for said in two if said.note))
    coming = [said for said in two if said.status is AnswerStatus.YES]
    status = AnswerStatus.YES if coming else AnswerStatus.MAYBE
    if all(said.status is AnswerStatus.NO for said in two):
        status = AnswerStatus.NO
    if not coming:
        return Said(status, given_at, note=note, source=f"put together: {told}")
    diets: Counter[str] = Counter()
    for said in coming:
        diets.update(said.diets)
    asked = any(said.requested_heads for said in coming)
    return Said(
        status,
        given_at,
        heads=_heads(coming),
        adults=_sum([said.adults for said in coming]),
        children=_sum([said.children for said in coming]),
        diets=dict(diets),
        note=note,
        requested_heads=sum(said.requested_heads or said.heads or 0 for said in coming) if asked else None,
        source=f"put together: {told}",
    )


def _heads(coming: Sequence[Said]) -> int | None:
    """How many come; whoever gave no number brings as many as the meals they named."""
    if all(said.heads is None for said in coming):
        return None
    return sum(sum(said.diets.values()) if said.heads is None else said.heads for said in coming)


def _sum(numbers: Sequence[int | None]) -> int | None:
    """The sum, where all are known and there are any."""
    known = [number for number in numbers if number is not None]
    return sum(known) if known and len(known) == len(numbers) else None


def _told(own: Stand, their: Stand, seats: int, said: Said | None, names: tuple[str, str]) -> list[str]:
    if own.seats is None:
        notes = [
            f"{their.event}: {names[1]} is invited and {names[0]} was not: it is for {seats} seats still."
        ]
    else:
        notes = [f"{their.event}: both are invited; {own.seats} and {their.seats} seats are {seats}."]
    if said is not None and own.said is not None and own.seats is not None:
        notes.append(f"{their.event}: {said.source.partition(': ')[2]}; together that is {said}.")
    elif said is not None:
        notes.append(f"{their.event}: the answer of {names[1]} holds: {said}.")
    open_ = [
        name
        for name, one in zip(names, (own, their), strict=True)
        if one.seats is not None and one.said is None and (own.said or their.said)
    ]
    notes += [f"{their.event}: {name} had not answered: ask for the people of it." for name in open_]
    return notes


# ── apart ──────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Parted:
    """What changes for one event when some leave. ``said_there``: the answer to be added for those who leave;
    ``said_here``: for those who stay, None where the one that is there holds."""

    event_id: uuid.UUID
    event: str
    seats_here: int
    seats_there: int
    said_here: Said | None
    said_there: Said | None
    notes: tuple[str, ...]


def apart(stands: Sequence[Stand], size: int, leaving: int, name: str) -> list[Parted]:
    """What changes for a household of ``size`` when so many ``leaving`` seats go; ``name``: its ref.

    Who stays has the first claim to seats and heads, so that together they are as many as before. A no and a maybe
    hold for both.
    """
    parted = []
    for stand in stands:
        if stand.seats is None:
            continue
        there = max(0, min(leaving, stand.seats - (size - leaving)))
        here = stand.seats - there
        said_here, said_there = _shares(stand.said, here, there, name)
        notes = tuple(_parted_notes(stand, here, there, said_there))
        parted.append(Parted(stand.event_id, stand.event, here, there, said_here, said_there, notes))
    return parted


def _shares(said: Said | None, here: int, there: int, name: str) -> tuple[Said | None, Said | None]:
    if said is None or there == 0:
        return None, None
    source = f"taken apart from {name}, which said {said}: {said.source}"
    theirs = replace(said, source=source, requested_heads=None)
    if said.status is not AnswerStatus.YES:
        return None, theirs
    go = min(there, max(said.heads - here, 0)) if said.heads is not None else None
    if go == 0:
        return None, None
    stay = said.heads - go if said.heads is not None and go is not None else None
    adults = _up_to(said.adults, stay)
    children = _up_to(said.children, None if stay is None else stay - (adults or 0))
    diets = _first(said.diets, here if stay is None else stay)
    ours = replace(said, heads=stay, adults=adults, children=children, diets=diets, source=source)
    theirs = replace(
        theirs,
        heads=go,
        adults=_rest(said.adults, adults),
        children=_rest(said.children, children),
        diets=dict(Counter(said.diets) - Counter(diets)),
    )
    return (ours if stay is not None or diets != said.diets else None), theirs


def _up_to(count: int | None, most: int | None) -> int | None:
    return count if count is None or most is None else min(count, most)


def _rest(count: int | None, taken: int | None) -> int | None:
    return None if count is None or taken is None else count - taken


def _first(diets: Mapping[str, int], heads: int) -> dict[str, int]:
    """As many meals as there are heads, the first that were named."""
    kept: dict[str, int] = {}
    for diet, count in diets.items():
        kept[diet] = min(count, heads - sum(kept.values()))
    return {diet: count for diet, count in kept.items() if count}


def _parted_notes(stand: Stand, here: int, there: int, said: Said | None) -> list[str]:
    if there == 0:
        return [f"{stand.event}: its {here} seats stay; invite those who leave if they are meant."]
    stays = "seat stays" if here == 1 else "seats stay"
    notes = [f"{stand.event}: {here} {stays}, {there} {'goes' if there == 1 else 'go'} along."]
    if said is not None:
        notes.append(f"{stand.event}: of the answer {stand.said}, {said} goes along.")
    elif stand.said is not None:
        notes.append(f"{stand.event}: the answer {stand.said} stays: ask those who leave.")
    return notes
