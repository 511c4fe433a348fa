"""``parinaya config``: settings, and where they come from."""

from __future__ import annotations

import getpass
import os
import sys
from typing import Annotated

import typer

from parinaya_cli import settings
from parinaya_cli.cli.confirm import ask
from parinaya_cli.cli.options import Call, group, verb
from parinaya_cli.cli.output import Output, Result, items
from parinaya_cli.cli.text import is_terminal
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.settings import rings

app = group("config", "Settings and where they come from: flag, environment, config.toml, default.")


@verb(app, "show", examples=["parinaya config show", "parinaya config show --json"])
def show(call: Call) -> Result:
    """Show each setting and where it came from.

    Of a secret at most the last four characters are shown.
    """
    loaded = call.settings
    columns = [("key", "Setting"), ("value", "Value"), ("origin", "From")]
    call.out.note(f"The file is {loaded.config_file}")
    return items(loaded.show(), columns, extra={"config_file": loaded.config_file})


@verb(
    app,
    "set",
    changes=True,
    examples=[
        "parinaya config set WHATSAPP_PHONE_NUMBER_ID 106540352242922",
        "pass show whatsapp/token | parinaya config set WHATSAPP_ACCESS_TOKEN -",
        "parinaya config set WHATSAPP_ACCESS_TOKEN - --keyring",
    ],
)
def set_value(
    call: Call,
    key: Annotated[
        str, typer.Argument(help="The setting, such as DATABASE_URL.", autocompletion=lambda: _names())
    ],
    value: Annotated[
        str, typer.Argument(help="The value; - reads it from stdin, or asks without showing it.")
    ],
    keyring: Annotated[
        bool,
        typer.Option("--keyring", help="Keep a secret in the system's keyring, and a mark in config.toml."),
    ] = False,
) -> Result:
    """Keep a value in config.toml.

    Secrets are read from stdin only (-), so that they are in no history and no list of processes.
    """
    setting = settings.find(key)
    if value == "-":
        value = _read_value(call.out, setting.variable, hidden=setting.secret or setting.login)
    elif setting.holds_secret(value):
        raise UsedWrongly(
            f"{setting.variable} is secret, and arguments show in histories and lists of processes.",
            f"Run `parinaya config set {setting.variable} -` and paste it there, or pipe it in.",
            code="secret_as_argument",
        )
    if not value:
        raise UsedWrongly("The value is empty.", f"To remove it: parinaya config unset {setting.variable}")
    if not keyring:
        return _changed(call, setting, value)
    if not setting.secret:
        raise UsedWrongly(f"{setting.variable} is no secret.", "Leave --keyring out.")
    setting.parse(value, where=setting.variable)
    rings.write(setting.variable, settings.config_file(), value)
    return _changed(call, setting, rings.MARK)


@verb(
    app,
    "unset",
    changes=True,
    examples=["parinaya config unset DATABASE_URL", "parinaya config unset PARINAYA_WEDDING --json"],
)
def unset(
    call: Call,
    key: Annotated[
        str, typer.Argument(help="The setting, such as DATABASE_URL.", autocompletion=lambda: _names())
    ],
) -> Result:
    """Remove a value from config.toml; what holds then is the environment or the default."""
    return _changed(call, settings.find(key), None)


def _changed(call: Call, setting: settings.Setting, value: str | None) -> Result:
    path = settings.write(setting.variable, value)
    if os.environ.get(setting.variable):
        call.out.warn(f"{setting.variable} is also set in the environment, and that one holds.")
    shown = value if value == rings.MARK else setting.masked(value)
    document = {"key": setting.variable, "value": shown, "config_file": path}
    told = "was removed from" if value is None else f"is now {document['value']} in"
    return Result(document, f"{setting.variable} {told} {path}")


def _read_value(out: Output, name: str, *, hidden: bool) -> str:
    """What stands on stdin: all of a pipe, one line of a terminal, not shown as it is typed."""
    if is_terminal(sys.stdin):
        return getpass.getpass(f"{name}: ").strip() if hidden else ask(out, f"{name}:")
    return sys.stdin.read().strip()


def _names() -> list[str]:
    return [each.variable for each in settings.SETTINGS]
