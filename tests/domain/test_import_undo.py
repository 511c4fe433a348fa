from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.domain.import_undo import REFUSALS, SENTENCES, Why, without_import

tags = st.lists(st.sampled_from(["close", "near", "vip", "late"]), unique=True)


def test_every_reason_has_its_sentence() -> None:
    assert set(SENTENCES) == set(Why)
    assert set(Why) > REFUSALS


def test_a_field_that_is_what_the_list_says_is_given_back() -> None:
    before = {"city": "Pune", "side": None, "party_size": 4, "notes": ""}
    says = {"city": "Goa", "side": "bride", "notes": "aunt"}
    now = {"city": "Goa", "side": "bride", "party_size": None, "notes": "aunt"}
    assert without_import(before, {"city": "Pune"}, says, now) == (before, [])


def test_a_field_that_somebody_changed_since_stays() -> None:
    given_back, kept = without_import(
        {"city": "Pune", "side": "groom"},
        {},
        {"city": "Goa", "side": "bride"},
        {"city": "Agra", "side": "bride"},
    )
    assert (given_back, kept) == ({"side": "groom"}, ["city"])


@pytest.mark.parametrize(
    ("now", "left"),
    [
        (["close", "near"], ["close"]),
        (["near", "vip", "close"], ["vip", "close"]),
        (["near"], []),
    ],
    ids=["untouched", "one more by hand", "one less by hand"],
)
def test_a_tag_that_the_list_brought_goes_and_no_other(now: list[str], left: list[str]) -> None:
    given_back, kept = without_import(
        {"tags": ["close"]}, {"tags": []}, {"tags": ["near", "close"]}, {"tags": now}
    )
    assert (given_back, kept) == ({"tags": left} if left != now else {}, [])


def test_a_tag_that_was_there_by_hand_before_the_list_brought_it_stays() -> None:
    told = without_import({"tags": ["vip"]}, {}, {"tags": ["vip", "near"]}, {"tags": ["vip", "near", "late"]})
    assert told == ({"tags": ["vip", "late"]}, [])


@given(before=tags, had=tags, says=tags, by_hand=tags)
def test_tags_added_by_hand_outlive_the_list(
    before: list[str], had: list[str], says: list[str], by_hand: list[str]
) -> None:
    after = [t for t in before if t in says or t not in had]
    after += [t for t in says if t not in had and t not in before]
    now = [*after, *(t for t in by_hand if t not in after and t not in {*before, *says})]
    given_back, _ = without_import({"tags": before}, {"tags": had}, {"tags": says}, {"tags": now})
    assert set(given_back.get("tags", now)) == {*before, *(set(now) - set(after))}  # type: ignore[call-overload]


def test_columns_without_a_field_go_back_one_by_one() -> None:
    had = {"extra": {"Gift": "vase", "Room": "12"}}
    says = {"extra": {"Gift": "lamp", "Car": "yes"}}
    before = {"extra": {"Gift": "vase", "Room": "12", "Note": "old"}}
    now = {"extra": {"Gift": "lamp", "Car": "yes", "Note": "new"}}
    assert without_import(before, had, says, now) == (
        {"extra": {"Gift": "vase", "Room": "12", "Note": "new"}}, [],
    )  # fmt: skip
    given_back, kept = without_import(before, had, says, {"extra": {"Gift": "lamp", "Car": "no"}})
    assert (given_back, kept) == ({"extra": {"Gift": "vase", "Car": "no", "Room": "12"}}, ["extra"])
