from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.domain.consent import OPT_IN, OPT_OUT, ConsentEntry, ConsentState, fold
from parinaya_cli.domain.errors import UsedWrongly

START = datetime(2026, 1, 1, tzinfo=UTC)
SOURCES = ("guest message", "guest page", "provider preference", "import families.csv", "merge", "Import 3")

entries = st.builds(
    lambda kind, hours, delay, source: entry(kind, hours, source, delay=delay),
    st.sampled_from([OPT_IN, OPT_OUT]),
    st.integers(0, 6),
    st.integers(0, 48),
    st.sampled_from(SOURCES),
)


def entry(kind: str, hours: int, source: str = "guest message", *, delay: int = 0) -> ConsentEntry:
    at = START + timedelta(hours=hours)
    return ConsentEntry(kind, at, at + timedelta(hours=delay), source, "wamid.1")


def test_nothing_said() -> None:
    assert fold([]) is ConsentState.NONE


def test_the_newest_by_effective_time_wins_however_late_it_was_recorded() -> None:
    late_news = entry(OPT_OUT, 1, delay=40)
    assert fold([entry(OPT_IN, 2), late_news]) is ConsentState.OPTED_IN
    assert fold([entry(OPT_IN, 0), late_news]) is ConsentState.OPTED_OUT


def test_a_tie_goes_to_the_opt_out() -> None:
    assert fold([entry(OPT_OUT, 3), entry(OPT_IN, 3)]) is ConsentState.OPTED_OUT


def test_an_import_opts_in_who_never_said_anything() -> None:
    assert fold([entry(OPT_IN, 0, "import list.csv")]) is ConsentState.OPTED_IN


@pytest.mark.parametrize("source", ["import list.csv", "Import", "merge of P3", "restore"])
def test_no_list_and_no_work_on_records_lifts_an_opt_out(source: str) -> None:
    assert fold([entry(OPT_OUT, 1), entry(OPT_IN, 5, source)]) is ConsentState.OPTED_OUT


def test_the_guest_lifts_it() -> None:
    said = [entry(OPT_IN, 0, "import list.csv"), entry(OPT_OUT, 1), entry(OPT_IN, 2)]
    assert fold(said) is ConsentState.OPTED_IN


@given(st.lists(entries, max_size=8).flatmap(lambda known: st.tuples(st.just(known), st.permutations(known))))
def test_order_does_not_matter(both: tuple[list[ConsentEntry], list[ConsentEntry]]) -> None:
    assert fold(both[0]) is fold(both[1])


@given(st.lists(entries, max_size=8), entries)
def test_saying_it_twice_changes_nothing(known: list[ConsentEntry], again: ConsentEntry) -> None:
    assert fold([*known, again]) is fold([*known, again, again])


@given(st.lists(entries, max_size=8))
def test_a_newer_opt_out_always_holds(known: list[ConsentEntry]) -> None:
    assert fold([*known, entry(OPT_OUT, 6)]) is ConsentState.OPTED_OUT


def test_what_cannot_be_folded_is_refused() -> None:
    with pytest.raises(UsedWrongly, match="kind"):
        entry("opted in", 1)
    with pytest.raises(UsedWrongly, match="time zone"):
        ConsentEntry(OPT_IN, datetime(2026, 1, 1), START, "guest message", "")  # noqa: DTZ001
