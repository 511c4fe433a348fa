"""Finding people: by any spelling of a name, any writing of a phone, tags, emails, refs, ids; by whom it may be."""

from __future__ import annotations

import pytest

from parinaya_cli.domain.access import Role
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.services import people, removals, search, units
from parinaya_cli.services.imports import ImportRequest, import_people
from parinaya_cli.services.people import PersonFields
from tests.fakes.contact_source import sheet
from tests.services.wedding_kit import Scene


def found(
    scene: Scene, text: str, limit: int = 20, role: Role = Role.OWNER, side: str | None = None
) -> list[str]:
    """The names found, best first."""
    with scene.begin(role, side=side) as tx:
        hits = search.find_people(tx, text, limit=limit)
    assert [one.score for one in hits] == sorted((one.score for one in hits), reverse=True)
    assert all(0 < one.score <= 1 for one in hits)
    return [one.person.full_name for one in hits]


@pytest.fixture
def guests(scene: Scene) -> Scene:
    """Names in all spellings, phones, tags, on both sides."""
    for name, phone, fields in (
        ("Sunita Sharma", "+919820012345", {"side": "bride", "add_tags": ["vip"]}),
        ("Suneeta Verma", None, {"side": "groom", "emails": ["suneeta.verma@example.org"]}),
        ("सुनीता गुप्ता", "+919811122333", {"side": "groom"}),
        ("Mohd. Rafi Shaikh", "+447911123456", {"side": "bride"}),
        ("Laxmi Chaudhary", "+919820099999", {"side": "both"}),
        ("Vijay Shah", None, {"side": "bride"}),
        ("Bijoy Roy", None, {"side": "bride"}),
    ):
        scene.person(name, phone, **fields)
    return scene


CASES: tuple[tuple[str, set[str]], ...] = (
    ("Sunita", {"Sunita Sharma", "Suneeta Verma", "सुनीता गुप्ता"}),
    ("suneeta", {"Sunita Sharma", "Suneeta Verma", "सुनीता गुप्ता"}),
    ("सुनीता", {"Sunita Sharma", "Suneeta Verma", "सुनीता गुप्ता"}),
    ("sunitha gupta", {"सुनीता गुप्ता"}),
    ("gupta sunita", {"सुनीता गुप्ता"}),
    ("suntia sharma", {"Sunita Sharma"}),
    ("Mohammed", {"Mohd. Rafi Shaikh"}),
    ("लक्ष्मी", {"Laxmi Chaudhary"}),
    ("Lakshmi Chowdhary", {"Laxmi Chaudhary"}),
    ("chowdhury", {"Laxmi Chaudhary"}),
    ("Sah", {"Vijay Shah"}),
    ("Vijai", {"Vijay Shah"}),
    ("su ve", {"Suneeta Verma"}),
    ("98200 12345", {"Sunita Sharma"}),
    ("+91-98200-12345", {"Sunita Sharma"}),
    ("09820012345", {"Sunita Sharma"}),
    ("9820 0", {"Sunita Sharma", "Laxmi Chaudhary"}),
    ("2345", {"Sunita Sharma"}),
    ("९८११", {"सुनीता गुप्ता"}),
    ("+44 7911", {"Mohd. Rafi Shaikh"}),
    ("suneeta.v", {"Suneeta Verma"}),
    ("VIP", {"Sunita Sharma"}),
    ("#vip", {"Sunita Sharma"}),
    ("p4", {"Mohd. Rafi Shaikh"}),
    ("12345678", set()),
    ("Xylophone", set()),
)


def test_what_is_found(guests: Scene) -> None:
    for text, names in CASES:
        assert set(found(guests, text)[: len(names)]) == names, text
        assert names or found(guests, text) == [], text


def test_vijay_is_not_bijoy(guests: Scene) -> None:
    assert found(guests, "Vijay") == ["Vijay Shah"]


def test_exact_before_beginning_before_part_before_likeness(scene: Scene) -> None:
    for name in (
        "Asha Patel Asha Raoji",
        "Asha Rao",
        "Aasha Rau",
        "Asha Raoji",
        "Neel Asha Rao",
        "Asha Rai",
        "Asha Rao",
    ):
        scene.person(name)
    ranked = found(scene, "Asha Rao")
    assert ranked[:2] == ["Asha Rao", "Asha Rao"]
    assert ranked.index("Asha Raoji") < ranked.index("Neel Asha Rao") < ranked.index("Asha Rai")


def test_all_who_bear_a_name_come_up_to_the_limit(scene: Scene) -> None:
    header = ["Name", "Phone"]
    rows = [["Ramesh Kumar", f"98200{number:05d}"] for number in range(30)]
    import_people(scene.begin, sheet(header, *rows), ImportRequest("list.csv"))
    assert found(scene, "ramesh kumar", limit=25) == ["Ramesh Kumar"] * 25
    assert len(found(scene, "Ramesh", limit=100)) == 30


def test_refs_ids_and_members_of_households(scene: Scene) -> None:
    import_people(
        scene.begin,
        sheet(
            ["Name", "Phone", "ID", "Household"],
            ["Asha Rao", "", "G-17", "Rao"],
            ["Neel Rao", "", "G-18", "Rao"],
        ),
        ImportRequest("list.csv"),
    )
    with scene.begin() as tx:
        units.build(tx, dry_run=False)
    assert found(scene, "G-18")[0] == "Neel Rao"
    assert found(scene, "U1")[:2] == ["Asha Rao", "Neel Rao"]


def test_names_that_are_changed_and_people_who_leave(guests: Scene) -> None:
    with guests.begin() as tx:
        people.edit(tx, "P1", PersonFields(full_name="Kamala Sharma"))
        removals.remove(tx, ["P2"])
    assert found(guests, "kamla sharma")[0] == "Kamala Sharma"
    assert found(guests, "sunita")[0] == "सुनीता गुप्ता"
    assert "Suneeta Verma" not in found(guests, "suneeta.verma@example.org")


def test_everybody_finds_whom_they_may_see_by_what_they_may_see(guests: Scene) -> None:
    assert set(found(guests, "sunita", role=Role.FAMILY, side="groom")) == {"Suneeta Verma", "सुनीता गुप्ता"}
    assert found(guests, "2345", role=Role.FAMILY, side="groom") == []
    assert found(guests, "vip", role=Role.FAMILY, side="groom") == []
    assert found(guests, "P1", role=Role.FAMILY, side="groom") == []
    assert found(guests, "9820099999", role=Role.FAMILY, side="groom") == ["Laxmi Chaudhary"]
    assert "Sunita Sharma" in found(guests, "sunita", role=Role.DESK)
    for text in ("98200 12345", "vip", "suneeta.verma@example.org"):
        assert "Sunita Sharma" not in found(guests, text, role=Role.DESK)
    with guests.begin(Role.DESK) as tx:
        documents = [search.document(tx, one) for one in search.find_people(tx, "P1")]
    assert [set(one) for one in documents] == [{"ref", "id", "full_name", "unit", "score"}]
    other = guests.another("second-wedding")
    with guests.begin(wedding=other) as tx:
        assert search.find_people(tx, "sunita") == search.find_people(tx, "98200 12345") == []


ODD = ("%", "_", "\\", "%%%%", "a%b", "' OR 1=1 --", "(", "9" * 300, "a" * 5000, "😀", "ॐ")


def test_odd_searches_are_answered(guests: Scene) -> None:
    for text in ODD:
        assert found(guests, text) == [], text
    for text in ("", "  ", "#"):
        with pytest.raises(UsedWrongly):
            found(guests, text)
