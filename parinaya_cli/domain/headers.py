"""The columns of a list that a family sent: which column holds what, by its header and by what stands below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from parinaya_cli.domain import contents
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.exports import KINDS, PEOPLE_ONLY_TOLD, unguard
from parinaya_cli.domain.header_events import event_of, known_events
from parinaya_cli.domain.header_forms import FIELDS, KEPT, counts_some, field_of, is_a, key
from parinaya_cli.domain.header_rows import find_header
from parinaya_cli.domain.header_table import NAMES, PHONES, Table, by_content, by_header, quoted, settle

__all__ = [
    "FIELDS",
    "REJECTS_TAIL",
    "ColumnGuess",
    "Columns",
    "Occurrences",
    "find_header",
    "key",
    "recognise",
]

REJECTS_TAIL = ("reason", "line")  # what a rejects file has behind the original columns

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Occurrences:
    """Counts how often each key came, in little memory: by the 64 bits of its hash."""

    def __init__(self) -> None:
        self._once: set[int] = set()
        self._often: dict[int, int] = {}

    def count(self, key: object) -> int:
        """How often this key has now come, from 1 on."""
        short = hash(key)
        if short not in self._once:
            self._once.add(short)
            return 1
        self._often[short] = self._often.get(short, 1) + 1
        return self._often[short]


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """How one column is understood, to be shown before it counts.

    ``field``: empty where the column is kept as extra. ``how``: from the ``header``, from the ``content``, told with
    ``map`` or by a ``preset``; empty where nothing was recognised. ``samples``: up to three different values.
    """

    header: str
    field: str
    how: str
    samples: tuple[str, ...]


@dataclass(frozen=True)
class Columns:
    """How the columns of one list are understood, for one pass over its rows.

    ``fields``: column number (0-based) to field. ``unknown``: column number to the name under which its cells are
    kept in a person's extra; columns that count a part of the people are in both. ``shown``: every header with its
    field, empty where none was recognised; ``guesses``: the same with their grounds and samples. ``warnings``:
    sentences about the header. ``header_is_data``: there is no header, the first row is the first person.
    ``titles``: what a rejects file has as header. ``event_columns``: column number to the slug of the event to which
    its cells invite. ``events``: what an event may be called (folded) to its slug. ``counters``: names of extra that
    count rows and say nothing of the person. ``dial_code``: the column of the country codes of phones.
    ``second_names``: names of extra that name the person where the name is missing. ``own``: parinaya has written it,
    so that names are not taken apart again. Repeated rows of one list are
    told apart by what ``seen`` has counted: use a new value for each pass.
    """

    fields: dict[int, str]
    unknown: dict[int, str]
    shown: list[tuple[str, str]]
    warnings: tuple[str, ...] = ()
    header_is_data: bool = False
    titles: tuple[str, ...] = ()
    ignored: frozenset[int] = frozenset()
    seen: Occurrences = field(default_factory=Occurrences, compare=False, repr=False)
    guesses: tuple[ColumnGuess, ...] = ()
    event_columns: Mapping[int, str] = field(default_factory=dict)
    events: Mapping[str, str] = field(default_factory=dict)
    counters: tuple[str, ...] = ()
    dial_code: int | None = None
    second_names: tuple[str, ...] = ()
    own: bool = False


def recognise(
    header: Sequence[str],
    wanted: Mapping[str, str],
    sample: Sequence[Sequence[str]] = (),
    events: Sequence[tuple[str, str]] = (),
    preset: Mapping[str, str] = _NOTHING,
) -> Columns:
    """Which column holds which field.

    ``wanted``: their header to field, as given with ``--map``; it wins, and its field ``extra`` keeps a column as it
    is. ``preset``: the same, remembered from an earlier list; a header of it that this list has not is passed over.
    ``sample``: the first rows behind the header; they decide where the header says nothing, and where it contradicts
    them. ``events``: slug and title of the wedding's events; a column that bears one of them says who is invited.

    Raises:
        UsedWrongly: a field or header of ``wanted`` does not exist, or neither a name nor a phone is recognised.
    """
    titles = [" ".join(cell.split()) for cell in header]
    if _is_own(titles) and not wanted:
        return _own(titles, sample)
    told = _mapped(titles, wanted)
    if not told and _looks_like_data(titles):
        return _without_header(titles, sample, events)
    table = Table(titles, contents.columns_of(sample, len(titles)), known_events(events))
    table.ignored = _rejects_tail(titles)
    for column, name in told.items():
        table.give(column, name, "map")
    for column, name in _mapped(titles, preset, strict=False).items():
        if column not in told:
            table.give(column, name, "preset")
    by_header(table)
    by_content(table)
    settle(table)
    if not table.has(NAMES | PHONES):
        raise UsedWrongly(
            f"No column with names or phone numbers was recognised; the first row reads: {quoted(titles)}.",
            'Say which column is which, such as --map "THEIR HEADER=full_name" --map "THEIR HEADER=phone".',
        )
    return _columns(table)


def _mapped(titles: Sequence[str], wanted: Mapping[str, str], strict: bool = True) -> dict[int, str]:
    mapped: dict[int, str] = {}
    keys = [key(cell) for cell in titles]
    for theirs, name in wanted.items():
        name = name.strip()
        if name not in FIELDS and name != KEPT:
            raise UsedWrongly(
                f"There is no field “{name}”.",
                f"The fields are: {', '.join(FIELDS)}; {KEPT} keeps a column as it is.",
            )
        columns = [i for i, cell in enumerate(titles) if cell == " ".join(theirs.split())]
        columns = columns or [i for i, known in enumerate(keys) if known and known == key(theirs)]
        if not columns and strict:
            raise UsedWrongly(
                f"The list has no column “{theirs}”; it has: {quoted(titles)}.",
                "Write the header in --map as it stands in the list.",
            )
        mapped |= dict.fromkeys(columns, name)
    return mapped


# ── what parinaya has written itself ───────────────────────────────────────────────────────────────────

_OWN = KINDS["people"].names


def _is_own(titles: Sequence[str]) -> bool:
    """Is it an export of people? Then every column is known, whatever its header might mean elsewhere."""
    return tuple(titles[: len(_OWN)]) == _OWN


def _own(titles: Sequence[str], sample: Sequence[Sequence[str]]) -> Columns:
    """An export comes back: fields are fields, what lists said besides is that again, the rest is passed over.

    Whoever exports without the right to see phones has other columns, and their file is read like any list.
    """
    tail = _rejects_tail(titles)
    plain = [unguard(title) if place >= len(_OWN) else title for place, title in enumerate(titles)]
    fields = {place: name for place, name in enumerate(_OWN) if name not in PEOPLE_ONLY_TOLD}
    extra = {place: plain[place] for place in range(len(_OWN), len(plain)) if place not in tail}
    below = contents.columns_of(sample, len(plain))
    return Columns(
        fields,
        extra,
        [(title, fields.get(place, "")) for place, title in enumerate(plain)],
        titles=tuple(title for place, title in enumerate(titles) if place not in tail),
        ignored=tail,
        guesses=tuple(
            ColumnGuess(
                title, fields.get(place, ""), "header" if place in fields else "", below[place].samples
            )
            for place, title in enumerate(plain)
            if place not in tail
        ),
        own=True,
    )


# ── putting together ───────────────────────────────────────────────────────────────────────────────────


def _columns(table: Table) -> Columns:
    fields = {column: name for column, name in sorted(table.fields.items()) if name != KEPT}
    by_event = {
        column: slug
        for column, name in fields.items()
        if name == "events" and (slug := event_of(table.titles[column], table.events, table.below[column]))
    }
    names = _names_of_extra(table.titles)
    kept = {
        column: name
        for column, name in names.items()
        if column not in table.ignored
        and (column not in fields or _both(table.titles[column], fields[column]))
    }
    shown = [(title, fields.get(column, "")) for column, title in enumerate(table.titles)]
    code = next((c for c in kept if is_a("dial_code", table.titles[c])), None)
    if code is not None:
        table.warnings.append(f"“{table.titles[code]}” is put before the numbers that have no country code.")
    return Columns(
        {column: name for column, name in fields.items() if column not in by_event},
        kept,
        shown,
        tuple(table.warnings),
        titles=tuple(title for column, title in enumerate(table.titles) if column not in table.ignored),
        ignored=table.ignored,
        guesses=_guesses(table, fields),
        event_columns=by_event,
        events=table.events,
        counters=tuple(names[c] for c in kept if _counts_rows(table, c)),
        dial_code=code,
        second_names=tuple(names[c] for c in kept if field_of(table.titles[c]) == "full_name"),
    )


def _both(title: str, name: str) -> bool:
    return name == "party_size" and counts_some(title)


def _counts_rows(table: Table, column: int) -> bool:
    if column in table.fields:
        return False
    title, below = table.titles[column], table.below[column]
    return below.counts_rows() if not title else is_a("counter", title)


def _guesses(table: Table, fields: Mapping[int, str]) -> tuple[ColumnGuess, ...]:
    return tuple(
        ColumnGuess(title, fields.get(column, ""), table.how.get(column, ""), table.below[column].samples)
        for column, title in enumerate(table.titles)
        if column not in table.ignored
    )


def _names_of_extra(titles: Sequence[str]) -> dict[int, str]:
    """A name of its own for every column, also where two have one name or none."""
    names: dict[int, str] = {}
    for column, title in enumerate(titles):
        name = title or f"column {column + 1}"
        number = 2
        while name in names.values():
            name = f"{title or 'column'} ({number})"
            number += 1
        names[column] = name
    return names


def _rejects_tail(titles: Sequence[str]) -> frozenset[int]:
    if tuple(titles[-2:]) == REJECTS_TAIL and len(titles) > 2:
        return frozenset({len(titles) - 2, len(titles) - 1})
    return frozenset()


# ── lists without a header ─────────────────────────────────────────────────────────────────────────────


def _looks_like_data(titles: Sequence[str]) -> bool:
    """A phone number stands in the first row, and no cell of it is a header that we know."""
    return any(map(contents.is_phone, titles)) and not any(map(field_of, titles))


def _without_header(
    first: Sequence[str], sample: Sequence[Sequence[str]], events: Sequence[tuple[str, str]]
) -> Columns:
    """The columns of a list that begins with its first person: by content alone."""
    below = contents.columns_of([first, *sample], len(first))
    table = Table([""] * len(first), below, known_events(events))
    by_content(table)
    if not table.has(NAMES):
        column = next((c for c in table.free if any(map(str.isalpha, first[c]))), None)
        if column is not None:
            table.give(column, "full_name", "content")
    settle(table)
    titles = tuple(table.fields.get(column, f"column {column + 1}") for column in range(len(first)))
    found = _columns(table)
    warning = "The list has no header: its columns were recognised by what stands in them."
    return replace(
        found,
        header_is_data=True,
        titles=titles,
        warnings=(warning, *found.warnings),
        shown=[(title, found.fields.get(column, "")) for column, title in enumerate(titles)],
        guesses=tuple(
            replace(guess, header=title) for guess, title in zip(found.guesses, titles, strict=True)
        ),
    )
