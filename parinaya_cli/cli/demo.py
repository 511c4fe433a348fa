"""``parinaya demo``: the whole loop on an invented wedding, with the real processes."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from parinaya_cli.cli.options import Call, single, verb
from parinaya_cli.cli.output import Result

if TYPE_CHECKING:
    from parinaya_cli.cli.rehearsal import Rehearsal

app = single()

SLUG = "ananya-kabir"
ANSWER_SECONDS = 180.0
"""How long the demo waits for its guests at most."""


@verb(
    app,
    "demo",
    examples=["parinaya demo", "parinaya demo --keep", "parinaya demo --guests 50 --json"],
)
def demo(
    call: Call,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the wedding in place to play with.")] = False,
    guests: Annotated[int | None, typer.Option(help="Invite only so many households.")] = None,
    picture: Annotated[Path | None, typer.Option(help="Write a picture of the result there (SVG).")] = None,
) -> Result:
    """Try the whole loop: lists in, invitations out, answers back, and the RSVP table fills.

    Nothing leaves this machine: WhatsApp is played by the stand-in, its guests follow a script.
    """
    from parinaya_cli.cli.rehearsal import Rehearsal, copy_examples

    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="parinaya-demo-"))
    try:
        copy_examples(_examples(), folder / "examples", datetime.now(UTC).date())
        with Rehearsal(_environment(None if keep else folder), folder / "examples") as stage:
            told = _play(call, stage, guests)
    finally:
        _clear(folder, keep=keep)
    told["seconds"] = round(time.monotonic() - started, 1)
    told["kept"] = told.pop("slug") if keep else None
    if picture is not None:
        from parinaya_cli.cli.picture import draw

        draw(picture, "parinaya demo", _story(told))
    return Result(told, _story(told))


def _examples() -> Path:
    """The files of the invented wedding: in an installed package, or at the top of a checkout."""
    package = Path(__file__).resolve().parent.parent
    shipped = package / "_shipped" / "examples"
    return shipped if shipped.is_dir() else package.parent / "examples"


def _environment(folder: Path | None) -> dict[str, str]:
    """The demo's own account and rate; without --keep also a home and settings of its own."""
    own = {
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "PARINAYA_TOKEN": "",
        "PARINAYA_WEDDING": "",
        "WHATSAPP_ACCESS_TOKEN": "demo",
        "WHATSAPP_PHONE_NUMBER_ID": "106540352242922",
        "WHATSAPP_BUSINESS_ACCOUNT_ID": "102290129340398",
        "WHATSAPP_APP_SECRET": "demo",
        "WHATSAPP_VERIFY_TOKEN": "demo",
        "WHATSAPP_MESSAGES_PER_SECOND": "80",
        "PYTHONPATH": str(Path(__file__).resolve().parent.parent.parent),
    }
    if folder is not None:
        own |= {"PARINAYA_HOME": str(folder / "home"), "PARINAYA_CONFIG_DIR": str(folder / "config")}
        (folder / "config").mkdir()
    return own


def _clear(folder: Path, *, keep: bool) -> None:
    from parinaya_cli.adapters import embedded

    if not keep:
        embedded.remove(folder / "home")
    shutil.rmtree(folder, ignore_errors=True)


def _play(call: Call, stage: Rehearsal, guests: int | None) -> dict[str, Any]:
    """Every step as an operator would take it; returns the figures."""

    def step(text: str, *argv: str, fine: tuple[int, ...] = (0,)) -> Any:
        call.out.note(f"\n{text}\n  $ parinaya {' '.join(_quoted(one) for one in argv)}")
        return stage.run(*argv, fine=fine)

    step("Settings, servers and schema", "init")
    slug = _free_slug(stage)
    stage.env = {**stage.env, "PARINAYA_WEDDING": slug}
    step("A wedding", "weddings", "add", "Ananya & Kabir", "--slug", slug, "--couple", "Ananya & Kabir")
    events = step("Its five events", "events", "import", "events.yaml")
    call.out.note(f"  {len(events['added'])} events")
    imports = [
        _import(call, step, side, name)
        for side, name in (("bride", "bride_family.csv"), ("groom", "groom_family.csv"))
    ]
    gathered = _gather(call, step)
    for line in _guest_lists():
        added = step("A guest list", "invite", "add", *line)
        call.out.note(f"  {added['added']} invitations")
    stand_in = _start_all(call, stage)
    templates = step("Approved templates", "templates", "sync")
    call.out.note(f"  {templates['new']} templates")
    limit = ("--limit", str(guests)) if guests else ()
    send = ("invite", "send", "--template", "shaadi_invite", *limit)
    rehearsed = step("A rehearsal: who would get what, and who would not", *send, "--dry-run")
    estimate = rehearsed["estimate"]
    call.out.note(
        f"  {rehearsed['queued']} messages, about ₹{estimate['amount']:.2f}; left out: "
        + _counted(rehearsed["skipped"])
    )
    sent = step(
        "The invitations leave", *send, "--expect", rehearsed["fingerprint"], "--wait", "--yes", fine=(0, 5)
    )
    call.out.note(f"  {sent['batch']}: {_counted(sent['counts'])}")
    _answers(call, stage, stand_in, sent["queued"])
    status = step("Where things stand", "rsvp", "status")
    batch = stage.run("invite", "status", sent["batch"])
    inbox = stage.run("inbox", "list")
    return {
        "slug": slug,
        "imports": imports,
        **gathered,
        "batch": batch,
        "inbox": inbox["total"],
        "webhooks": stage.run("webhook", "list", "--limit", "1")["counts"],
        "items": status["items"],
        "as_of": status["as_of"],
    }


def _quoted(word: str) -> str:
    return f"'{word}'" if " " in word else word


def _free_slug(stage: Rehearsal) -> str:
    taken = {one["slug"] for one in stage.run("weddings", "list")["items"]}
    return next(slug for slug in (SLUG, *(f"{SLUG}-{n}" for n in range(2, 1000))) if slug not in taken)


def _import(call: Call, step: Any, side: str, name: str) -> dict[str, Any]:
    found = step(f"The {side}'s list", "people", "import", name, "--side", side, fine=(0, 5))
    call.out.note(
        f"  {found['rows']} rows: {found['created']} new, {found['rejected']} rejected, "
        f"{len(found['warnings'])} to look at"
    )
    keys = ("source", "rows", "created", "updated", "unchanged", "rejected")
    return {key: found[key] for key in keys}


def _gather(call: Call, step: Any) -> dict[str, Any]:
    """Find who stands there twice, and make households."""
    found = step("Who stands in the lists twice", "dedupe", "scan")
    merged = step("Those who surely do become one", "dedupe", "apply", "--yes")["merged_people"]
    call.out.note(f"  {merged} merged; {found['unsure']} pairs wait for somebody to look at them")
    built = step("Who belongs together", "units", "build")
    call.out.note(f"  {built['people_placed']} people in {built['created']} households")
    return {
        "duplicates": {"pairs": found["pairs"], "merged_people": merged},
        "households": built["created"],
        "people": built["people_placed"],
    }


def _guest_lists() -> list[list[str]]:
    """What `guest_lists.yaml` says, as the options of `invite add`."""
    import yaml

    told = yaml.safe_load((_examples() / "guest_lists.yaml").read_text(encoding="utf-8"))
    lines = []
    for one in told:
        line = [word for event in one["events"] for word in ("--event", event)]
        line += ["--all"] if one.get("all") else []
        for key in ("side", "tag"):
            line += [f"--{key}", one[key]] if one.get(key) else []
        lines.append(line)
    return lines


def _start_all(call: Call, stage: Rehearsal) -> str:
    """Start the receiver, the stand-in and a worker; returns the address of the stand-in."""
    receiver = _start(call, stage, "receiver", "webhook", "serve", "--port", "0")
    hook = f"{receiver}/webhooks/whatsapp"
    rehearsal = (
        "--port",
        "0",
        "--webhook",
        hook,
        "--guests",
        "guests.yaml",
        "--rate",
        "1000",
        "--delay",
        "0.02-0.3",
    )
    stand_in = _start(call, stage, "stand-in", "sandbox", "serve", *rehearsal)
    stage.env = {**stage.env, "WHATSAPP_BASE_URL": stand_in}
    _start(call, stage, "worker", "worker")
    return stand_in


def _start(call: Call, stage: Rehearsal, name: str, *argv: str) -> str:
    call.out.note(f"\nThe {name} starts\n  $ parinaya {' '.join(argv)} &")
    return stage.start(name, *argv)


def _answers(call: Call, stage: Rehearsal, stand_in: str, expected: int) -> None:
    """Wait until the guests have said all they will say, and all of it has been processed."""
    from parinaya_cli import settings
    from parinaya_cli.cli.rehearsal import figures
    from parinaya_cli.domain.access import Channel
    from parinaya_cli.services import workload
    from parinaya_cli.wiring import open_app

    call.out.note("\nThe guests read, tap, write back")
    deadline = time.monotonic() + ANSWER_SECONDS
    told = settings.load(env=stage.environment())
    quiet = 0
    with open_app(told) as opened, call.out.progress(expected, "households heard") as bar:
        heard = 0
        while quiet < 3 and time.monotonic() < deadline:
            stage.check()
            with opened.begin_as_system(Channel.CLI) as tx:
                open_work = workload.open_work(tx)
                now = workload.households_heard(tx)
            bar.advance(now - heard)
            heard = now
            idle = figures(stand_in)["idle"] and not open_work
            quiet = quiet + 1 if idle else 0
            time.sleep(0.4)
    call.out.note(f"  {heard} households answered or wrote back")


def _story(told: dict[str, Any]) -> Any:
    """The end of the demo for people: the table, what became of the messages, what to try next."""
    from rich.console import Group
    from rich.table import Table

    table = Table(title="Ananya & Kabir: where things stand", title_justify="left")
    table.add_column("Event", no_wrap=True)
    columns = ("Invited", "Seats", "Answered", "Yes", "Heads", "No", "Maybe", "Pending")
    keys = (
        "invited_units", "invited_seats", "answered_units", "yes_units", "yes_heads", "no_units", "maybe_units",
        "pending_units",
    )  # fmt: skip
    for title in columns:
        table.add_column(title, justify="right")
    for row in told["items"]:
        table.add_row(row["title"], *(str(row[key]) for key in keys))
    lines = [
        "",
        f"Messages: {_counted(told['batch']['counts'])}.",
        f"Left out: {_counted(told['batch']['skipped'])}.",
        f"{told['inbox']} replies wait for a human in the inbox. It took {told['seconds']} seconds.",
        "",
    ]
    if told["kept"]:
        lines += [
            "The wedding stays in place. Try:",
            f"  parinaya rsvp list --event sangeet --status pending -w {told['kept']}",
            f"  parinaya dedupe review -w {told['kept']}",
            f"  parinaya inbox list -w {told['kept']}",
            f"  parinaya invite status -w {told['kept']}",
            f"  parinaya audit list -w {told['kept']}",
        ]
    else:
        lines += ["Everything was cleared away. To keep it and play on: parinaya demo --keep"]
        lines += ["Your own wedding: parinaya init, then parinaya weddings add 'Asha & Rohan'"]
    return Group(table, "\n".join(lines))


def _counted(figures: Mapping[str, int]) -> str:
    """``2 no_phone, 1 invalid_phone``."""
    return ", ".join(f"{count} {name}" for name, count in figures.items()) or "nobody"
