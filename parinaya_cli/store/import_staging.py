"""Staging: the rows of a list go by COPY into a table of this transaction, before anything is decided."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from parinaya_cli.domain import names, phones
from parinaya_cli.domain.imports import Draft
from parinaya_cli.store.transaction import Transaction

# Within a staged row: the parts of a contact point, and its contact points. Neither can be typed.
PART, POINT = "\x1f", "\x1e"
_NULL = "\x1d"
_AT_ONCE = 200  # lines handed to Postgres together

_FIELDS = (
    "row_key", "external_id", "full_name", "honorific", "given_name", "family_name", "folded", "city", "side",
    "language", "tags", "events", "notes", "extra", "household", "home", "party_size", "extra_seats", "contacts",
)  # fmt: skip

# ``sheets``: what is the same for all rows of a table. ``staging``: a row for each person whom the list names;
# ``place`` counts those of one row of the list, and ``home`` is the row that a household belongs to, empty where
# it is the list's. ``walk``: what becomes of those that say something new. ``points``: their contact points.
# ``differences``: field by field, what an edited row changes in parinaya, and where the two disagree.
# ``reached``: the contact points of somebody before and after. ``gone``: rows of the last version that are missing,
# and those that an ``earlier`` one did not have any more, as long as somebody new may be one of them.
# ``fresh_names``: folded names that are new. All of them are gone with the transaction.
_TABLES = (
    "CREATE TEMP TABLE sheets (sheet int, source text, absent text[], titles text[], given text[]) ON COMMIT DROP",
    "CREATE TEMP TABLE staging (id int, sheet int, line int, place int, row_key text, external_id text, "
    "full_name text, honorific text, given_name text, family_name text, folded text, city text, side text, "
    "language text, tags text[], events text[], notes text, extra jsonb, household text, home text, "
    "party_size int, extra_seats int, contacts text, digest text) ON COMMIT DROP",
    "CREATE TEMP TABLE walk (id int, place int, source text, row_key text, known_key text, person_id uuid, "
    "verdict text, turn int) ON COMMIT DROP",
    "CREATE TEMP TABLE points (id int, person_id uuid, place int, kind text, value text, state text, country text, "
    "raw text) ON COMMIT DROP",
    "CREATE TEMP TABLE differences (id int, person_id uuid, field text, kind text, was jsonb, told jsonb) "
    "ON COMMIT DROP",
    "CREATE TEMP TABLE reached (id int, person_id uuid, was text[], told text[], base text[], now text[], "
    "positions jsonb) ON COMMIT DROP",
    "CREATE TEMP TABLE gone (source text, row_key text, person_id uuid, line int, external_id text, folded text, "
    "phones text[], earlier boolean) ON COMMIT DROP",
    "CREATE TEMP TABLE fresh_names (place int, folded text) ON COMMIT DROP",
)


@dataclass(frozen=True)
class StagedSheet:
    """One table of a list. ``number``: from 1 on, ``source``: what its rows are known under.

    ``absent``: the fields that it has no column for; its rows say nothing about them. ``titles``: the headers
    that are kept as extra. ``given``: the tags that the operator gave to all rows.
    """

    number: int
    source: str
    absent: Sequence[str] = ()
    titles: Sequence[str] = ()
    given: Sequence[str] = ()


def prepare(tx: Transaction) -> None:
    """Make the tables of an import; everything else of this transaction may take its time."""
    # A million rows take their time, an import waits for another one, and sorts and joins are done in memory.
    tx.run("SET LOCAL statement_timeout = 0")
    tx.run("SET LOCAL lock_timeout = '10min'")
    tx.run("SET LOCAL work_mem = '128MB'")
    tx.run("SET LOCAL jit = off")
    # Somebody who ends the command while Postgres is merging waits no longer for what nobody will hear of.
    tx.run("SET LOCAL client_connection_check_interval = '2s'")
    for table in _TABLES:
        tx.run(table)


def add_sheets(tx: Transaction, sheets: Sequence[StagedSheet]) -> None:
    """Tell under which source the rows of each table are known."""
    tx.run_many(
        "INSERT INTO sheets (sheet, source, absent, titles, given) "
        "VALUES (:sheet, :source, :absent, :titles, :given)",
        [
            {
                "sheet": one.number, "source": one.source, "absent": list(one.absent),
                "titles": list(one.titles), "given": list(one.given),
            }
            for one in sheets
        ],
    )  # fmt: skip


def stage(tx: Transaction, drafts: Iterable[tuple[int, Draft]], staged: int = 0) -> int:
    """Stage drafts, each with the number of its table, behind ``staged`` people; returns how many people there are.

    A row becomes one person for the draft and one for each of its companions.
    """
    connection = tx.conn.connection.driver_connection
    assert connection is not None
    columns = ", ".join(("id", "sheet", "line", "place", *_FIELDS, "digest"))
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY staging ({columns}) FROM STDIN WITH (NULL E'\\x1d')") as copy,
    ):
        parts: list[str] = []
        for sheet, draft in drafts:
            lines, digest = _lines(draft)
            for place, line in enumerate(lines):
                staged += 1
                parts.append(f"{staged}\t{sheet}\t{draft.line}\t{place}\t{line}\t{digest}\n")
            if len(parts) >= _AT_ONCE:
                copy.write("".join(parts))
                parts.clear()
        copy.write("".join(parts))
    return staged


def _lines(draft: Draft) -> tuple[list[str], str]:
    """What COPY is told of a draft and of its companions, as far as the list says it; and the digest of it.

    The digest is what is compared with the next version of the row; columns that count rows are left out of it.
    """
    shared = (
        draft.city,
        _NULL if draft.side is None else draft.side,
        _NULL if draft.language is None else draft.language,
        _array(draft.tags),
        _array(draft.events),
    )
    household = (
        draft.household,
        draft.row_key if draft.household_of_row else "",
        _NULL if draft.party_size is None else str(draft.party_size),
    )
    head = _line((
        draft.row_key, draft.external_id, draft.full_name, draft.honorific, draft.given_name, draft.family_name,
        draft.folded, *shared, draft.notes,
    ))  # fmt: skip
    tail = _line((*household, str(draft.extra_seats), _points(draft)))
    lines = [f"{head}\t{_object(draft.extra)}\t{tail}"]
    for place, companion in enumerate(draft.companions, start=1):
        parts = names.split(companion)
        lines.append(_line((
            f"{draft.row_key}/{place}", "", parts.full_name, parts.honorific, parts.given_name, parts.family_name,
            names.fold_name(parts), *shared, "", "{}", *household, "0", "",
        )))  # fmt: skip
    said = lines
    if draft.counters:
        extra = {name: text for name, text in draft.extra.items() if name not in draft.counters}
        said = [f"{head}\t{_object(extra)}\t{tail}", *lines[1:]]
    digest = blake2b("\n".join(said).encode("utf-8", "surrogatepass"), digest_size=16)
    return lines, digest.hexdigest()


def _line(fields: tuple[str, ...]) -> str:
    r"""Fields as COPY reads them: tabs between, ``\``, tabs and ends of lines inside escaped (seldom any)."""
    line = "\t".join(fields)
    if line.count("\t") == len(fields) - 1 and not ("\\" in line or "\n" in line or "\r" in line):
        return line
    return "\t".join(
        field.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
        for field in fields
    )


@lru_cache(maxsize=4096)
def _array(texts: tuple[str, ...]) -> str:
    """An array as Postgres reads one."""
    quoted = (text.replace("\\", "\\\\").replace('"', '\\"') for text in texts)
    return "{" + ",".join(f'"{text}"' for text in quoted) + "}"


_encode = json.JSONEncoder(ensure_ascii=False).encode


def _object(extra: Mapping[str, str]) -> str:
    return _line((_encode(dict(extra)),)) if extra else "{}"


def _points(draft: Draft) -> str:
    """The phones and emails of a draft: kind, value, state, country and text of each."""
    found = [
        PART.join(("phone", phone.e164, phone.state.value, phones.country(phone.e164), _plain(phone.raw)))
        if phone.e164
        else PART.join(("phone", _plain(phone.raw), phone.state.value, "", _plain(phone.raw)))
        for phone in draft.phones
        if phone.e164 or phone.raw
    ]
    found += [PART.join(("email", email, "valid", "", email)) for email in draft.emails]
    return POINT.join(found)


def _plain(raw: str) -> str:
    return raw.replace(PART, " ").replace(POINT, " ")
