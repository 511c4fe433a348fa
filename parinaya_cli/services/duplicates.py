"""Duplicates: finding people who may be one, showing why, and deciding. Merging them stands in ``applies``."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from parinaya_cli.domain import access, duplicates, refs
from parinaya_cli.domain.access import Permission, Role
from parinaya_cli.domain.dedupe.compare import Signals
from parinaya_cli.domain.dedupe.explain import Explanation, explain
from parinaya_cli.domain.dedupe.normalise import normalise
from parinaya_cli.domain.dedupe.score import probability
from parinaya_cli.domain.duplicates import Ground, Question, Verdict
from parinaya_cli.domain.errors import Locked, NotFound, NotPermitted, UsedWrongly
from parinaya_cli.services import people
from parinaya_cli.store import duplicate_near as near
from parinaya_cli.store import duplicate_scans as scans
from parinaya_cli.store import duplicates as store
from parinaya_cli.store.duplicates import Duplicate, PairFilter
from parinaya_cli.store.people import Person
from parinaya_cli.store.transaction import Begin, Transaction

INVITED = "already invited"

SMALL = 5_000
"""Of so many people all are read anew by every scan: it takes seconds, and what is rare is counted exactly."""

_NEW_SHARE = 0.25


@dataclass(frozen=True)
class ScanReport:
    """What a scan found. ``pairs`` that nobody has decided on are ``sure`` or ``unsure``; ``clusters``: how many people
    ``apply`` would make of those who are one; ``compared``: how many people were new or changed; ``reopened``: refs of
    pairs whose decision new evidence speaks against."""

    scan: str
    people: int
    pairs: int
    sure: int
    unsure: int
    clusters: int
    compared: int
    reopened: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class PairView:
    """A pair side by side: both people as pages show them, and what speaks for and against.

    ``doubt``: why people have to decide although the score would do.
    """

    pair: Duplicate
    left: Mapping[str, object]
    right: Mapping[str, object]
    explanation: Explanation
    doubt: str = ""


def _look(tx: Transaction, everyone: bool, small: int) -> tuple[Ground, frozenset[uuid.UUID] | None, int]:
    """What a scan looks at, who of it is compared with all (None: everybody), and how many people there are.

    Everybody is read where there are few, and again where a quarter came in since that was done last.
    """
    fresh, count = scans.list_fresh(tx), near.count_people(tx)
    known = None if everyone or count <= small or len(fresh) == count else near.read_learned(tx)
    if known is None or count - known[1] + len(fresh) > _NEW_SHARE * count:
        ground = scans.read_ground(tx)
        count = len(ground.records)
        return ground, None if everyone or count == len(fresh) else fresh, count
    return near.read_near(tx, fresh, known[0]), fresh, count


def scan(
    begin: Begin,
    *,
    everyone: bool = False,
    small: int = SMALL,
    progress: Callable[[int], None] | None = None,
) -> ScanReport:
    """Find who may be one person: whoever came in or changed since the last scan against all, or ``everyone``.

    ``progress`` is told how many people are done, twice: once read, once compared. Nothing is locked meanwhile: a pair
    remembers the versions of its people. Pairs that are there keep their refs, and their decisions unless a name or
    contact point changed and the score went across what was decided. Scores of pairs that are not compared again stay:
    a scan of everyone may move them a little, as it counts anew how rare each name is in the lists. Of more than
    ``small`` people only those are read who share something with the new ones.
    """
    started = time.monotonic()
    with begin() as tx:
        access.require(tx.actor, Permission.PEOPLE)
        ground, fresh, count = _look(tx, everyone, small)
    outcome = duplicates.assess(ground, fresh, progress)
    with begin() as tx:
        access.require(tx.actor, Permission.PEOPLE)
        scans.lock(tx)
        ref = scans.write_scan(tx, ground, outcome, count)
        store.reopen(tx, outcome.reopened)
        reopened = tuple(refs.make(refs.Kind.DUPLICATE, one.number) for one in outcome.reopened)
        for known, name in zip(outcome.reopened, reopened, strict=True):
            before = {"verdict": known.verdict}
            tx.audit("duplicate.reopen", "duplicate", ref=name, entity_id=known.id, before=before)
        pairs, sure = store.count_open(tx)
        report = ScanReport(
            ref,
            count,
            pairs,
            sure,
            pairs - sure,
            near.count_clusters(tx) if ground.near else outcome.clusters,
            count if fresh is None else len(fresh),
            reopened,
            round(time.monotonic() - started, 2),
        )
        figures = {"people": report.people, "compared": report.compared, "pairs": pairs, "sure": sure}
        tx.audit("duplicate.scan", "scan", ref=ref, after=figures)
    return report


# ── pairs ──────────────────────────────────────────────────────────────────────────────────────────────


def list_pairs(
    tx: Transaction, *, sure: bool | None = None, decided: bool = False, limit: int | None = None
) -> tuple[list[dict[str, object]], int]:
    """The pairs that nobody has decided on (or those ``decided``) as documents, the likeliest first; how many in all.

    Who sees one side only sees a pair with somebody of the other side where that one is invited, and no more of it.
    """
    access.require(tx.actor, Permission.READ)
    wanted = PairFilter(sure, decided, tx.actor.sides)
    found, total = store.list_pairs(tx, wanted, limit=limit)
    told = _explanations(tx, found)
    return [_document(tx, pair, told.get(pair.id)) for pair in found], total


def _explanations(tx: Transaction, pairs: Sequence[Duplicate]) -> dict[uuid.UUID, Explanation]:
    """Why these pairs were found, in words: from the codes that the scan left."""
    records = scans.list_records(tx, sorted({one for pair in pairs for one in (pair.left_id, pair.right_id)}))
    entries = {uuid.UUID(one.id): one for one in normalise(list(records.values()), tx.wedding.region)}
    return {
        pair.id: explain(entries[pair.left_id], entries[pair.right_id], Signals("", pair.signals))
        for pair in pairs
        if pair.left_id in entries and pair.right_id in entries
    }


def _document(tx: Transaction, pair: Duplicate, told: Explanation | None) -> dict[str, object]:
    left, right = (refs.make(refs.Kind.PERSON, one) for one in (pair.left_number, pair.right_number))
    document: dict[str, object] = {
        "ref": pair.ref,
        "left": left,
        "right": right,
        "left_name": pair.left_name,
        "right_name": pair.right_name,
    }
    if tx.actor.role is Role.DESK:
        return document
    hidden = [one for one in ("left", "right") if not _is_seen(tx, getattr(pair, f"{one}_side"))]
    if hidden:
        document |= {name: None for one in hidden for name in (one, f"{one}_name")}
        return {**document, "score": None, "why": [INVITED], "against": []}
    return {
        **document,
        "score": round(probability(pair.odds), 4),
        "why": list(told.why) if told else [],
        "against": list(told.against) if told else [],
        "sure": pair.sure,
        "changed": pair.changed,
        "decision": pair.verdict,
        "decided_by": pair.decided_by or None,
        "decided_at": pair.decided_at.astimezone(tx.wedding.zone) if pair.decided_at else None,
        "reason": pair.decided_why or None,
    }


def _is_seen(tx: Transaction, side: str | None) -> bool:
    return tx.actor.sides is None or side in tx.actor.sides


def explain_people(tx: Transaction, left: str, right: str) -> tuple[Person, Person, Explanation]:
    """Every signal of two people with its weight, in the light of all lists; they need not have been paired.

    Raises:
        NotFound: there is no such person that the actor may see.
        UsedWrongly: both names mean one person.
    """
    access.require(tx.actor, Permission.READ)
    if tx.actor.role is Role.DESK:
        raise NotPermitted("The desk sees names only.", "Ask an operator of the wedding.")
    ours, theirs = people.find(tx, left), people.find(tx, right)
    if ours.id == theirs.id:
        raise UsedWrongly(f"{left} and {right} are one person already: {ours.ref}.", "Name two people.")
    return ours, theirs, duplicates.explain_two(scans.read_ground(tx), ours.id, theirs.id)


def view(tx: Transaction, name: str) -> PairView:
    """A pair side by side.

    Raises:
        NotFound: there is no such pair, or they are one already, or one of them is removed.
    """
    access.require(tx.actor, Permission.PEOPLE)
    pair = _find(tx, name)
    left, right = (people.whole(tx, people.find(tx, str(one))) for one in (pair.left_id, pair.right_id))
    told = _explanations(tx, [pair])[pair.id]
    records = scans.list_records(tx, [pair.left_id, pair.right_id])
    doubt = "" if pair.sure else duplicates.why_not_sure(records[pair.left_id], records[pair.right_id], told)
    return PairView(pair, left, right, told, doubt)


def list_open(tx: Transaction, *, sure: bool, min_score: float) -> list[Question]:
    """What is to be decided from a score up, the likeliest first.

    Of all pairs of the same two people, counting those who surely are one as one, only the likeliest is asked.
    """
    access.require(tx.actor, Permission.PEOPLE)
    found, _ = store.list_pairs(tx, PairFilter(None, False, tx.actor.sides), limit=None)
    seen = [
        Question(one.ref, one.left_id, one.right_id)
        for one in found
        if one.sure == sure
        and probability(one.odds) >= min_score
        and _is_seen(tx, one.left_side)
        and _is_seen(tx, one.right_side)
    ]
    decided = scans.list_decided(tx)
    same = [(one.left, one.right) for one in decided if one.verdict is Verdict.SAME]
    same += [] if sure else [(one.left_id, one.right_id) for one in found if one.sure]
    two = [(one.left, one.right) for one in decided if one.verdict is Verdict.DIFFERENT]
    return duplicates.questions(seen, same, two)


# ── decisions ──────────────────────────────────────────────────────────────────────────────────────────


def decide(tx: Transaction, name: str, verdict: str, *, only_open: bool = False) -> dict[str, object]:
    """Remember that a pair is one person or two; the pair as a document.

    ``same`` is merged by the next ``apply``. A second decision takes the place of the first.

    Raises:
        NotFound: there is no such pair, or they are one already, or one of them is removed.
        UsedWrongly: the verdict is neither "same" nor "different".
        Locked: ``only_open``, and somebody else has decided meanwhile.
    """
    access.require(tx.actor, Permission.PEOPLE)
    if verdict not in tuple(Verdict):
        raise UsedWrongly(f"{verdict!r} is no decision.", "Say same or different.")
    scans.lock(tx)
    pair = _find(tx, name)
    if only_open and pair.verdict:
        raise Locked(f"{pair.decided_by} has decided meanwhile: {pair.verdict}.", "Go on with the next.")
    if pair.verdict != verdict:
        records = scans.list_records(tx, [pair.left_id, pair.right_id])
        store.decide(
            tx, pair, Verdict(verdict), duplicates.evidence(records[pair.left_id], records[pair.right_id])
        )
        _audit(tx, pair, verdict)
        pair = _find(tx, name)
    return _document(tx, pair, _explanations(tx, [pair]).get(pair.id))


def take_back(tx: Transaction, name: str, verdict: str) -> None:
    """Forget the verdict on a pair: it is asked again.

    Raises:
        NotFound: there is no such pair, or they are one already, or one of them is removed.
        Locked: somebody has decided otherwise since.
    """
    access.require(tx.actor, Permission.PEOPLE)
    scans.lock(tx)
    pair = _find(tx, name)
    if pair.verdict != verdict:
        raise Locked("Somebody has decided otherwise since.", "See `parinaya dedupe pairs --decided`.")
    store.decide(tx, pair, None, "")
    _audit(tx, pair, None)


def _audit(tx: Transaction, pair: Duplicate, verdict: str | None) -> None:
    two = [refs.make(refs.Kind.PERSON, one) for one in (pair.left_number, pair.right_number)]
    tx.audit(
        "duplicate.decide",
        "duplicate",
        ref=pair.ref,
        entity_id=pair.id,
        before={"verdict": pair.verdict, "by": pair.decided_by},
        after={"verdict": verdict, "people": two},
    )


def _find(tx: Transaction, name: str) -> Duplicate:
    pair = store.find(tx, refs.read(name, refs.Kind.DUPLICATE))
    if pair is None or not (_is_seen(tx, pair.left_side) and _is_seen(tx, pair.right_side)):
        raise NotFound(f"There is no pair {name!r}.", "See `parinaya dedupe pairs`.")
    if pair.gone:
        raise NotFound(
            f"{pair.ref} is settled: its people are one already, or one of them was removed.",
            "See `parinaya dedupe pairs`; `parinaya people unmerge` takes a merge apart.",
        )
    return pair
