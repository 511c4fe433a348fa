"""The stand-in as a process: ready when it accepts, ended cleanly by signals; options are checked."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from parinaya_cli.domain.errors import Failed, UsedWrongly
from parinaya_cli.sandbox.numbers import is_us, new_wamid, normal_phone
from parinaya_cli.sandbox.server import SandboxOptions, build_app, run, running
from tests.sandbox.sandbox_kit import MESSAGES, invite

PROGRAM = """
import sys
from pathlib import Path
from parinaya_cli.sandbox.server import SandboxOptions, parse_fault, run
run(SandboxOptions(port=0, journal=Path(sys.argv[1]), faults=(parse_fault("slow:60@1"),)))
print("ended")
"""


def test_a_process_says_when_it_is_ready_and_ends_on_a_signal(tmp_path: Path) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        path = tmp_path / f"{number}.jsonl"
        command = [sys.executable, "-c", PROGRAM, str(path)]
        with subprocess.Popen(
            command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stderr is not None
            line = process.stderr.readline()
            assert line.startswith("ready: ")
            address = line.split()[-1]
            headers = {"Authorization": "Bearer x"}
            answer = httpx.post(address + MESSAGES, json=invite(), headers=headers, trust_env=False)
            assert answer.status_code == 200
            with pytest.raises(httpx.ReadTimeout):
                httpx.post(address + MESSAGES, json=invite(), headers=headers, trust_env=False, timeout=0.3)
            while len(path.read_text().splitlines()) < 2:
                time.sleep(0.02)
            process.send_signal(number)
            out, err = process.communicate(timeout=60)
        assert (process.returncode, out) == (0, "ended\n"), err
        assert "Traceback" not in err
        assert len(path.read_text().splitlines()) == 2


def test_a_taken_port_is_a_failure_with_a_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Failed) as caught:
            run(SandboxOptions(port=taken.getsockname()[1]))
        assert "another port" in caught.value.hint


@pytest.mark.parametrize(
    "change",
    [
        {"duplicate": 1.5},
        {"fail_rate": -0.1},
        {"delay": (2.0, 1.0)},
        {"retry": (-1.0, 1.0)},
        {"messages_per_second": 0},
        {"window": 0.0},
        {"webhook": "localhost:8080"},
        {"port": 70000},
        {"templates": Path("no-such-file.json")},
        {"guests": Path("no-such-file.yaml")},
        {"journal": Path("no-such-folder/journal.jsonl")},
    ],
    ids=lambda change: next(iter(change)),
)
def test_options_that_can_not_be_meant_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(UsedWrongly) as caught:
        build_app(replace(SandboxOptions(), **change))
    assert caught.value.message
    assert caught.value.hint


def test_secrets_do_not_show_in_the_options() -> None:
    shown = repr(SandboxOptions(app_secret="s3cret", verify_token="v3rify", access_token="t0ken"))
    assert not any(word in shown for word in ("s3cret", "v3rify", "t0ken"))


def test_several_stand_ins_live_side_by_side_and_leave_their_ports() -> None:
    with running(SandboxOptions(port=0)) as one, running(SandboxOptions(port=0)) as two:
        assert one != two
        for address in (one, two):
            assert httpx.get(f"{address}/_sandbox/figures", trust_env=False).json()["idle"] is True
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        try:
            httpx.get(f"{one}/_sandbox/figures", trust_env=False)
        except httpx.ConnectError:
            return
    raise AssertionError("the port is still open")


def test_the_window_closes() -> None:
    with running(SandboxOptions(port=0, window=0.2)) as address:
        client = httpx.Client(base_url=address, headers={"Authorization": "Bearer x"}, verify=False)
        with client:
            client.post("/_sandbox/say", json={"phone": "+919812345678", "text": "hi"})
            body = {"messaging_product": "whatsapp", "to": "+919812345678", "text": {"body": "hello"}}
            answer = client.post(MESSAGES, json=body)
            while answer.status_code == 200:
                time.sleep(0.05)
                answer = client.post(MESSAGES, json=body)
            assert answer.json()["error"]["code"] == 131047


@pytest.mark.parametrize(
    ("phone", "us"),
    [
        ("+14155550133", True),
        ("+16475550154", False),
        ("+18765550100", False),
        ("+919812345678", False),
        ("+141555501", False),
    ],
)
def test_us_numbers_are_told_from_their_neighbours(phone: str, us: bool) -> None:
    assert is_us(phone) is us


def test_numbers_and_ids() -> None:
    assert normal_phone(" +91 (98123)-45678 ") == "+919812345678"
    assert normal_phone("919812345678") is None
    assert normal_phone("+0123456789") is None
    ids = {new_wamid("+919812345678", inbound=inbound) for inbound in (True, False) for _ in range(500)}
    assert len(ids) == 1000
