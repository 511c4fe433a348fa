"""Finding people by whatever an operator remembers of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from parinaya_cli.domain import access, phones, refs
from parinaya_cli.domain.access import Permission, Role
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.search import Wanted, beginnings, likeness, read
from parinaya_cli.services import people
from parinaya_cli.store import people as people_store
from parinaya_cli.store import search as store
from parinaya_cli.store.people import Person
from parinaya_cli.store.search import Hit
from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class Found:
    """A person who was found; ``score``: from 0 to 1, where 1 is what was typed."""

    person: Person
    score: float


def find_people(tx: Transaction, text: str, *, limit: int = 20) -> list[Found]:
    """The people whom ``text`` may mean, best first: a name or a part of it however it is spelt, a phone in any
    writing or its first or last digits, an email, a tag, a ref, the id that a list gives somebody.

    An actor finds whom they may see, by what they may see of them: the desk by names and refs alone.

    Raises:
        UsedWrongly: nothing was typed that could be looked for.
    """
    access.require(tx.actor, Permission.READ)
    wanted = read(text)
    if not (wanted.folded or wanted.digits or wanted.word):
        raise UsedWrongly("There is nothing to look for.", "Give a part of a name, a phone or a tag.")
    sides = tx.actor.sides
    hits = _by_ref(tx, wanted, sides, limit)
    if tx.actor.role is not Role.DESK:
        hits += _by_facts(tx, wanted, sides, limit)
    if not wanted.digits:
        named = store.by_name(tx, wanted.folded, wanted.key, sides=sides, limit=limit)
        hits += named
        if len(named) < limit:
            alike = store.by_likeness(tx, wanted.key, sides=sides, limit=limit)
            hits += [Hit(one.person_id, one.number, likeness(one.score)) for one in alike]
    best = _best(hits, limit)
    known = {person.id: person for person in people_store.list_by_ids(tx, list(best))}
    return [Found(known[one], score) for one, score in best.items() if one in known]


def _by_ref(tx: Transaction, wanted: Wanted, sides: Sequence[str] | None, limit: int) -> list[Hit]:
    if not refs.looks_like_one(wanted.text):
        return []
    letter, number = wanted.text[0].upper(), int(wanted.text[1:])
    person = number if letter == refs.Kind.PERSON else None
    unit = number if letter == refs.Kind.UNIT else None
    return store.by_number(tx, person, unit, sides=sides, limit=limit)


def _by_facts(tx: Transaction, wanted: Wanted, sides: Sequence[str] | None, limit: int) -> list[Hit]:
    hits = store.by_external_id(tx, wanted.text, sides=sides, limit=limit)
    if wanted.digits:
        begins = beginnings(wanted, phones.country_code(tx.wedding.region))
        ends = "" if wanted.whole else wanted.digits
        hits += store.by_phone(tx, begins, ends, sides=sides, limit=limit)
    if wanted.digits or "@" in wanted.word or "." in wanted.word:
        hits += store.by_address(tx, wanted.word, sides=sides, limit=limit)
    return hits + store.by_tag(tx, wanted.word, sides=sides, limit=limit)


def _best(hits: Iterable[Hit], limit: int) -> dict[uuid.UUID, float]:
    """Each person once, with the best score, the best first; those who came first among equals."""
    scores: dict[uuid.UUID, Hit] = {}
    for one in hits:
        if one.person_id not in scores or scores[one.person_id].score < one.score:
            scores[one.person_id] = one
    ranked = sorted(scores.values(), key=lambda one: (-one.score, one.number))
    return {one.person_id: one.score for one in ranked[:limit]}


def document(tx: Transaction, found: Found) -> dict[str, object]:
    """A person who was found as ``--json`` shows one."""
    return {**people.document(tx, found.person), "score": round(found.score, 3)}
