"""Lists that are taken for one another, and lists that correct themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from parinaya_cli.adapters.files.reading import FileLists
from parinaya_cli.domain.access import Role
from parinaya_cli.domain.errors import NotPermitted, UsedWrongly
from parinaya_cli.ports import ReadingOptions
from parinaya_cli.services import import_queue, imports, people
from parinaya_cli.services.imports import ImportReport, ImportRequest
from parinaya_cli.services.people import PeopleRequest, PersonFields
from tests.services.wedding_kit import Scene

OLD, NEW, BY_HAND = "+919820111111", "+919820111112", "+919820111113"


def _import(scene: Scene, folder: Path, text: str, source: str = "guests.csv") -> ImportReport:
    path = folder / source
    path.write_text(text, "utf-8")
    opened = FileLists().open(path, ReadingOptions())
    try:
        return imports.import_people(scene.begin, opened, ImportRequest(source))
    finally:
        opened.close()


def _told(scene: Scene) -> list[tuple[str, list[str]]]:
    with scene.begin() as tx:
        found, _ = people.list_people(tx, PeopleRequest())
        return [(one.full_name, one.phones) for one in found]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("1,Asha Sharma,9820111111", "1,Vikram Seth,9820222222"),
        ("1,Asha Sharma,9820111111", "1,Vikram Sharma,9820222222"),
        ("1,Asha Sharma,", "1,Vikram Seth,9820222222"),
        ("1,Asha Sharma,9820111111", "1,Vikram Seth,"),
    ],
)
def test_two_lists_of_one_name_do_not_make_one_person_of_two(
    scene: Scene, tmp_path: Path, first: str, second: str
) -> None:
    _import(scene, tmp_path, f"ID,Name,Mobile\n{first}\n")
    before = _told(scene)
    with pytest.raises(UsedWrongly) as refused:
        _import(scene, tmp_path, f"ID,Name,Mobile\n{second}\n2,Leela Seth,9820222223\n")
    assert refused.value.code == "other_list"
    assert _told(scene) == before
    assert scene.value("SELECT count(*) FROM imports") == 1


@pytest.mark.parametrize(
    "second",
    ["1,Asha Sharma,9820111112", "1,Asha S. Rao,9820111111", "1,Asha S. Sharma,", "1,Asha,9820111111"],
)
def test_a_list_may_change_what_it_says_of_a_person(scene: Scene, tmp_path: Path, second: str) -> None:
    _import(scene, tmp_path, "ID,Name,Mobile\n1,Asha Sharma,9820111111\n")
    assert _import(scene, tmp_path, f"ID,Name,Mobile\n{second}\n").updated == 1


def test_a_phone_that_the_list_corrects_becomes_the_primary_one(scene: Scene, tmp_path: Path) -> None:
    _import(scene, tmp_path, "ID,Name,Mobile\n1,Asha Sharma,9820111111\n")
    _import(scene, tmp_path, "ID,Name,Mobile\n1,Asha Sharma,9820111112\n")
    assert _told(scene) == [("Asha Sharma", [NEW, OLD])]


def test_a_phone_that_was_chosen_by_hand_stays_the_primary_one(scene: Scene, tmp_path: Path) -> None:
    _import(scene, tmp_path, "ID,Name,Mobile\n1,Asha Sharma,9820111111\n")
    with scene.begin() as tx:
        people.edit(tx, "P1", PersonFields(phones=[BY_HAND]))
    _import(scene, tmp_path, "ID,Name,Mobile\n1,Asha Sharma,9820111112\n")
    assert _told(scene) == [("Asha Sharma", [BY_HAND, OLD, NEW])]


@pytest.mark.parametrize(("role", "side"), [(Role.FAMILY, "bride"), (Role.DESK, None)])
def test_who_sees_one_side_or_names_only_does_not_see_the_lists_of_both(
    scene: Scene, tmp_path: Path, role: Role, side: str | None
) -> None:
    _import(scene, tmp_path, "Name\nAsha Sharma\n", "grooms uncles.csv")
    with pytest.raises(NotPermitted), scene.begin(role, side=side) as tx:
        import_queue.list_imports(tx)
