"""What else finds duplicates: exact agreement, a day's script with rapidfuzz, splink where it is installed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from rapidfuzz import fuzz

from parinaya_cli.domain import phones
from parinaya_cli.domain.dedupe.normalise import Record

Labels = list[int]

_NOISE = re.compile(
    r"\b(?:mr|mrs|ms|dr|shri|smt|sh|ji|uncle|aunty|bhai|ben|bhaiya|didi|chacha|mama|sahab|kaka|masi|mami|col|prof)\b\.?"
)
_GROUP = re.compile(r"&|\+|\band\b|\bfamily\b|mr/mrs", re.IGNORECASE)


def joined(count: int, pairs: Sequence[tuple[int, int]]) -> Labels:
    """A label for every row: rows joined by a chain of pairs have one."""
    parents = list(range(count))

    def root(place: int) -> int:
        while parents[place] != place:
            parents[place] = parents[parents[place]]
            place = parents[place]
        return place

    for left, right in pairs:
        parents[root(left)] = root(right)
    return [root(place) for place in range(count)]


def _numbers(record: Record) -> list[str]:
    found = (phone.e164 for cell in record.phones for phone in phones.read_cell(cell, "IN"))
    return [number for number in found if number]


def exact(records: Sequence[Record]) -> Labels:
    """Rows with the same name, but for case and spaces, and a number in common."""
    seen: dict[tuple[str, str], int] = {}
    pairs: list[tuple[int, int]] = []
    for place, record in enumerate(records):
        name = " ".join(record.full_name.casefold().split())
        for number in _numbers(record):
            first = seen.setdefault((name, number), place)
            if first != place:
                pairs.append((first, place))
    return joined(len(records), pairs)


def _plain(name: str) -> str:
    text = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(re.sub(r"[^\w\s]", " ", _NOISE.sub(" ", text)).split())


def script(records: Sequence[Record]) -> Labels:
    """A script as one writes in a day: blocks by number and by the beginnings of names, token_set_ratio, thresholds."""
    names = [_plain(record.full_name) for record in records]
    group = [bool(_GROUP.search(record.full_name)) for record in records]
    numbers = [set(_numbers(record)) for record in records]
    blocks: defaultdict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(names):
        for number in numbers[place]:
            blocks[number].append(place)
        for word in name.split():
            blocks[word[:4]].append(place)
    pairs: set[tuple[int, int]] = set()
    for block in blocks.values():
        for position, left in enumerate(block[:200]):
            for right in block[position + 1 : 200]:
                if group[left] == group[right] and _alike(records, names, numbers, left, right):
                    pairs.add((left, right))
    return joined(len(records), sorted(pairs))


def _alike(
    records: Sequence[Record], names: Sequence[str], numbers: Sequence[set[str]], left: int, right: int
) -> bool:
    if numbers[left] & numbers[right]:
        return fuzz.token_set_ratio(names[left], names[right]) >= 80
    if numbers[left] and numbers[right]:
        return False
    cities = {records[left].city.casefold(), records[right].city.casefold()} - {""}
    enough = len(names[left].split()) > 1 and len(names[right].split()) > 1
    return enough and len(cities) < 2 and fuzz.token_sort_ratio(names[left], names[right]) >= 90


SPLINK = "splink 5 (DuckDB), trained by EM"
INTERPRETER = "PARINAYA_PEERS_PYTHON"
HOW = (
    "splink and duckdb are not installed here and were not measured. In another environment: pip install splink duckdb "
    f"pandas; then name its interpreter in {INTERPRETER}."
)


def splink(interpreter: str, records: Sequence[Record]) -> Labels:
    """Splink on DuckDB with usual comparisons (splink_peer.py), in a process of an interpreter that has both.

    Raises:
        subprocess.CalledProcessError: the process failed.
    """
    rows = [
        {"unique_id": place, "name": _plain(record.full_name), "phone": next(iter(_numbers(record)), None)}
        | {"city": record.city.casefold() or None, "first": _plain(record.full_name)[:4]}
        for place, record in enumerate(records)
    ]
    told = subprocess.run(
        [interpreter, str(Path(__file__).with_name("splink_peer.py"))],
        input=json.dumps(rows),
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    return joined(len(records), json.loads(told.stdout.splitlines()[-1]))


def peers() -> dict[str, Callable[[Sequence[Record]], Labels]]:
    """The peers that can run here, by name."""
    there: dict[str, Callable[[Sequence[Record]], Labels]] = {
        "same phone and same name, exact": exact,
        "rapidfuzz script, a day's work": script,
    }
    here = all(find_spec(name) for name in ("splink", "duckdb"))
    if interpreter := os.environ.get(INTERPRETER) or (sys.executable if here else ""):
        there[SPLINK] = partial(splink, interpreter)
    return there
