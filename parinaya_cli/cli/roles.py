"""``parinaya roles``: who may do what."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Annotated, Literal, TextIO

import typer

from parinaya_cli.cli.confirm import confirm
from parinaya_cli.cli.options import Call, group, verb
from parinaya_cli.cli.output import Result, items, record
from parinaya_cli.cli.text import local_times, readable_times
from parinaya_cli.domain.errors import NotFound, UsedWrongly

app = group("roles", "Who may do what.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of the person.")]


@verb(
    app,
    "grant",
    changes=True,
    examples=[
        "parinaya roles grant Meera planner",
        "parinaya roles grant 'Sunita Mathur' family --side bride",
        "parinaya roles grant 'Hotel desk' desk --token-file desk.token",
    ],
)
def grant(
    call: Call,
    name: Name,
    role: Annotated[
        Literal["owner", "planner", "operator", "family", "desk", "auditor"],
        typer.Argument(help="What they may do: see `parinaya roles matrix`."),
    ],
    side: Annotated[
        Literal["bride", "groom"] | None, typer.Option(help="The side of a family member.")
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            help="Write the token into this new file, which nobody else can read, instead of showing it."
        ),
    ] = None,
) -> Result:
    """Give somebody a role in this wedding.

    The token that proves it is shown this once: they set it as PARINAYA_TOKEN.
    """
    from parinaya_cli.services import roles

    with _secret_file(token_file) if token_file else nullcontext() as file:
        with call.app().begin(reason=call.reason) as tx:
            made, token = roles.grant(tx, name, role, side=side)
            wedding = tx.wedding.slug
        if file:
            file.write(f"{token}\n")
    document = {"name": made.name, "role": made.role, "side": made.side, "wedding": wedding}
    if token_file:
        told = f"{made.name} is {made.role} of {wedding}. The token is in {token_file}: hand it over, then delete it."
        return Result({**document, "token_file": str(token_file)}, told)
    call.out.note("The token is shown this once; it is set as PARINAYA_TOKEN where they work.")
    return record({**document, "token": token}, f"{made.name} is {made.role} of {wedding}", essential=True)


@contextmanager
def _secret_file(path: Path) -> Iterator[TextIO]:
    """A new file that only its owner can read; gone again when what fills it fails."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except OSError as error:
        raise UsedWrongly(
            f"{path} can't be made: {error.strerror}.", "Name a file that is not there yet."
        ) from error
    try:
        with open(handle, "w", encoding="utf-8") as file:
            yield file
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise


@verb(app, "list", examples=["parinaya roles list", "parinaya roles list --json"])
def list_roles(call: Call) -> Result:
    """List who holds a role in this wedding."""
    from parinaya_cli.services import roles

    with call.app().begin() as tx:
        zone, wedding = tx.wedding.zone, tx.wedding.slug
        rows = [
            {
                "name": one.name, "id": one.id, "role": one.role, "side": one.side,
                "wedding": wedding if one.wedding_id else None,
                "where": wedding if one.wedding_id else "all weddings",
                "granted_at": one.created_at,
            }
            for one in roles.list_grants(tx)
        ]  # fmt: skip
    columns = [
        ("name", "Name"), ("role", "Role"), ("side", "Side"), ("where", "Where"), ("granted_at", "Since"),
    ]  # fmt: skip
    return items(
        [local_times(row, zone) for row in rows],
        columns,
        empty="Nobody holds a role yet. Give one: parinaya roles grant NAME planner",
        readable=readable_times if call.out.terminal else None,
    )


@verb(
    app,
    "revoke",
    hard=True,
    examples=[
        "parinaya roles revoke Meera",
        "parinaya roles revoke 'Hotel desk' --yes --reason 'it is over'",
    ],
)
def revoke(call: Call, name: Name) -> Result:
    """Take a role away; their token is worth nothing from then on."""
    from parinaya_cli.services import roles

    with call.app().begin() as tx:
        held = next((one for one in roles.list_grants(tx) if one.name == name), None)
    if held is None:
        raise NotFound(f"Nobody called {name!r} holds a role here.", "See `parinaya roles list`.")
    document: dict[str, object] = {"name": held.name, "role": held.role, "side": held.side}
    if call.dry_run:
        return Result(
            {**document, "revoked": False, "dry_run": True}, f"{name} would no longer be {held.role}."
        )
    confirm(call, f"Take the role {held.role} away from {name}?")
    with call.app().begin(reason=call.reason) as tx:
        gone = roles.revoke(tx, name)
    return Result({**document, "role": gone.role, "revoked": True}, f"{gone.name} is no longer {gone.role}.")


@verb(app, "matrix", examples=["parinaya roles matrix", "parinaya roles matrix --json"])
def matrix(call: Call) -> Result:  # noqa: ARG001 (every command is handed its call)
    """Show what each role may do."""
    from parinaya_cli.services import roles

    rows = roles.matrix()
    return items(rows, [("permission", "May"), *((role, role) for role in rows[0] if role != "permission")])
