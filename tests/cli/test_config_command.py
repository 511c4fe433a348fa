"""``parinaya config``, run as a program."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from tests.cli.frame_terminal import PARINAYA, in_pipe, on_terminal
from tests.conftest import ROOT

TOKEN = "EAAGm0PX4ZCpsBAKtoken9f3c"


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {"PARINAYA_CONFIG_DIR": str(tmp_path)}


def kept(env: dict[str, str]) -> dict[str, object]:
    return tomllib.loads((Path(env["PARINAYA_CONFIG_DIR"]) / "config.toml").read_text())


def test_show_tells_each_value_and_its_origin(env: dict[str, str]) -> None:
    in_pipe([*PARINAYA, "config", "set", "PARINAYA_TOKEN", "-"], env=env, typed=TOKEN)
    env["AWS_REGION"] = "ap-south-1"
    done = in_pipe([*PARINAYA, "config", "show", "--json", "--wedding", "asha-ravi"], env=env)
    document = json.loads(done.stdout)
    rows = {row["key"]: (row["value"], row["origin"]) for row in document["items"]}
    assert rows["PARINAYA_WEDDING"] == ("asha-ravi", "flag")
    assert rows["AWS_REGION"] == ("ap-south-1", "environment")
    assert rows["PARINAYA_TOKEN"] == ("••••9f3c", "file")
    assert rows["WHATSAPP_MESSAGES_PER_SECOND"] == (80, "default")
    assert rows["REDIS_URL"] == (None, "default")
    assert document["total"] == len(rows)
    assert document["config_file"] == f"{env['PARINAYA_CONFIG_DIR']}/config.toml"
    lines = in_pipe([*PARINAYA, "config", "show"], env=env)
    assert "AWS_REGION\tap-south-1\tenvironment\n" in lines.stdout
    assert TOKEN not in done.stdout + lines.stdout + lines.stderr


def test_set_keeps_a_value_and_unset_removes_it(env: dict[str, str]) -> None:
    done = in_pipe([*PARINAYA, "config", "set", "whatsapp_phone_number_id", "106540352242922"], env=env)
    assert done.returncode == 0
    assert kept(env) == {"whatsapp_phone_number_id": "106540352242922"}
    done = in_pipe([*PARINAYA, "config", "unset", "WHATSAPP_PHONE_NUMBER_ID", "--json"], env=env)
    assert json.loads(done.stdout)["value"] is None
    assert kept(env) == {}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("PARINAYA_TOKEN", TOKEN),
        ("whatsapp_app_secret", "x"),
        ("DATABASE_URL", "postgresql://u:hunter22@db/x"),
    ],
)
def test_a_secret_as_an_argument_is_refused(env: dict[str, str], key: str, value: str) -> None:
    done = in_pipe([*PARINAYA, "config", "set", key, value], env=env)
    assert done.returncode == 2
    assert f"parinaya config set {key.upper()} -" in done.stderr
    assert "hunter22" not in done.stderr
    assert not (Path(env["PARINAYA_CONFIG_DIR"]) / "config.toml").exists()


def test_a_secret_comes_through_a_pipe(env: dict[str, str]) -> None:
    done = in_pipe([*PARINAYA, "config", "set", "WHATSAPP_ACCESS_TOKEN", "-"], env=env, typed=f"{TOKEN}\n")
    assert done.returncode == 0
    assert kept(env) == {"whatsapp_access_token": TOKEN}
    assert TOKEN not in done.stdout + done.stderr


def test_a_secret_is_asked_for_without_showing_it(env: dict[str, str]) -> None:
    answers = {"WHATSAPP_ACCESS_TOKEN: ": f"{TOKEN}\n"}
    seen = on_terminal([*PARINAYA, "config", "set", "WHATSAPP_ACCESS_TOKEN", "-"], answers=answers, env=env)
    assert seen.exit_code == 0
    assert TOKEN not in seen.screen
    assert kept(env) == {"whatsapp_access_token": TOKEN}


def test_what_is_no_secret_is_asked_for_in_the_open(env: dict[str, str]) -> None:
    seen = on_terminal(
        [*PARINAYA, "config", "set", "AWS_REGION", "-"],
        answers={"AWS_REGION: ": "eu-west-1\n"},
        env=env,
        pipe_stdout=True,
    )
    assert seen.screen == "AWS_REGION: eu-west-1\n"
    assert seen.piped == f"AWS_REGION is now eu-west-1 in {env['PARINAYA_CONFIG_DIR']}/config.toml\n"


@pytest.mark.parametrize("answer", ["\n", "\x04"])
def test_an_empty_answer_is_refused(env: dict[str, str], answer: str) -> None:
    seen = on_terminal(
        [*PARINAYA, "config", "set", "WHATSAPP_APP_SECRET", "-"],
        answers={"WHATSAPP_APP_SECRET: ": answer},
        env=env,
    )
    assert seen.exit_code in (1, 2)
    assert not (Path(env["PARINAYA_CONFIG_DIR"]) / "config.toml").exists()


def test_a_value_that_the_environment_hides_is_warned_of(env: dict[str, str]) -> None:
    env["AWS_REGION"] = "ap-south-1"
    done = in_pipe([*PARINAYA, "config", "set", "AWS_REGION", "eu-west-1", "--quiet"], env=env)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "warning: AWS_REGION is also set in the environment, and that one holds.\n"


def test_a_bad_value_can_be_mended_by_set_and_unset(env: dict[str, str]) -> None:
    path = Path(env["PARINAYA_CONFIG_DIR"]) / "config.toml"
    path.write_text('whatsapp_base_url = "nowhere"\n')
    assert in_pipe([*PARINAYA, "config", "show"], env=env).returncode == 2
    assert in_pipe([*PARINAYA, "config", "unset", "WHATSAPP_BASE_URL"], env=env).returncode == 0
    assert in_pipe([*PARINAYA, "config", "show"], env=env).returncode == 0


def test_an_unknown_setting(env: dict[str, str]) -> None:
    done = in_pipe([*PARINAYA, "config", "set", "DATABSE_URL", "x"], env=env)
    assert done.returncode == 2
    assert "Did you mean DATABASE_URL" in done.stderr


def test_a_secret_can_lie_in_the_systems_keyring(env: dict[str, str], tmp_path: Path) -> None:
    ring = tmp_path / "ring.json"
    env |= {
        "PYTHON_KEYRING_BACKEND": "tests.cli.ring_sample.Ring",
        "RING": str(ring),
        "PYTHONPATH": str(ROOT),
    }
    put = [*PARINAYA, "config", "set", "WHATSAPP_APP_SECRET", "-", "--keyring"]
    done = in_pipe(put, env=env, typed=TOKEN)
    assert done.returncode == 0, done.stderr
    assert kept(env) == {"whatsapp_app_secret": "keyring:"}
    assert TOKEN in ring.read_text()
    shown = in_pipe([*PARINAYA, "config", "show", "--json"], env=env)
    rows = {row["key"]: (row["value"], row["origin"]) for row in json.loads(shown.stdout)["items"]}
    assert rows["WHATSAPP_APP_SECRET"] == ("••••9f3c", "file")
    ring.unlink()
    gone = in_pipe([*PARINAYA, "config", "show", "--json"], env=env)
    assert (gone.returncode, json.loads(gone.stderr)["error"]["code"]) == (2, "not_in_keyring")
    locked = in_pipe([*put, "--json"], env={**env, "RING": str(tmp_path / "locked")}, typed=TOKEN)
    assert (locked.returncode, json.loads(locked.stderr)["error"]["code"]) == (2, "no_keyring")
    assert TOKEN not in done.stdout + shown.stdout + gone.stderr + locked.stderr
    region = [*PARINAYA, "config", "set", "AWS_REGION", "ap-south-1", "--keyring"]
    assert in_pipe(region, env=env).returncode == 2
