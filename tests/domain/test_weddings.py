"""Weddings: slugs, zones, regions, quiet hours, and which wedding is meant."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.refs import Kind, read
from parinaya_cli.domain.weddings import (
    Wedding,
    check_hours,
    check_region,
    check_slug,
    check_zone,
    choose,
    make_slug,
)


@pytest.mark.parametrize("slug", ["ananya-kabir", "a", "2027", "sangeet2", "e-3", "a" * 63])
def test_slugs(slug: str) -> None:
    assert check_slug(slug) == slug


@pytest.mark.parametrize("slug", ["", "-a", "A", "a b", "a_b", "हाँ", "a\n", "a" * 64, "e3", "p12", "u5"])
def test_what_is_no_slug_is_refused(slug: str) -> None:
    with pytest.raises(UsedWrongly):
        check_slug(slug)


@given(st.text(max_size=80))
def test_a_made_slug_is_a_slug_that_is_read_as_one(title: str) -> None:
    try:
        slug = make_slug(title)
    except UsedWrongly:
        return
    assert check_slug(slug) == slug
    assert read(slug, Kind.EVENT).number is None


def test_slugs_of_titles() -> None:
    assert make_slug("Ananya & Kabir") == "ananya-kabir"
    assert make_slug("  Fête — 2027! ") == "fete-2027"
    with pytest.raises(UsedWrongly):
        make_slug("संगीत")


def test_zones_regions_and_hours() -> None:
    assert check_zone("Asia/Kolkata") == "Asia/Kolkata"
    assert check_region("in") == "IN"
    assert [check_hours(text) for text in ("21-9", "off", "None", "")] == [(21, 9)] + [(None, None)] * 3
    for wrong in (
        lambda: check_zone("Asia/Atlantis"),
        lambda: check_zone("../etc/passwd"),
        lambda: check_zone(""),
        lambda: check_region("IND"),
        lambda: check_region("1N"),
        lambda: check_hours("21"),
        lambda: check_hours("24-9"),
        lambda: check_hours("late"),
    ):
        with pytest.raises(UsedWrongly):
            wrong()


def test_which_wedding_is_meant() -> None:
    first, second = (Wedding(uuid.UUID(int=n), f"w{n}-slug", f"W{n}") for n in (1, 2))
    assert choose(None, [first]) is first
    assert choose("w2-slug", [first, second]) is second
    assert choose(str(second.id), [first, second]) is second
    for wanted, there, code in (
        (None, [], "no_wedding"),
        (None, [first, second], "which_wedding"),
        ("w3", [first], "no_such_wedding"),
        ("w3", [], "no_such_wedding"),
    ):
        with pytest.raises(UsedWrongly) as caught:
            choose(wanted, there)
        assert caught.value.code == code
