"""A contact in Google's shape becomes the cells of a row."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.adapters.google import people
from parinaya_cli.adapters.google.people import FIXED, MOST_OWN, Contact, read_contact, read_group, table
from parinaya_cli.domain.imports import Draft, RowDefaults, read_row, recognise
from tests.fakes.people_api import membership, person

GROUPS = {
    one.id: one
    for told in (
        {"resourceName": "contactGroups/w1", "groupType": "USER_CONTACT_GROUP", "name": "Mummy/Papa friends"},
        {"resourceName": "contactGroups/w2", "groupType": "USER_CONTACT_GROUP", "name": "शादी"},
        {
            "resourceName": "contactGroups/starred",
            "groupType": "SYSTEM_CONTACT_GROUP",
            "name": "starred",
            "formattedName": "तारांकित",
        },
        {
            "resourceName": "contactGroups/myContacts",
            "groupType": "SYSTEM_CONTACT_GROUP",
            "name": "myContacts",
            "formattedName": "My Contacts",
        },
    )
    if (one := read_group(told)) is not None
}


def contact(told: dict[str, Any]) -> Contact:
    found = read_contact(told, GROUPS, "IN")
    assert found is not None
    return found


def cells(told: dict[str, Any]) -> dict[str, str]:
    return dict(contact(told).cells)


def draft(told: dict[str, Any]) -> Draft:
    """The person that the row of a contact becomes."""
    header, [row] = table([contact(told)])
    found, _ = read_row(1, list(row), recognise(list(header), {}), RowDefaults("IN"))
    assert isinstance(found, Draft)
    return found


def test_a_whole_contact() -> None:
    told = person(
        1,
        "Dr. Ramesh Sharma",
        names=[
            {
                "displayName": "Dr. Ramesh Sharma",
                "honorificPrefix": "Dr.",
                "givenName": "Ramesh",
                "familyName": "Sharma",
            }
        ],
        phoneNumbers=[
            {"value": "022 2345 6789", "type": "homeFax"},
            {"value": "0141-2345678", "type": "home", "canonicalForm": "+911412345678"},
            {"value": "98200 12345", "type": "mobile", "canonicalForm": "+919820012345"},
            {"value": "98111 22333", "type": "work", "metadata": {"primary": True}},
        ],
        emailAddresses=[{"value": "ramesh@example.com"}, {"value": "r.sharma@example.in"}],
        addresses=[
            {"type": "work", "city": "Mumbai", "formattedValue": "Nariman Point\nMumbai"},
            {"type": "home", "city": "Pune", "formattedValue": "12 MG Road\nPune 411001"},
        ],
        memberships=[membership(f"contactGroups/{one}") for one in ("myContacts", "starred", "w1", "w2")],
        biographies=[{"value": "Vegetarian.\nComes by train.", "contentType": "TEXT_PLAIN"}],
        organizations=[{"name": "Sharma & Sons", "title": "Partner"}],
        nicknames=[{"value": "Ramu"}],
        relations=[{"person": "Sunita Sharma", "type": "spouse", "formattedType": "Spouse"}],
        userDefined=[{"key": "Pax", "value": "4"}, {"key": "Gotra", "value": "Bharadwaj"}],
    )
    found = draft(told)
    assert (found.full_name, found.honorific) == ("Dr. Ramesh Sharma", "Dr.")
    assert (found.given_name, found.family_name) == ("Ramesh", "Sharma")
    assert [one.e164 for one in found.phones] == ["+919811122333", "+919820012345", "+911412345678"]
    assert [one.raw for one in found.phones] == ["98111 22333", "98200 12345", "0141-2345678"]
    assert found.emails == ("ramesh@example.com", "r.sharma@example.in")
    assert found.city == "Pune"
    assert set(found.tags) == {"starred", "Mummy-Papa friends", "शादी"}
    assert found.notes == "Vegetarian. Comes by train."
    assert (found.external_id, found.row_key, found.party_size) == ("people/c1", "people/c1", 4)
    assert dict(found.extra) == {
        "organization": "Sharma & Sons",
        "job title": "Partner",
        "nickname": "Ramu",
        "relations": "Spouse: Sunita Sharma",
        "address": "12 MG Road Pune 411001 ; Nariman Point Mumbai",
        "fax and pager": "022 2345 6789",
        "Gotra": "Bharadwaj",
    }
    assert "1980" not in repr(found)  # the birthday


@pytest.mark.parametrize(
    ("name", "given", "family", "companions"),
    [
        ("Sharma ji", "", "Sharma", ()),
        ("Ramesh & Sunita Gupta + 2", "Ramesh", "Gupta", ("Sunita Gupta",)),
        ("Ramesh Sharma", "Ramesh", "Sharma", ()),
    ],
)
def test_names_that_google_takes_apart_wrongly(
    name: str, given: str, family: str, companions: tuple[str, ...]
) -> None:
    found = draft(person(1, name, "98200 12345"))
    assert (found.given_name, found.family_name, found.companions) == (given, family, companions)


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ({"names": [{"unstructuredName": "Chachi"}]}, "Chachi"),
        ({"names": [], "nicknames": [{"value": "Bunty"}]}, "Bunty"),
        ({"organizations": [{"name": "Sharma Caterers"}]}, "Sharma Caterers"),
        ({}, ""),
    ],
)
def test_a_contact_without_a_name_is_called_as_google_shows_it(told: dict[str, Any], name: str) -> None:
    assert cells(person(1, **told)).get("full_name", "") == name


def test_what_google_reads_otherwise_is_kept_beside_what_was_written() -> None:
    told = person(
        1,
        "Asha",
        phoneNumbers=[
            {"value": "98200 12345", "canonicalForm": "+447911123456"},
            {"value": "98111 22333", "canonicalForm": "+919811122333"},
        ],
    )
    found = cells(told)
    assert (found["phone"], found["phone_2"]) == ("98200 12345", "98111 22333")
    assert found["read by Google as"] == "+447911123456"


def test_deleted_and_renamed_contacts() -> None:
    dead = {"resourceName": "people/c1", "metadata": {"deleted": True}}
    assert contact(dead) == Contact("people/c1", True, (), frozenset())
    told = person(2, "Asha")
    told["metadata"]["previousResourceNames"] = ["people/c1", "people/c2"]
    assert contact(told).former_ids == ("people/c1",)


def test_labels_of_people_get_columns_and_the_seldom_ones_share_one() -> None:
    label = [{"key": "Gotra", "value": "Bharadwaj"}]
    many = [{"key": f"label {n:03}", "value": "x"} for n in range(MOST_OWN + 5)]
    contacts = [contact(person(n, "A", userDefined=label)) for n in range(3)]
    header, rows = table([*contacts, contact(person(9, "B", userDefined=[*many, *label]))])
    assert len(header) == len(FIXED) + MOST_OWN + 1
    assert {len(row) for row in rows} == {len(header)}
    assert rows[0][header.index("Gotra")] == "Bharadwaj"
    assert '"label 154": "x"' in rows[3][-1]


_ODD = st.none() | st.integers() | st.text(max_size=5) | st.just([None]) | st.just({"value": 1})
_KEYS = ("value", "metadata", "type", "key", "person", "city", "displayName", "contactGroupMembership")
_FIELD = _ODD | st.lists(st.dictionaries(st.sampled_from(_KEYS), _ODD, max_size=3), max_size=2)


@given(st.dictionaries(st.sampled_from(people.PERSON_FIELDS.split(",")), _FIELD, max_size=6))
def test_whatever_comes_in_place_of_a_contact_is_read(told: dict[str, Any]) -> None:
    found = contact({**told, "resourceName": "people/c1"})
    assert all(isinstance(text, str) for text in found.cells.values())
    assert read_contact(told, GROUPS, "IN") is None
