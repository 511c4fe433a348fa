from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.domain.consent import OPT_IN, OPT_OUT, RETRACTION, ConsentEntry, ConsentState, fold
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


def by_hand(kind: str, hours: int, evidence: str = "") -> ConsentEntry:
    at = START + timedelta(hours=hours)
    return ConsentEntry(kind, at, at, "on the phone", evidence)


def test_what_the_guest_decided_an_operator_lifts_with_evidence_only() -> None:
    stop = entry(OPT_OUT, 1)
    assert fold([stop, by_hand(OPT_IN, 2)]) is ConsentState.OPTED_OUT
    assert fold([stop, by_hand(OPT_IN, 2, "call 12")]) is ConsentState.OPTED_IN
    assert fold([by_hand(OPT_OUT, 1), by_hand(OPT_IN, 2)]) is ConsentState.OPTED_IN
    assert fold([stop, by_hand(OPT_OUT, 2), by_hand(OPT_IN, 3)]) is ConsentState.OPTED_OUT
    assert fold([stop, entry(OPT_IN, 2), by_hand(OPT_OUT, 3), by_hand(OPT_IN, 4)]) is ConsentState.OPTED_IN


def test_the_switch_of_the_provider_takes_back_no_word_of_the_guest() -> None:
    off, on = (
        entry(OPT_OUT, 1, "provider: marketing preference"),
        entry(OPT_IN, 4, "provider: marketing preference"),
    )
    assert fold([off, on]) is ConsentState.OPTED_IN
    assert fold([off, entry(OPT_OUT, 2), on]) is ConsentState.OPTED_OUT
    assert fold([off, by_hand(OPT_OUT, 2), on]) is ConsentState.OPTED_OUT
    assert fold([entry(OPT_OUT, 2), on, entry(OPT_IN, 5)]) is ConsentState.OPTED_IN


def keyed(kind: str, hours: int, source: str, key: str, evidence: str = "") -> ConsentEntry:
    at = START + timedelta(hours=hours)
    return ConsentEntry(kind, at, at, source, evidence, key)


def test_a_retraction_takes_back_what_its_import_attested() -> None:
    attested = keyed(OPT_IN, 0, "import list.csv", "import:1")
    retraction = keyed(RETRACTION, 1, "import list.csv", "retraction:1", "import:1")
    assert fold([attested, retraction]) is ConsentState.NONE
    assert (
        fold([attested, retraction, keyed(OPT_IN, 2, "import list.csv", "import:2")]) is ConsentState.OPTED_IN
    )
    assert (
        fold([keyed(OPT_IN, 0, "import other.csv", "import:2"), attested, retraction])
        is ConsentState.OPTED_IN
    )


@pytest.mark.parametrize("key", ["import:1", ""])
def test_a_retraction_takes_nothing_back_that_was_not_an_imports(key: str) -> None:
    said = keyed(OPT_IN, 0, "guest message", key)
    assert fold([said, keyed(RETRACTION, 1, "import list.csv", "retraction:1", key)]) is ConsentState.OPTED_IN


@given(st.lists(entries), st.sampled_from(["", "import:1"]))
def test_a_retraction_never_lifts_an_opt_out(ledger: list[ConsentEntry], key: str) -> None:
    retraction = keyed(RETRACTION, 9, "import list.csv", "retraction:1", key)
    before, after = fold(ledger), fold([*ledger, retraction])
    assert (before is ConsentState.OPTED_OUT) == (after is ConsentState.OPTED_OUT)
