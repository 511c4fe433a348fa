"""What every place for checkpoints must do."""

from __future__ import annotations

from pathlib import Path

import pytest

from parinaya_cli.adapters.checkpoints import CheckpointFolder
from parinaya_cli.ports import CheckpointPlace
from tests.fakes.checkpoint_place import FakePlace


@pytest.fixture(params=["fake", "folder"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> CheckpointPlace:
    return FakePlace() if request.param == "fake" else CheckpointFolder(tmp_path / "new" / "folder")


def test_lines_are_kept_in_order_and_none_is_lost(place: CheckpointPlace) -> None:
    assert place.read() == []
    place.add(["one", "two"])
    place.add(["तीन"])
    assert place.read() == ["one\n", "two\n", "तीन\n"]
    assert place.place
