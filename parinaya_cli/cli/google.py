"""``parinaya google``: signing in to Google Contacts; and what ``people import google`` does and says."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from parinaya_cli.cli.options import Call, group, verb
from parinaya_cli.cli.output import Result, items
from parinaya_cli.cli.text import is_terminal
from parinaya_cli.domain.errors import ParinayaError, Unreachable

if TYPE_CHECKING:
    from parinaya_cli.services.google import GoogleReport
    from parinaya_cli.services.imports import Hooks, ImportRequest

app = group("google", "Sign in to Google Contacts.")

_SHOWN = 20
"""People shown who are gone; --json has all of them."""


@verb(
    app,
    "sign-in",
    examples=["parinaya google sign-in", "parinaya google sign-in --no-browser --port 8085"],
)
def sign_in(
    call: Call,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open a browser, or show the address only.")
    ] = True,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port on which Google's answer comes in; 0 takes any.")
    ] = 0,
    timeout: Annotated[int, typer.Option(min=1, max=3600, help="Seconds to wait for the answer.")] = 300,
) -> Result:
    """Allow parinaya to read your Google Contacts.

    Google's page opens in a browser on this machine. Where there is none, name a port, forward it from the
    machine with the browser (ssh -L 8085:127.0.0.1:8085 HOST) and open the address there. parinaya reads
    contacts; it can't change them.
    """
    _sign_in(call, browser, port, timeout)
    place = call.app().google_places.token_file
    return Result({"signed_in": True, "token_file": place}, f"Signed in. The sign-in is kept in {place}.")


def _sign_in(call: Call, browser: bool = True, port: int = 0, seconds: int = 300) -> None:
    from parinaya_cli.adapters.google import credentials

    def say(text: str) -> None:
        typer.echo(text, err=True)  # also with --quiet and --json: without the address nobody can answer

    credentials.sign_in(call.app().google_places, credentials.Asking(say, browser, port, seconds))


@verb(app, "status", examples=["parinaya google status", "parinaya google status --json"])
def status(call: Call) -> Result:
    """Show whether parinaya may read Google Contacts, and the groups there.

    Google is asked. Exit code 1: there is a sign-in, and Google does not accept it.
    """
    places = call.app().google_places
    told = {"signed_in": places.signed_in, "token_file": places.token_file}
    told |= {"client_secrets": places.client_secrets}
    if not places.signed_in:
        call.out.note("Nobody is signed in. Sign in once: parinaya google sign-in")
        return Result({**told, "works": False, "problem": "not_signed_in", "items": [], "total": 0})
    try:
        groups = call.app().open_google().list_groups()
    except ParinayaError as error:
        call.out.warn(f"{error.message} {error.hint}")
        code = 6 if isinstance(error, Unreachable) else 1
        return Result({**told, "works": False, "problem": error.code, "items": [], "total": 0}, None, code)
    rows = [{"name": one.name, "members": one.members, "id": one.id} for one in groups]
    return items(
        rows,
        [("name", "Group"), ("members", "Contacts")],
        empty="parinaya may read Google Contacts; there are no groups.",
        extra={**told, "works": True, "problem": None},
    )


@verb(app, "sign-out", changes=True, examples=["parinaya google sign-out", "parinaya google sign-out -q"])
def sign_out(call: Call) -> Result:
    """Take the permission back, here and at Google. People who were imported stay."""
    from parinaya_cli.adapters.google import credentials

    places = call.app().google_places
    was = places.signed_in
    revoked = credentials.sign_out(places)
    if not revoked:
        call.out.warn(
            "Google did not hear of it: take the permission back at https://myaccount.google.com/permissions"
        )
    text = "Signed out." if was else "Nobody was signed in."
    return Result({"signed_in": False, "revoked": was and revoked}, text)


# ── people import google ───────────────────────────────────────────────────────────────────────────────


def import_contacts(
    call: Call, request: ImportRequest, group: str | None, progress: Callable[[int], None], hooks: Hooks
) -> GoogleReport:
    """Import Google Contacts, or one group of them. Somebody at a terminal is asked to sign in first.

    Raises:
        UsedWrongly: nobody is signed in, and nobody is there to do it.
    """
    from parinaya_cli.services import google

    places = call.app().google_places
    if not places.signed_in and is_terminal(sys.stdin) and is_terminal(sys.stderr) and not call.out.json:
        _sign_in(call)
    return google.import_google(
        lambda: call.app().begin(reason=call.reason),
        call.app().open_google(),
        request,
        group,
        progress,
        hooks,
    )


def document(report: GoogleReport) -> dict[str, object]:
    """What ``--json`` shows of Google, beside what it shows of every import."""
    return {
        "group": report.group or None,
        "changes_only": report.changes_only,
        "gone": [{"person": one.person, "full_name": one.full_name} for one in report.gone],
    }


def lines(report: GoogleReport) -> Iterator[str]:
    """What people read of Google, beside what they read of every import."""
    yield "Google was asked for what has changed." if report.changes_only else "All contacts were read."
    if report.gone:
        where = f"in the group “{report.group}”" if report.group else "in Google Contacts"
        yield from ("", f"Not {where} any more ({len(report.gone)}); they stay here")
        yield from (f"  {one.person} {one.full_name}" for one in report.gone[:_SHOWN])
        if len(report.gone) > _SHOWN:
            yield f"  and {len(report.gone) - _SHOWN} more; --json has all of them."
        yield "  See them with `parinaya people list --gone`, remove whom you want with `parinaya people remove`."
