"""The wheel works where there is no checkout: built, installed into an empty environment, run from elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import parinaya_cli
from parinaya_cli.adapters import embedded
from tests.conftest import ROOT
from tests.house.example_lists import guests
from tests.journeys import truth
from tests.journeys.stage import Stage, clean_environment
from tests.journeys.traces import MARK, see_that_nothing_stays
from tests.servers import open_folder

pytestmark = [pytest.mark.install, pytest.mark.processes, pytest.mark.timeout(400)]


def run(argv: Sequence[str], folder: Path) -> str:
    done = subprocess.run(
        argv,
        env=clean_environment({"PYTHONPATH": "", "PYTHONWARNINGS": ""}),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel; the libraries are those of the running one, without its own parinaya."""
    folder = tmp_path_factory.mktemp("install")
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], ROOT)
    [wheel] = folder.glob("*.whl")
    place = folder / "an environment"
    venv.create(place, with_pip=False)
    python = str(place / "bin" / "python")
    pip = [sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check"]
    run([*pip, "install", "--quiet", "--no-index", "--no-deps", str(wheel)], folder)
    [packages] = place.glob("lib/python*/site-packages")
    # A path in a .pth file is searched, but the .pth files below it are not read: no editable install comes along.
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    return place


@pytest.fixture
def elsewhere(environment: Path, tmp_path: Path) -> Iterator[Stage]:
    """The installed program with a fresh home, run from a folder outside of the checkout."""
    (tmp_path / "cwd").mkdir()
    program = [str(environment / "bin" / "parinaya")]
    with open_folder() as place:
        env = {
            "PYTHONPATH": "",
            "PARINAYA_HOME": str(place / "home"),
            "PARINAYA_CONFIG_DIR": str(tmp_path / "config"),
        }
        try:
            with Stage(env, place, program, tmp_path / "cwd") as stage:
                yield stage
        finally:
            embedded.remove(place / "home")


def test_the_wheel_brings_all_that_it_needs(environment: Path) -> None:
    code = "import parinaya_cli; print(parinaya_cli.__file__)"
    package = Path(run([str(environment / "bin" / "python"), "-c", code], environment).strip()).parent
    assert package.is_relative_to(environment)
    for name in ("migrations", "examples"):
        there = {
            file.relative_to(ROOT / name) for file in (ROOT / name).rglob("*.*") if file.suffix != ".pyc"
        }
        shipped = package / "_shipped" / name
        assert there
        assert {file.relative_to(shipped) for file in shipped.rglob("*.*") if file.suffix != ".pyc"} >= there
    pages = Path("web") / "pages"
    assert set(os.listdir(package / pages)) == set(os.listdir(ROOT / "parinaya_cli" / pages)) != set()
    assert not (package.parent / "tests").exists()
    said = run([str(environment / "bin" / "parinaya"), "--version"], environment)
    assert said == f"parinaya {parinaya_cli.__version__}\n"


def test_the_installed_program_sets_itself_up(elsewhere: Stage) -> None:
    made = elsewhere.json("init")
    assert made["upgraded"] is True
    found = elsewhere.json("db", "status")
    assert found == {"current": made["schema"], "head": made["schema"], "pending": []}


def test_the_demo_of_the_installed_program_tells_the_truth_and_leaves_nothing(
    environment: Path, tmp_path: Path
) -> None:
    """As a newcomer runs it: no settings at all, and a folder for temporary files of its own."""
    (tmp_path / "cwd").mkdir()
    with open_folder() as temporary:
        env = {"PYTHONPATH": "", "TMPDIR": str(temporary), MARK: str(temporary), "HOME": str(tmp_path)}
        with Stage(env, tmp_path, [str(environment / "bin" / "parinaya")], tmp_path / "cwd") as stage:
            ran = stage.run("demo", "--json", timeout=350)
            assert ran.code == 0, ran.err
            assert "Traceback" not in ran.err
            found = ran.json
            assert truth.told_table(found["items"]) == truth.table()
            assert found["households"] == len(guests())
            assert Counter(found["batch"]["counts"]) == truth.states()
            assert truth.inbox().total() <= found["inbox"] <= (truth.inbox() + truth.good_wishes()).total()
            assert (found["webhooks"]["failed"], found["webhooks"]["dead"], found["kept"]) == (0, 0, None)
            see_that_nothing_stays(stage)
            assert os.listdir(stage.cwd) == []
