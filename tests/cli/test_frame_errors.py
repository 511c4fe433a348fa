"""What an operator is told when something goes wrong, and the exit code."""

from __future__ import annotations

import json
import subprocess

import pytest

from parinaya_cli.cli.errors import EXIT_CODES, ExitCode, exit_code, explain, run
from parinaya_cli.domain import errors
from tests.cli.frame_sample import root
from tests.cli.frame_terminal import PARINAYA, ROOT, SAMPLE, environment, in_pipe, on_terminal

BUG = "error: parinaya met an error that it did not expect (KeyError).\n"


@pytest.mark.parametrize(
    ("kind", "code", "name", "message", "hint"),
    [
        ("wrong", 2, "used_wrongly", "That is no date.", "Write 2026-11-28."),
        ("forbidden", 3, "not_permitted", "A desk may not send.", errors.NotPermitted.default_hint),
        ("missing", 4, "not_found", "There is no P99.", errors.NotFound.default_hint),
        ("away", 6, "unreachable", "Postgres does not answer.", "See `parinaya doctor`."),
        ("locked", 7, "locked", "Another reconcile is running.", errors.Locked.default_hint),
        ("failed", 1, "failed", "It did not work.", errors.Failed.default_hint),
        ("refused", 6, "unreachable", "A connection was refused or broke off.", "See `parinaya doctor`."),
    ],
)
def test_each_kind_of_error(
    kind: str, code: int, name: str, message: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["fail", kind], root) == code
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", f"error: {message}\n hint: {hint}\n")
    assert run(["fail", kind, "--json"], root) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert json.loads(told.err) == {"error": {"code": name, "message": message, "hint": hint}}


def test_every_kind_has_an_exit_code() -> None:
    assert set(errors.ParinayaError.__subclasses__()) == set(EXIT_CODES)

    class Refined(errors.NotFound):
        pass

    assert exit_code(Refined("")) is ExitCode.NOT_FOUND
    assert exit_code(errors.ParinayaError("")) is ExitCode.FAILED


@pytest.mark.parametrize(
    ("argv", "message", "path"),
    [
        (["nothing"], "No such command 'nothing'.", "parinaya"),
        (["lst"], "No such command 'lst'. Did you mean 'list'?", "parinaya"),
        (["add"], "Missing argument 'NAME'.", "parinaya add"),
        (
            ["add", "A", "--seats", "x"],
            "Invalid value for '--seats': 'x' is not a whole number.",
            "parinaya add",
        ),
        (["add", "A", "B"], "This is too much (B).", "parinaya add"),
        (["list", "--wedding"], "Option '--wedding' requires an argument.", "parinaya list"),
        (["list", "--wed", "x"], "No such option: --wed (Possible options: --wedding).", "parinaya list"),
        (["--json"], "No such option: --json.", "parinaya"),
    ],
)
def test_a_line_that_is_typed_wrongly(
    argv: list[str], message: str, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if argv != ["--json"]:
        assert run(argv, root) == 2
        assert capsys.readouterr() == ("", f"error: {message}\n hint: See `{path} --help`.\n")
    assert run([argv[0], "--json", *argv[1:]], root) == 2
    document = json.loads(capsys.readouterr().err)
    assert document["error"]["code"] == "used_wrongly"


def test_an_unforeseen_error_is_one_line_that_quotes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["fail", "bug"], root) == 1
    told = capsys.readouterr().err
    assert told.startswith(BUG)
    assert len(told.splitlines()) == 2
    assert "secret" not in told


def test_foreign_errors_are_not_named() -> None:
    class OperationalError(Exception):
        __module__ = "psycopg"

    report = explain(OperationalError("DETAIL: Key (phone)=(+919820012345)"))
    assert report.message == "parinaya met an error that it did not expect."
    assert (report.code, report.exit_code) == ("internal", 1)


def test_an_error_of_the_system_names_the_place() -> None:
    report = explain(PermissionError(13, "Permission denied", "/var/lib/parinaya"))
    assert report.message == "Permission denied: /var/lib/parinaya."
    assert report.exit_code == 1


def test_debugging_shows_where_without_values() -> None:
    done = in_pipe([*SAMPLE, "fail", "away"], env={"PARINAYA_DEBUG": "1"})
    assert done.returncode == 6
    assert done.stderr.startswith("error: Postgres does not answer.\n")
    assert "Traceback (most recent call last)" in done.stderr
    assert "Traceback" not in in_pipe([*SAMPLE, "fail", "away"], env={"PARINAYA_DEBUG": "0"}).stderr
    assert "Traceback" not in in_pipe([*SAMPLE, "fail", "bug"]).stderr


def test_debugging_works_when_the_settings_are_what_is_wrong() -> None:
    env = {"PARINAYA_DEBUG": "1", "WHATSAPP_BASE_URL": "nowhere"}
    assert "Traceback" in in_pipe([*PARINAYA, "config", "show"], env=env).stderr


def test_ctrl_c() -> None:
    seen = on_terminal([*SAMPLE, "drop", "P1"], answers={"[y/N]": "\x03"})
    assert seen.exit_code == 130
    assert seen.screen.endswith("error:\x1b[0m Interrupted.\n hint: Run the same command again to go on.\n")
    document = json.loads(in_pipe([*SAMPLE, "fail", "interrupt", "--json"]).stderr)
    assert document["error"]["code"] == "interrupted"


@pytest.mark.parametrize("argv", [["list"], ["list", "--json"], ["--help"], ["add", "--help"]])
def test_a_reader_that_goes_away_is_no_error(argv: list[str]) -> None:
    process = subprocess.Popen(
        [*SAMPLE, *argv, "-q"][: None if argv[-1] != "--help" else -1],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        cwd=ROOT,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    told = process.stderr.read().decode()
    process.stderr.close()
    assert (process.wait(timeout=30), told.replace("warning: a warning\n", "")) == (141, "")


@pytest.mark.parametrize("argv", [["list"], ["list", "--json"], ["--help"]])
def test_a_full_disk_is_told(argv: list[str]) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*SAMPLE, *argv], stdout=full, stderr=subprocess.PIPE, env=environment(), cwd=ROOT, timeout=60
        )
    assert done.returncode == 1
    assert b"No space left on device." in done.stderr


def test_closed_streams_are_no_error() -> None:
    line = " ".join([*SAMPLE, "list", ">&-", "2>&-"])
    done = subprocess.run(["sh", "-c", line], env=environment(), cwd=ROOT, timeout=60)
    assert done.returncode == 0


def test_an_error_is_told_in_colour_on_a_terminal_alone() -> None:
    assert "\x1b[1;31merror:\x1b[0m It did not work." in on_terminal([*SAMPLE, "fail", "failed"]).screen
    assert "\x1b" not in on_terminal([*SAMPLE, "fail", "failed"], env={"NO_COLOR": "1"}).screen


def test_a_message_is_one_line_and_does_not_steer(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["add", "A", "--seats", "\x1b[31m\nx"], root) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2
    assert run(["\x1b[31mX"], root) == 2
    assert "\x1b" not in capsys.readouterr().err


def test_some_rejected(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reject"], root) == 5
    assert capsys.readouterr().out == "2 rows were rejected.\n"
    assert run(["reject", "--json"], root) == 5
    assert json.loads(capsys.readouterr().out) == {"rejected": 2}


def test_the_word_json_after_the_options_end_is_no_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["fail", "--", "--json"], root) == 1
    assert capsys.readouterr().err.startswith(BUG)


def test_the_version() -> None:
    from parinaya_cli import __version__

    assert in_pipe([*PARINAYA, "--version"]).stdout == f"parinaya {__version__}\n"
    assert in_pipe([*PARINAYA, "--version", "config"]).stdout == f"parinaya {__version__}\n"


def test_an_error_is_folded_under_itself_on_a_narrow_terminal() -> None:
    argv = [*PARINAYA, "config", "set", "WHATSAPP_ACCESS_TOKEN", "x"]
    screen = on_terminal(argv, columns=60, env={"NO_COLOR": "1"}).screen
    assert screen.replace("\r", "").splitlines() == [
        "error: WHATSAPP_ACCESS_TOKEN is secret, and arguments show",
        "       in histories and lists of processes.",
        " hint: Run `parinaya config set WHATSAPP_ACCESS_TOKEN -` and",
        "       paste it there, or pipe it in.",
    ]
