"""The columns of one table while they are being understood: by their headers, then by what stands below them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from parinaya_cli.domain import contents
from parinaya_cli.domain.contents import Content
from parinaya_cli.domain.header_events import event_of
from parinaya_cli.domain.header_forms import counts_some, field_of, is_a, key

SEVERAL = frozenset({"phone_2", "email", "tags", "notes", "events"})  # may come from more than one column
NAMES = frozenset({"full_name", "given_name", "family_name"})
PHONES = frozenset({"phone", "phone_2"})


@dataclass
class Table:
    """The columns while they are being understood.

    ``fields`` and ``how`` by column number; ``doubted``: columns whose cells can't be what the header says.
    """

    titles: list[str]
    below: list[Content]
    events: Mapping[str, str]
    fields: dict[int, str] = field(default_factory=dict)
    how: dict[int, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    ignored: frozenset[int] = frozenset()
    doubted: set[int] = field(default_factory=set)

    def give(self, column: int, name: str, how: str) -> None:
        self.fields[column] = name
        self.how[column] = how

    def has(self, names: Iterable[str]) -> bool:
        return not set(names).isdisjoint(self.fields.values())

    @property
    def free(self) -> list[int]:
        """Columns of which nothing is known yet."""
        return [c for c in range(len(self.titles)) if c not in self.fields and c not in self.ignored]


# ── by the header ──────────────────────────────────────────────────────────────────────────────────────


def by_header(table: Table) -> None:
    """Headers: one column for each field, all columns for phones and texts; what is left over is warned about."""
    table.warnings += _repeated(table.titles)
    guessed = {column: _meant(table, column) for column in table.free}
    _settle_family_name(table, guessed)
    total = table.has({"party_size"}) or any(
        name == "party_size" and not counts_some(table.titles[column]) for column, name in guessed.items()
    )
    for column, name in guessed.items():
        title = table.titles[column]
        part = name == "party_size" and counts_some(title)
        if not name or (part and total):
            continue
        if name in PHONES:
            table.give(column, "phone_2" if table.has({"phone"}) else name, "header")
        elif name in SEVERAL or part or not table.has({name}) or _middle(title, name):
            table.give(column, name, "header")
        elif not is_a("second_name", title):
            table.warnings.append(f"“{title}” also looks like {name}, which is taken: it is kept as extra.")


def _meant(table: Table, column: int) -> str:
    """What the header of a column means, unless what stands below it can't be that."""
    title, below = table.titles[column], table.below[column]
    if event_of(title, table.events, below):
        return "events"
    name = field_of(title)
    if name and _contradicts(name, title, below):
        table.doubted.add(column)
        return ""
    return name


def _contradicts(name: str, title: str, below: Content) -> bool:
    """Whether the cells of a column can't be what its header says; few cells prove nothing."""
    count = len(below.cells)
    if count < 2 or name in {"notes", "tags"} or title == name:
        return False
    if name in PHONES:
        return not below.share(contents.like_phone) and (count > 2 or below.names_people() > 0)
    if below.field() == "phone" and name != "external_id":
        return True
    if name == "full_name" and count > 2:
        return not below.share(lambda cell: any(c.isalpha() for c in cell))
    if name in {"email", "party_size", "honorific"} and count > 2:
        return not below.share(_TESTS[name])
    return is_a("vague", title) and name == "external_id" and below.names_people() > 1


def _settle_family_name(table: Table, guessed: dict[int, str]) -> None:
    """“Family name” is a surname next to a first name, and else the name of a household."""
    for column in guessed:
        if key(table.titles[column]) == "family name":
            named = "given_name" in guessed.values() or table.has({"given_name"})
            guessed[column] = "family_name" if named else "household"


def _middle(title: str, name: str) -> bool:
    """Whether a column holds further given names, to be put behind the first."""
    return name == "given_name" and key(title) in {"middle name", "additional name"}


def _repeated(titles: Sequence[str]) -> list[str]:
    keys = [key(title) for title in titles]
    twice = {known for known in keys if known and keys.count(known) > 1}
    return [
        f"Several columns are called “{titles[keys.index(known)]}”: all of them are kept."
        for known in sorted(twice)
    ]


# ── by the content ─────────────────────────────────────────────────────────────────────────────────────

_TESTS = {
    "email": contents.is_email,
    "party_size": contents.like_count,
    "honorific": contents.is_title,
}


def by_content(table: Table) -> None:
    """What the header left open: empty and vague headers by what stands below, others where something is missing."""
    for column in table.free:
        name = table.below[column].field()
        title = table.titles[column]
        open_header = not title or is_a("vague", title) or is_a("counter", title) or bool(field_of(title))
        if name == "phone":
            if open_header or not table.has(PHONES):
                table.give(column, "phone_2" if table.has({"phone"}) else "phone", "content")
                _say_contradiction(table, column)
        elif name == "email" and (open_header or not table.has({"email"})):
            table.give(column, "email", "content")
        elif name and open_header and not table.has({name}):
            table.give(column, name, "content")
        elif open_header and not table.has({"party_size"}) and table.below[column].counts_heads():
            table.give(column, "party_size", "content")
    if not table.has(PHONES):  # phones serve some lists as ids
        for column, name in table.fields.items():
            if (
                name == "external_id"
                and table.how[column] == "header"
                and table.below[column].field() == "phone"
            ):
                table.give(column, "phone", "content")
                _say_contradiction(table, column)
    if not table.has(NAMES):
        _find_names(table)
    for column in sorted(table.doubted & set(table.free)):
        said, holds = field_of(table.titles[column]), quoted(table.below[column].samples)
        table.warnings.append(
            f"“{table.titles[column]}” says {said}, but holds {holds}: it is kept as extra."
        )


def _find_names(table: Table) -> None:
    """The column that looks most like one of names; an unknown header counts only where no household is named."""
    vague = {c for c in table.free if not table.titles[c] or is_a("vague", table.titles[c])}
    vague |= {c for c in table.free if field_of(table.titles[c]) in PHONES}
    candidates = vague if table.has({"household"}) or vague else set(table.free)
    ranked = [(table.below[column].names_people(), -column) for column in candidates]
    best, column = max(ranked, default=(0.0, 0))
    if best > 0:
        table.give(-column, "full_name", "content")
        _say_contradiction(table, -column)


def _say_contradiction(table: Table, column: int) -> None:
    said, title = field_of(table.titles[column]), table.titles[column]
    if said and said not in {table.fields[column], "phone" if "phone" in table.fields[column] else ""}:
        table.warnings.append(
            f"“{title}” says {said}, but holds {quoted(table.below[column].samples)}: "
            f"it is read as {table.fields[column]}."
        )


def settle(table: Table) -> None:
    """A household stands in for a name, a second phone for the first; columns that are kept are no field."""
    if table.has({"household"}) and not table.has(NAMES):
        column = next(column for column, name in table.fields.items() if name == "household")
        table.fields[column] = "full_name"
    if not table.has({"phone"}) and table.has({"phone_2"}):
        column = min(column for column, name in table.fields.items() if name == "phone_2")
        table.fields[column] = "phone"


def quoted(cells: Iterable[str]) -> str:
    shown = [f"“{cell[:40]}”" for cell in cells if cell]
    return ", ".join(shown[:12]) + (", …" if len(shown) > 12 else "") if shown else "nothing"
