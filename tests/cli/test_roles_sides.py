"""Who acts for one side gets nothing of the other, by any command, file, page or error; the desk gets names only."""

from __future__ import annotations

import asyncio
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from parinaya_cli import settings
from parinaya_cli.domain.exports import KINDS
from parinaya_cli.web import site
from parinaya_cli.wiring import open_app
from tests.cli.roles_world import CANARY, PRIVATE, World

PHONE = re.compile(r"\+91|\b9[18]\d{3} ?\d{5}\b")
LOOKS = (
    "people list --all",
    "people list --gone --all",
    "people list --side groom --all",
    "people list --tag canarytag",
    *(
        f"people search {text}"
        for text in ("zorawar", "canary", "98111", "70001", "canarymail1@example.in", "canarytag", "savla")
    ),
    *(f"people timeline {ref}" for ref in ("P22", "P29", "U21", "U22", "U23")),
    *(f"people show {ref}" for ref in ("P22", "P29")),
    "units list",
    "units list --side groom",
    *(f"units show {ref}" for ref in ("U21", "U22")),
    "dedupe pairs",
    "dedupe pairs --decided",
    "invite list",
    "invite list --side groom",
    "invite status B1",
    "invite messages B1",
    "rsvp status",
    "rsvp status --side groom",
    "rsvp list",
    "rsvp list --side groom",
    "rsvp history U22",
    *(
        f"rsvp why --event sangeet --count {count} --since 2026-01-01T00:00"
        for count in ("yes_heads", "pending_units", "invited_units")
    ),
    "rsvp why --event sangeet --side groom",
    "checkin --event sangeet",
    "gifts list",
    "gifts list --side groom",
    "exports list",
    "dashboard show",
    "events list",
    "events show sangeet",
    "weddings show",
    "templates list",
)
"""What may be looked at with something of both sides in it."""

THEIRS = (
    ("people show {}", "P24", "P99"),
    ("people show {}", "P30", "P99"),
    ("people timeline {}", "P24", "P99"),
    ("people timeline {}", "U24", "U99"),
    ("units show {}", "U24", "U99"),
    ("dedupe explain P1 {}", "P24", "P99"),
    ("consent history {}", "P24", "P99"),
    ("consent history {}", "+919811170001", "+919811179999"),
    ("rsvp history {}", "U24", "U99"),
    ("rsvp set {} yes --event sangeet --heads 1", "U24", "U99"),
    ("checkin {} --event sangeet", "U24", "U99"),
    ("gifts add --unit {} --what Bowl", "U24", "U99"),
    ("gifts thank {}", "G2", "G99"),
    ("exports show {}", "X1", "X99"),
    ("exports link {}", "X1", "X99"),
)
"""Commands that name a thing of the other side, and a thing that is not there."""


def _texts(path: Path) -> Iterator[str]:
    """All that a file tells, a workbook's sheets too."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as book:
            yield from (book.read(name).decode("utf-8", "replace") for name in book.namelist())
    else:
        yield path.read_text("utf-8", "replace")


def _page(world: World, url: str) -> str:
    """A parents' page, as a browser gets it."""
    told = settings.load(env=world.env, path=world.folder / "config" / "config.toml")

    async def get() -> str:
        with open_app(told, pool=4) as app:
            transport = httpx.ASGITransport(site.build(app, site.limits()))
            async with httpx.AsyncClient(transport=transport, base_url="http://site") as client:
                answer = await client.get(urlsplit(url).path)
                assert answer.status_code == 200
                return answer.text

    return asyncio.run(get())


def test_nothing_of_the_other_side_comes_out(world: World) -> None:
    wrong = []
    for line in LOOKS:
        ran = world.run(f"{line} --json", "family")
        leaked = CANARY.search(ran.out + ran.err)
        if ran.code != 0 or leaked:
            wrong.append(f"{line}: {ran.code} {leaked and leaked[0]!r} {ran.err}")
    assert not wrong, "\n".join(wrong)
    owner = "".join(world.run(line, "owner").out for line in ("people list --all", "rsvp list", "gifts list"))
    assert CANARY.search(owner)


def test_what_is_theirs_is_not_there(world: World) -> None:
    for line, theirs, nobodys in THEIRS:
        told = []
        for ref in (theirs, nobodys):
            ran = world.run(f"{line.format(ref)} --json", "family")
            told.append((ran.code, ran.out, ran.err.replace(ref, "REF")))
        assert told[0] == told[1], line
        assert told[0][0] == 4, line


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json"])
def test_files_hold_one_side(world: World, ending: str) -> None:
    for kind in KINDS:
        path = world.folder / f"{kind}.{ending}"
        ran = world.run(f"export {kind} --to {path}", "family")
        assert ran.code == (3 if kind == "audit" else 0), (kind, ran.err)
        if ran.code == 0:
            told = "".join(_texts(path))
            assert not CANARY.search(told), kind
            assert ("Meena" in told) == (kind != "headcount"), kind


def test_duplicates_across_the_sides_are_already_invited(world: World) -> None:
    [pair] = world.run("dedupe pairs --json", "family").json["items"]
    assert pair["why"] == ["already invited"]
    assert (pair["right"], pair["right_name"], pair["score"], pair["against"]) == (None, None, None, [])


def test_counts_are_of_one_side(world: World) -> None:
    told = {role: world.run("invite status B1 --json", role).json for role in ("family", "owner")}
    assert sum(told["owner"]["counts"].values()) == 28
    assert sum(told["family"]["counts"].values()) == 23
    assert "28" not in world.run("invite status B1", "family").out
    seen = world.run("dashboard show --json", "family").json
    assert seen["deliveries"]["accepted"] == 23
    assert {one["event"]: one["invited_units"] for one in seen["events"]}["sangeet"] == 21


@pytest.mark.parametrize("phones", ["", " --with-phones"])
def test_pages_of_parents_show_one_side(world: World, phones: str) -> None:
    made = world.run(f"dashboard link --name Leela --side bride{phones} --json", "owner").json
    page = _page(world, made["url"])
    assert "Asha Rao" in page
    assert not CANARY.search(page)
    assert bool(PHONE.search(page)) == bool(phones)
    path = world.folder / "page.html"
    assert world.run(f"dashboard show --html {path}", "family").code == 0
    assert not CANARY.search(path.read_text("utf-8"))


def test_the_desk_sees_names_and_answers(world: World) -> None:
    wrong = []
    for line in LOOKS:
        ran = world.run(f"{line} --json", "desk")
        leaked = PRIVATE.search(ran.out + ran.err)
        if ran.code not in (0, 3) or leaked:
            wrong.append(f"{line}: {ran.code} {leaked and leaked[0]!r} {ran.err}")
    assert not wrong, "\n".join(wrong)
    assert "Zorawar" in json.dumps(world.run("people list --all --json", "desk").json)
