"""How long a search among many people takes, compared with the bare query over their distinct names.

python -m tests.bench.bench_search [people]

The people are invented and go in by COPY, into embedded servers of the bench's own. ``PARINAYA_BENCH_PEOPLE`` sets
their number as well.
"""

from __future__ import annotations

import itertools
import os
import random
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import text

from parinaya_cli.domain import names
from parinaya_cli.domain.access import Actor, Channel, Role
from parinaya_cli.domain.audit import ChainKey
from parinaya_cli.domain.search import key, read
from parinaya_cli.domain.weddings import Wedding
from parinaya_cli.services import search, weddings
from parinaya_cli.store import engine, schema
from parinaya_cli.store.transaction import Transaction, open_transaction
from tests.bench.report import Row, show
from tests.servers import as_app, start_servers

PEOPLE = int(os.environ.get("PARINAYA_BENCH_PEOPLE", "1000000"))
QUERIES = 300
BAR_MS, BAR_RATIO = 60.0, 2.0
_HEADS = "a aa su ra vi ki ma sha pra de an ni ka la go ha sa ta ja ru di bha lo me ve shi tri ya na mu"
_MIDDLES = "ni sh ra vi la ma nd ya ka sh na ti ksh me du ru ja ga bhi sha lpa nda rti"
_TAILS = "ta t sh r n esh it ika ini an ya l ndra j v raj deep kumar"
_FAMILIES = (
    "Sharma Gupta Verma Rao Iyer Iyengar Nair Menon Reddy Patel Shah Mehta Desai Joshi Kulkarni Deshpande Patil Singh "
    "Kaur Gill Sandhu Chowdhury Banerjee Mukherjee Chatterjee Ghosh Bose Das Sen Roy Mishra Tiwari Pandey Dubey "
    "Agarwal Bansal Goel Mittal Jain Khanna Kapoor Malhotra Chopra Sethi Bhatia Khan Ahmed Ansari Qureshi Fernandes "
    "DSouza Pereira Thomas Varghese Kurian Pillai Naidu Chetty Hegde Shetty Bhat Kamath Pai Gowda Yadav Chauhan "
    "Rathore Solanki Parmar Trivedi Bhatt Dave Pandya Vyas Saxena Srivastava Mathur Nigam Kaul Dhar Raina"
)


def _invented() -> tuple[list[str], list[str]]:
    """Given names and family names, the common ones first."""
    chance = random.Random(7)
    parts = [each.split() for each in (_HEADS, _MIDDLES, _TAILS)]
    given = sorted({"".join(one).title() for one in itertools.product(*parts)})
    chance.shuffle(given)
    return given[:1550], _FAMILIES.split()


def people(count: int) -> Iterator[str]:
    """Full names, as uneven as they are in life: few are very common, most are rare."""
    chance = random.Random(11)
    given, family = _invented()
    by_rank = [1 / (rank + 20) for rank in range(len(given))]
    for first, last in zip(
        chance.choices(given, by_rank, k=count),
        chance.choices(family, [1 / (rank + 5) for rank in range(len(family))], k=count),
        strict=True,
    ):
        yield f"{first} {last}"


def fill(conn: Any, wedding: uuid.UUID, count: int) -> int:
    """Everybody with a phone, by COPY; returns how many distinct names there are."""
    cursor = conn.connection.driver_connection.cursor()
    folded: dict[str, str] = {}
    with cursor.copy(
        "COPY people (id, wedding_id, number, full_name, folded, side, tags) FROM STDIN"
    ) as copy:
        for number, name in enumerate(people(count), 1):
            known = folded.get(name)
            if known is None:
                known = folded[name] = names.fold_name(names.split(name))
            side, tags = ("bride", "groom", "both")[number % 3], "{vip}" if number % 997 == 0 else "{}"
            copy.write_row((uuid.UUID(int=number), wedding, number, name, known, side, tags))
    with cursor.copy("COPY contact_points (id, wedding_id, kind, value, country) FROM STDIN") as copy:
        for number in range(1, count + 1):
            phone = f"+9198{(number * 7919) % 100_000_000:08d}"
            copy.write_row((uuid.UUID(int=number), wedding, "phone", phone, "IN"))
    with cursor.copy("COPY person_contacts (wedding_id, person_id, contact_point_id) FROM STDIN") as copy:
        for number in range(1, count + 1):
            copy.write_row((wedding, uuid.UUID(int=number), uuid.UUID(int=number)))
    with cursor.copy("COPY folded_names (wedding_id, folded, key) FROM STDIN") as copy:
        for name in sorted(set(folded.values())):
            copy.write_row((wedding, name, key(name)))
    return len(set(folded.values()))


def queries(kind: str) -> list[str]:
    """What operators type: whole names, parts, misspelt names, phones."""
    chance = random.Random(kind)
    some = list(itertools.islice(people(200_000), 199_000, 199_000 + QUERIES))
    match kind:
        case "whole names":
            return some
        case "given names":
            return [name.split()[0] for name in some]
        case "beginnings":
            return [name[: chance.randint(3, 6)] for name in some]
        case "misspelt names":
            return [_misspelt(name, chance) for name in some]
        case "misspelt given names":
            return [_misspelt(name.split()[0], chance) for name in some]
        case _:
            return [f"98{chance.randrange(100_000_000):08d}"[chance.choice((0, 6)) :] for _ in some]


def _misspelt(name: str, chance: random.Random) -> str:
    place = chance.randrange(1, len(name) - 2)
    return name[:place] + name[place + 1] + name[place] + name[place + 2 :]


KINDS = ("whole names", "given names", "beginnings", "misspelt names", "misspelt given names", "phones")


def timed(task: Callable[[], object]) -> float:
    """Milliseconds."""
    begun = time.perf_counter()
    task()
    return (time.perf_counter() - begun) * 1000


def p99(times: Sequence[float]) -> float:
    """The time that one in a hundred exceeds."""
    return statistics.quantiles(times, n=100)[98]


@contextmanager
def _acting(db: engine.Database, wedding: Wedding) -> Iterator[Transaction]:
    actor = Actor("bench", Role.OWNER, Channel.CLI)
    with open_transaction(db, actor, ChainKey(b"bench")) as tx:
        tx.bind(wedding)
        yield tx


def bare(tx: Transaction, typed: str) -> None:
    """The query over the distinct names alone, as one would write it by hand."""
    tx.rows(
        "SELECT folded FROM folded_names WHERE wedding_id = :wedding AND key % :key "
        "ORDER BY similarity(key, :key) DESC LIMIT 20",
        key=read(typed).key,
    )


def main(count: int = PEOPLE) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        url = start_servers(Path(folder)).database_url
        db = engine.open_engine(url, pool=1)
        schema.upgrade(db)
        with open_transaction(db, Actor("bench", Role.SYSTEM, Channel.CLI), ChainKey(b"bench")) as tx:
            wedding = weddings.add(tx, Wedding(uuid.UUID(int=0), "bench", "Bench"))
        begun = time.perf_counter()
        with db.begin() as conn:
            conn.execute(text("SET LOCAL statement_timeout = 0"))
            distinct = fill(conn, wedding.id, count)
        with db.connect() as conn:
            calm = conn.execution_options(isolation_level="AUTOCOMMIT")
            calm.execute(text("VACUUM ANALYZE"))
            calm.execute(text("CHECKPOINT"))
        print(f"{count:,} people, {distinct:,} distinct names, in {time.perf_counter() - begun:.0f} s")
        db.dispose()
        db = engine.open_engine(as_app(url), pool=1)
        found, floor = _measure(db, wedding)
        db.dispose()
    rows = [Row("bare query, p50", statistics.median(floor)), Row("bare query, p99", p99(floor))]
    for kind in KINDS:
        rows.append(Row(f"{kind}, p50", statistics.median(found[kind])))
        rows.append(Row(f"{kind}, p99", p99(found[kind])))
    every = [one for kind in KINDS for one in found[kind]]
    rows.append(Row("all together, p50", statistics.median(every)))
    rows.append(Row("all together, p99", p99(every), p99(every) / p99(floor), BAR_RATIO))
    rows.append(Row("all together, p99 to the bar", p99(every), p99(every) / BAR_MS, 1.0))
    show(
        "people search",
        rows,
        note=f"ratio: to the bare query's p99; the last line: to {BAR_MS:g} ms. {QUERIES} of each kind.",
    )


def _measure(db: engine.Database, wedding: Wedding) -> tuple[dict[str, list[float]], list[float]]:
    """Times of each kind, and of the bare query for all that is no phone.

    They take turns, so that a busy moment of the machine falls on all.
    """
    found: dict[str, list[float]] = {kind: [] for kind in KINDS}
    floor: list[float] = []
    turns = [(kind, one) for kind in KINDS for one in queries(kind)]
    random.Random(3).shuffle(turns)
    with _acting(db, wedding) as tx:
        for kind, one in (*turns[:100], *turns):
            found[kind].append(timed(lambda: search.find_people(tx, one, limit=20)))  # noqa: B023
            if kind != "phones":
                floor.append(timed(lambda: bare(tx, one)))  # noqa: B023
    return found, floor


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
