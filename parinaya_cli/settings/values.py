"""The table of settings: how each is called, read, kept secret, and what holds when nobody says."""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from parinaya_cli.domain.errors import UsedWrongly

MASK = "••••"


class Wrong(Exception):
    """What is wrong with a text, as the end of a sentence that begins with the setting's name."""


def _text(text: str) -> str:
    if any(ord(char) < 32 or ord(char) == 127 for char in text):
        raise Wrong("holds a line end or another control character")
    return text


def _slug(text: str) -> str:
    if text.startswith("-") or any(char.isspace() for char in text):
        raise Wrong("must be a slug, such as asha-and-ravi")
    return _text(text)


def _folder(text: str) -> Path:
    try:
        path = Path(_text(text)).expanduser()
    except RuntimeError:
        raise Wrong("names the home folder of a user who is not known") from None
    return Path(os.path.abspath(path))


def _place(text: str) -> str:
    return _text(text) if text.startswith("s3://") else str(_folder(text))


def _networks(text: str) -> str:
    for one in text.split(","):
        try:
            ipaddress.ip_network(one.strip(), strict=False)
        except ValueError:
            raise Wrong(
                "must be addresses or networks with commas between, such as 10.0.0.7,10.1.0.0/16"
            ) from None
    return text


def _whole_number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", text) or int(text) == 0:
        raise Wrong("must be a whole number from 1 to 999999")
    return int(text)


def _version(text: str) -> str:
    if not re.fullmatch(r"v[0-9]{1,3}\.[0-9]{1,2}", text):
        raise Wrong("must look like v25.0")
    return text


def _switch(text: str) -> bool:
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("0", "false", "no", "off"):
        return False
    raise Wrong("must be 1 or 0")


def _url(*schemes: str, host: bool = True) -> Callable[[str], str]:
    def read(text: str) -> str:
        _text(text)
        try:
            parts = urlsplit(text)
            found = bool(parts.hostname) or not host
            _ = parts.port
        except ValueError as error:
            raise Wrong("is no address that can be read") from error
        if parts.scheme not in schemes or not found or " " in text:
            beginnings = " or ".join(f"{scheme}://" for scheme in schemes)
            raise Wrong(f"must be an address that begins with {beginnings}")
        return text.rstrip("/") if schemes == ("http", "https") else text

    return read


_HTTP = _url("http", "https")
_POSTGRES = _url("postgresql", "postgres", host=False)
_REDIS = _url("redis", "rediss", "unix", host=False)


@dataclass(frozen=True)
class Setting:
    """One setting: its variable, how its text is read, whether it is secret, and its default.

    ``secret``: never shown. ``login``: an address that may hold a password, which is never shown.
    """

    variable: str
    read: Callable[[str], object] = _text
    secret: bool = False
    login: bool = False
    default: Callable[[], object] = lambda: None

    @property
    def key(self) -> str:
        """Its name in ``config.toml``."""
        return self.variable.lower()

    @property
    def attribute(self) -> str:
        """Its name in ``Settings``."""
        return self.key.removeprefix("parinaya_")

    def parse(self, text: str, *, where: str) -> object:
        """Read the text of a value; ``where``: what the sentence about a bad one begins with.

        Raises:
            UsedWrongly: it is bad. What may hold a secret is not quoted.
        """
        try:
            return self.read(text)
        except Wrong as wrong:
            quoted = "" if self.secret or self.login else f" It is {text[:80]!r}."
            raise UsedWrongly(f"{where} {wrong}.{quoted}", f"Mend or remove {self.variable}.") from None

    def holds_secret(self, value: object) -> bool:
        """Whether a value must not be shown or left where others can read it."""
        return value is not None and (self.secret or self.masked(value) != value)

    def secrets_of(self, value: str) -> list[str]:
        """What of a value must not be told: all of a secret, the password of an address, escaped and not."""
        if self.secret:
            return [value]
        found = re.findall(r"^[^:/]+://[^:@/?#]*:(.+)@|[?&]password=([^&]*)", value)
        told = [one for pair in found for one in pair if one]
        return [*told, *(unquote(one) for one in told)]

    def masked(self, value: object) -> str | int | bool | None:
        """The value as it may be printed: the end of a long secret, nothing of a short one."""
        if value is None or isinstance(value, (int, bool)):
            return value
        text = str(value)
        if self.secret:
            return MASK + (text[-4:] if len(text) > 12 else "")
        if self.login:
            # Rather too much than too little: a password may hold unescaped signs.
            text = re.sub(r"^([^:/]+://[^:@/?#]*:).+@", rf"\1{MASK}@", text)
            text = re.sub(r"([?&]password=)[^&]*", rf"\1{MASK}", text)
        return text


def _default_home() -> Path:
    if sys.platform == "linux" and os.geteuid() == 0:
        return Path("/var/lib/parinaya")
    import platformdirs

    return absolute(platformdirs.user_data_dir("parinaya", appauthor=False))


def absolute(folder: str) -> Path:
    """A folder of the platform's choice.

    Raises:
        UsedWrongly: the user has no home folder, as in some containers.
    """
    if not os.path.isabs(folder):
        hint = "Set PARINAYA_HOME and PARINAYA_CONFIG_DIR to folders that it may write to."
        raise UsedWrongly("The user that runs parinaya has no home folder.", hint, code="no_home")
    return Path(folder)


SETTINGS = (
    Setting("PARINAYA_HOME", _folder, default=_default_home),
    Setting("DATABASE_URL", _POSTGRES, login=True),
    Setting("REDIS_URL", _REDIS, login=True),
    Setting("PARINAYA_WEDDING", _slug),
    Setting("PARINAYA_TOKEN", secret=True),
    Setting("WHATSAPP_BASE_URL", _HTTP, default=lambda: "https://graph.facebook.com"),
    # The newest version that the release was tested with.
    Setting("WHATSAPP_GRAPH_VERSION", _version, default=lambda: "v25.0"),
    Setting("WHATSAPP_ACCESS_TOKEN", secret=True),
    Setting("WHATSAPP_PHONE_NUMBER_ID"),
    Setting("WHATSAPP_BUSINESS_ACCOUNT_ID"),
    Setting("WHATSAPP_APP_SECRET", secret=True),
    Setting("WHATSAPP_APP_SECRET_BEFORE", secret=True),
    Setting("WHATSAPP_VERIFY_TOKEN", secret=True),
    Setting("WHATSAPP_MESSAGES_PER_SECOND", _whole_number, default=lambda: 80),
    Setting("PARINAYA_PRICES", _folder),
    Setting("GOOGLE_CLIENT_SECRETS", _folder),
    Setting("GOOGLE_TOKEN_FILE", _folder),
    Setting("GOOGLE_PEOPLE_ENDPOINT", _HTTP),
    Setting("AWS_ACCESS_KEY_ID"),
    Setting("AWS_SECRET_ACCESS_KEY", secret=True),
    Setting("AWS_ENDPOINT_URL", _HTTP),
    Setting("AWS_REGION"),
    Setting("PARINAYA_WEBHOOK_URL", _HTTP),
    Setting("PARINAYA_SITE_URL", _HTTP, default=lambda: "http://127.0.0.1:8080"),
    Setting("PARINAYA_SITE_SECRET", secret=True),
    Setting("PARINAYA_SITE_SECRET_BEFORE", secret=True),
    Setting("PARINAYA_AUDIT_KEY", secret=True),
    Setting("PARINAYA_TAP_SECRET", secret=True),
    Setting("PARINAYA_CHECKPOINTS", _place),
    Setting("PARINAYA_PROXIES", _networks),
    Setting("PARINAYA_METRICS_FROM", _networks, default=lambda: "127.0.0.0/8,::1"),
    Setting("PARINAYA_METRICS_TOKEN", secret=True),
    Setting("PARINAYA_KEEP_DELIVERIES_DAYS", _whole_number, default=lambda: 14),
    Setting("PARINAYA_KEEP_TEXTS_DAYS", _whole_number, default=lambda: 7),
    Setting("PARINAYA_KEEP_FILES_DAYS", _whole_number, default=lambda: 30),
    Setting("PARINAYA_DEBUG", _switch, default=lambda: False),
)
BY_KEY = {each.key: each for each in SETTINGS}


def find(name: str) -> Setting:
    """The setting of that name: the variable, its name in ``config.toml`` or the attribute.

    Raises:
        UsedWrongly: there is none; the nearest one is named.
    """
    key = name.strip().lower().replace("-", "_")
    for each in SETTINGS:
        if key in (each.key, each.attribute):
            return each
    raise UsedWrongly(f"There is no setting {name!r}.", nearest(key), code="unknown_setting")


def nearest(key: str) -> str:
    """A hint that names the setting most like this one, as variable and as key of ``config.toml``."""
    near = [each for each in BY_KEY if each.endswith("_" + key)]
    near = near or difflib.get_close_matches(key, BY_KEY, n=1)
    if not near:
        return "`parinaya config show` lists all settings."
    return f"Did you mean {near[0].upper()} ({near[0]} in config.toml)?"
