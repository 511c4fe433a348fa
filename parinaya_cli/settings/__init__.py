"""Settings: flag, then environment, then ``config.toml``, then default; each value knows where it came from.

Standard library and platformdirs only, so that a command starts quickly.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from parinaya_cli.settings import rings
from parinaya_cli.settings.file import config_file, read_texts, write
from parinaya_cli.settings.values import MASK, SETTINGS, Setting, find

__all__ = [
    "MASK",
    "SETTINGS",
    "Origin",
    "Setting",
    "Settings",
    "Shown",
    "config_file",
    "find",
    "load",
    "write",
]


class Origin(StrEnum):
    """Where a value came from."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    FILE = "file"
    DEFAULT = "default"


@dataclass(frozen=True)
class Settings:
    """Every setting, read and checked. Secrets are left out of ``repr``."""

    home: Path
    database_url: str | None = field(repr=False)
    redis_url: str | None = field(repr=False)
    wedding: str | None
    token: str | None = field(repr=False)
    whatsapp_base_url: str
    whatsapp_graph_version: str
    whatsapp_access_token: str | None = field(repr=False)
    whatsapp_phone_number_id: str | None
    whatsapp_business_account_id: str | None
    whatsapp_app_secret: str | None = field(repr=False)
    whatsapp_app_secret_before: str | None = field(repr=False)
    whatsapp_verify_token: str | None = field(repr=False)
    whatsapp_messages_per_second: int
    prices: Path | None
    google_client_secrets: Path | None
    google_token_file: Path | None
    google_people_endpoint: str | None
    aws_access_key_id: str | None
    aws_secret_access_key: str | None = field(repr=False)
    aws_endpoint_url: str | None
    aws_region: str | None
    webhook_url: str | None
    site_url: str
    site_secret: str | None = field(repr=False)
    site_secret_before: str | None = field(repr=False)
    audit_key: str | None = field(repr=False)
    tap_secret: str | None = field(repr=False)
    checkpoints: str | None
    proxies: str | None
    metrics_from: str
    metrics_token: str | None = field(repr=False)
    keep_deliveries_days: int
    keep_texts_days: int
    keep_files_days: int
    debug: bool
    config_file: Path
    origins: Mapping[str, Origin] = field(repr=False)

    def origin(self, name: str) -> Origin:
        """Where a value came from; by variable (``PARINAYA_HOME``) or attribute (``home``).

        Raises:
            UsedWrongly: there is no such setting.
        """
        return self.origins[find(name).variable]

    def show(self) -> list[Shown]:
        """Every value as it may be printed, in the order of the documents."""
        return [
            Shown(each.variable, each.masked(getattr(self, each.attribute)), self.origins[each.variable])
            for each in SETTINGS
        ]

    @property
    def secrets(self) -> list[str]:
        """Every secret that is set, passwords in addresses among them: what no log and no traceback may tell."""
        values = [(each, getattr(self, each.attribute)) for each in SETTINGS if each.secret or each.login]
        return [secret for each, value in values if value for secret in each.secrets_of(value)]


@dataclass(frozen=True)
class Shown:
    """A value as it may be printed; ``None``: not set."""

    key: str
    value: str | int | bool | None
    origin: Origin


def load(
    overrides: Mapping[str, str] | None = None,
    *,
    env: Mapping[str, str] | None = None,
    path: Path | None = None,
) -> Settings:
    """Read every setting.

    ``overrides``: what flags said, by variable. ``env``: in place of the environment. ``path``: in place of
    the usual ``config.toml``; it need not exist. An empty value counts as none.

    Raises:
        UsedWrongly: a value is bad (variable and origin are named, a secret is not quoted), the file has an
            unknown key or can't be read, or it holds secrets and others can read it; or a secret lies in a keyring
            that can't be used.
    """
    env = os.environ if env is None else env
    path = config_file(env) if path is None else path
    sources = ((Origin.FLAG, overrides or {}), (Origin.ENVIRONMENT, env), (Origin.FILE, read_texts(path)))
    values: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    for each in SETTINGS:
        origin = next((origin for origin, source in sources if source.get(each.variable)), Origin.DEFAULT)
        if origin is Origin.DEFAULT:
            values[each.attribute] = each.default()
        else:
            text = dict(sources)[origin][each.variable]
            if origin is Origin.FILE and text == rings.MARK:
                text = rings.read(each.variable, path)
            values[each.attribute] = each.parse(text, where=_where(each, origin, path))
        origins[each.variable] = origin
    return Settings(**values, config_file=path, origins=origins)


def _where(setting: Setting, origin: Origin, path: Path) -> str:
    if origin is Origin.FLAG:
        return f"{setting.variable}, as given on the command line,"
    return (
        f"{setting.variable} in the environment"
        if origin is Origin.ENVIRONMENT
        else f"{setting.key} in {path}"
    )
