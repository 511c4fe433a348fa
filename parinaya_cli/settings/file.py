"""``config.toml``: a flat table of texts, closed to other users when it holds secrets."""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.settings.values import BY_KEY, absolute, find, nearest


def config_file(env: Mapping[str, str] | None = None) -> Path:
    """Where ``config.toml`` is: in ``PARINAYA_CONFIG_DIR``, else in the platform's folder for settings.

    Raises:
        UsedWrongly: the user has no home folder.
    """
    env = os.environ if env is None else env
    if env.get("PARINAYA_CONFIG_DIR"):
        return Path(env["PARINAYA_CONFIG_DIR"]).expanduser().absolute() / "config.toml"
    import platformdirs

    return absolute(platformdirs.user_config_dir("parinaya", appauthor=False)) / "config.toml"


def read_texts(path: Path) -> dict[str, str]:
    """The texts of a ``config.toml``, by variable; nothing when there is no file.

    Raises:
        UsedWrongly: the file can't be read or understood, has an unknown key, or holds secrets and is not
            private to this user.
    """
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            content = file.read()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UsedWrongly(f"{path} can't be read: {error.strerror}.", "Mend or remove the file.") from None
    texts = _parse(content, path)
    if any(BY_KEY[variable.lower()].holds_secret(text) for variable, text in texts.items()):
        _check_private(path, status)
    return texts


def _parse(content: bytes, path: Path) -> dict[str, str]:
    try:
        table = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UsedWrongly(f"{path} is not UTF-8.", "Save it as UTF-8.") from None
    except (ValueError, RecursionError) as error:  # tomllib's own is a ValueError; so is a number without end
        hint = 'A line reads like whatsapp_phone_number_id = "12345"; # begins a comment.'
        raise UsedWrongly(f"{path} is no TOML: {error}.", hint) from None
    texts = {}
    for key, value in table.items():
        setting = BY_KEY.get(key)
        if setting is None:
            raise UsedWrongly(f"{path} has the unknown key {key!r}.", nearest(key), code="unknown_setting")
        if not isinstance(value, (str, int)):
            raise UsedWrongly(f"{key} in {path} must be text.", f'Write it as {key} = "…".')
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if text:
            texts[setting.variable] = text
    return texts


def _check_private(path: Path, status: os.stat_result) -> None:
    if os.name != "posix":
        return
    if status.st_uid not in (os.geteuid(), 0):
        hint = f"Make it yours: chown {os.geteuid()} {path}"
        raise UsedWrongly(f"{path} holds secrets and belongs to another user.", hint, code="file_not_private")
    if stat.S_IMODE(status.st_mode) & 0o077:
        hint = f"Close it: chmod 600 {path}. Who read it meanwhile knows the secrets; renew them if in doubt."
        raise UsedWrongly(f"{path} holds secrets and others can read it.", hint, code="file_not_private")


def write(name: str, value: str | None, *, path: Path | None = None) -> Path:
    """Set one value in ``config.toml``, or remove it with ``None``; other keys and comments stay.

    The file appears whole or not at all, readable by its owner alone. Returns its path.

    Raises:
        UsedWrongly: there is no such setting, the value is bad, or the file as it is can't be used.
    """
    setting = find(name)
    path = (config_file() if path is None else path).resolve()
    if value is not None:
        setting.parse(value, where=setting.variable)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _one_writer(path.parent):
        before = read_texts(path)
        old = path.read_text("utf-8-sig") if path.exists() else _HEADER
        wanted = {variable: text for variable, text in before.items() if variable != setting.variable}
        if value:
            wanted[setting.variable] = value
        _replace(path, _changed(old, setting.key, value, wanted, path))
    return path


def _changed(old: str, key: str, value: str | None, wanted: Mapping[str, str], path: Path) -> str:
    """The new content: one line exchanged, or all written anew where that line can't be told apart."""
    new = _with_line(old, key, value)
    with contextlib.suppress(UsedWrongly):
        if _parse(new.encode(), path) == wanted:
            return new
    return _HEADER + "".join(_line(variable.lower(), text) for variable, text in wanted.items())


_HEADER = (
    "# Settings of parinaya. `parinaya config set` changes them, `parinaya config show` tells what holds.\n"
)


def _line(key: str, value: str) -> str:
    if isinstance(BY_KEY[key].default(), (int, bool)):  # as TOML writes numbers and switches
        return f"{key} = {json.dumps(BY_KEY[key].read(value))}\n"
    return f"{key} = {json.dumps(value, ensure_ascii=False)}\n"


def _with_line(content: str, key: str, value: str | None) -> str:
    lines = content.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    at = next((n for n, line in enumerate(lines) if re.match(rf'\s*"?{key}"?\s*=', line)), len(lines))
    lines[at : at + 1] = [_line(key, value)] if value else []
    return "".join(lines)


@contextlib.contextmanager
def _one_writer(folder: Path) -> Iterator[None]:
    """Two writers at once would lose one of the two changes."""
    if os.name != "posix":
        yield
        return
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _replace(path: Path, content: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".config-")  # made with mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
