"""Presets: saved from a list, used for the next, forgotten; each verb asks, and what changes is audited."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from parinaya_cli.domain.access import Role
from parinaya_cli.domain.errors import NotFound, NotPermitted, UsedWrongly
from parinaya_cli.domain.presets import PresetOptions
from parinaya_cli.services import audit, presets
from parinaya_cli.services.imports import ImportRequest
from parinaya_cli.store.transaction import Transaction
from tests.services.wedding_kit import Scene

UNDERSTOOD = [
    *(("Kaun", "full_name"), ("Kaise", "phone"), ("Hotel", ""), ("", "city")),
    *(("Tel", "phone"), ("Tel", "phone_2")),
]
REQUEST = ImportRequest("aunt.xlsx", side="bride", tags=("aunt",), region="IN", sheet="Guests")


def save(scene: Scene, name: str = "The aunts", request: ImportRequest = REQUEST) -> None:
    with scene.begin() as tx:
        presets.save(tx, name, request, UNDERSTOOD, encoding="cp1252")


def test_what_was_understood_is_remembered(scene: Scene) -> None:
    save(scene)
    with scene.begin() as tx:
        [preset] = presets.list_presets(tx)
        assert preset == presets.find(tx, "the AUNTS")
    assert preset.columns == {"Kaun": "full_name", "Kaise": "phone", "Hotel": "extra", "Tel": "phone"}
    assert preset.options == PresetOptions("Guests", "bride", ("aunt",), "IN", "cp1252")
    assert (preset.name, preset.source) == ("The aunts", "aunt.xlsx")
    assert presets.document(preset)["tags"] == ["aunt"]


def test_a_request_goes_before_its_preset(scene: Scene) -> None:
    save(scene)
    with scene.begin() as tx:
        told = ImportRequest("next.xlsx", {"Kaun": "notes"}, side="groom", tags=("aunt", "new"))
        request = presets.apply(tx, "The aunts", told)
    assert (request.columns, request.preset["Kaun"]) == ({"Kaun": "notes"}, "full_name")
    assert (request.side, request.tags) == ("groom", ("aunt", "new"))
    assert (request.region, request.sheet, request.source) == ("IN", "Guests", "next.xlsx")


def test_saving_again_replaces_and_saving_the_same_changes_nothing(scene: Scene) -> None:
    save(scene)
    save(scene, "the aunts")
    save(scene, "the aunts", ImportRequest("aunt.xlsx", side="groom"))
    with scene.begin() as tx:
        [preset] = presets.list_presets(tx)
        written, _ = audit.list_entries(tx, audit.AuditQuery(action="preset.save"))
    assert (preset.name, preset.options.side) == ("The aunts", "groom")
    assert len(written) == 2


def test_a_preset_is_forgotten(scene: Scene) -> None:
    save(scene)
    with scene.begin() as tx:
        assert presets.remove(tx, "the aunts").name == "The aunts"
        assert presets.list_presets(tx) == []
    with scene.begin() as tx, pytest.raises(NotFound, match="The aunts"):
        presets.remove(tx, "The aunts")


@pytest.mark.parametrize("name", ["", "  ", "x" * 61])
def test_names_that_are_none(scene: Scene, name: str) -> None:
    with scene.begin() as tx, pytest.raises(UsedWrongly):
        presets.save(tx, name, REQUEST, UNDERSTOOD)


VERBS: list[Callable[[Transaction], object]] = [
    lambda tx: presets.list_presets(tx),
    lambda tx: presets.find(tx, "x"),
    lambda tx: presets.apply(tx, "x", REQUEST),
    lambda tx: presets.save(tx, "x", REQUEST, UNDERSTOOD),
    lambda tx: presets.remove(tx, "x"),
]


@pytest.mark.parametrize("role", [Role.FAMILY, Role.DESK, Role.AUDITOR])
def test_who_may_not_import_may_not_touch_presets(scene: Scene, role: Role) -> None:
    for verb in VERBS:
        with scene.begin(role) as tx, pytest.raises(NotPermitted):
            verb(tx)
