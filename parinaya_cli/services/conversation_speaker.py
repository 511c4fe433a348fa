"""Who speaks: the wedding, the household, what a message is about. Found by a tap's payload, the message that it
answers, the contact point; never by a name, and never guessed.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from parinaya_cli.domain import phones, taps
from parinaya_cli.domain.messages import InboundMessage, Tap
from parinaya_cli.domain.taps import TapMeaning
from parinaya_cli.domain.weddings import Wedding
from parinaya_cli.store import answers, statuses, weddings
from parinaya_cli.store import conversation as store
from parinaya_cli.store import people as people_store
from parinaya_cli.store.conversation import Household
from parinaya_cli.store.dispatches import Dispatch
from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class Ears:
    """What listening needs of the installation: its default phone number, and the secret of the buttons."""

    phone_number_id: str
    tap_secret: bytes


@dataclass(frozen=True)
class Speaker:
    """Who speaks: the wedding, the contact point, the household where that is certain, what it is about.

    ``households``: how many households the contact point belongs to. ``foreign``: a button of another
    household was tapped. ``points``: all contact points that the message shows (a number and a user id).
    ``elsewhere``: contact points of the same guest in other weddings that send from the number.
    """

    wedding: Wedding
    contact_point_id: uuid.UUID
    household: Household | None
    households: int
    about: tuple[uuid.UUID, ...] = ()
    tap: TapMeaning | None = None
    foreign: bool = False
    points: tuple[uuid.UUID, ...] = ()
    elsewhere: tuple[tuple[Wedding, uuid.UUID], ...] = ()


def find_speaker(tx: Transaction, message: InboundMessage, ears: Ears) -> Speaker | None:
    """Who sent a message; None when several weddings could be meant and none knows the contact point."""
    is_default = message.phone_number_id == ears.phone_number_id
    there = weddings.list_by_number(tx, message.phone_number_id, is_default=is_default)
    by_id = {wedding.id: wedding for wedding in there}
    points = [
        (wedding_id, point)
        for wedding_id, point in store.find_point_of(tx, message.sender.phone, message.sender.user_id)
        if wedding_id in by_id
    ]
    tapped = _read_tap(message, there, ears.tap_secret)
    answered = statuses.find_sent(tx, message.context_id) if message.context_id else None
    wedding_id, sure = None, True
    if tapped:
        wedding_id = tapped[0].id
    elif answered is not None and answered.wedding_id in by_id:
        wedding_id = answered.wedding_id
    elif len({one for one, _ in points}) == 1:
        wedding_id = points[0][0]
    elif points:
        wedding_id, sure = _meant(tx, points, by_id, message.phone_number_id)
    elif len(there) == 1:
        wedding_id = there[0].id
    if wedding_id is None:
        return None
    with tx.within(by_id[wedding_id]):
        mine = [point for one, point in points if one == wedding_id]
        point = mine[0] if mine else _new_point(tx, message)
        homes = [home for one in (mine or [point]) for home in store.households_of(tx, one)]
        tap = tapped[1] if tapped else None
        here = answered if answered and answered.wedding_id == wedding_id else None
        placed = _placed(tx, by_id[wedding_id], point, homes, tap, here)
        if not sure:
            placed = Speaker(by_id[wedding_id], point, None, len(points))
        others = tuple((by_id[one], point) for one, point in points if one != wedding_id)
        return replace(placed, points=tuple(mine or [point]), elsewhere=others)


def _meant(
    tx: Transaction,
    points: Sequence[tuple[uuid.UUID, uuid.UUID]],
    by_id: Mapping[uuid.UUID, Wedding],
    number: str,
) -> tuple[uuid.UUID, bool]:
    """Which of several weddings that know a guest is meant by plain words, and whether that is sure.

    It is when one alone told of what is still ahead, or when the last one that wrote is the only one to ask.
    """
    told, asked = set[uuid.UUID](), set[uuid.UUID]()
    for wedding_id, point in points:
        with tx.within(by_id[wedding_id]):
            homes = store.households_of(tx, point)
            if any(event.told for home in homes for event in answers.events_of_unit(tx, home.unit_id)):
                told.add(wedding_id)
            if store.is_asked(tx, point):
                asked.add(wedding_id)
    if len(told) == 1:
        return told.pop(), True
    written = store.last_written_to(tx, [point for _, point in points], number)
    last = next((one for one, point in points if point == written), points[0][0])
    return last, asked == {last}


def _read_tap(
    message: InboundMessage, there: Sequence[Wedding], secret: bytes
) -> tuple[Wedding, TapMeaning] | None:
    if not isinstance(message.content, Tap):
        return None
    for wedding in there:
        meaning = taps.read(secret, wedding.id, message.content.payload)
        if meaning is not None:
            return wedding, meaning
    return None


def _new_point(tx: Transaction, message: InboundMessage) -> uuid.UUID:
    if message.sender.phone:
        country = phones.country(message.sender.phone)
        return people_store.contact_point_once(tx, "phone", message.sender.phone, country=country)
    assert message.sender.user_id is not None, "the parser gives a phone or a user id"
    return people_store.contact_point_once(tx, "user_id", message.sender.user_id)


def _placed(
    tx: Transaction,
    wedding: Wedding,
    point: uuid.UUID,
    homes: Sequence[Household],
    tap: TapMeaning | None,
    answered: Dispatch | None,
) -> Speaker:
    distinct = list({home.unit_id: home for home in homes}.values())
    if tap is not None:
        home = next((one for one in distinct if tap.unit in one.numbers), None)
        if home is None:
            return Speaker(wedding, point, None, len(distinct), tap=tap, foreign=True)
        invited = answers.events_of_unit(tx, home.unit_id)
        meant = tuple(one.event_id for one in invited if one.number in tap.events)
        return Speaker(wedding, point, home, len(distinct), meant, tap)
    home = next((one for one in distinct if answered and answered.unit_id in one.ids), None)
    if home is None and len(distinct) == 1:
        home = distinct[0]
    return Speaker(wedding, point, home, len(distinct), answered.events if answered and home else ())
