"""Backups as files: Postgres's own ``pg_dump`` and ``pg_restore``, and one file that holds the dump and its manifest.

The format is PostgreSQL's custom one (its manual, "pg_dump"): any ``pg_restore`` of the same or a newer version reads
what ``tar -x`` takes out of a backup, without parinaya.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from parinaya_cli.domain.backups import Contents, Manifest, read_manifest
from parinaya_cli.domain.errors import Failed, NotFound, UsedWrongly

_MANIFEST, _DUMP = "manifest.json", "database.dump"
_MOST = 4 * 1024 * 1024  # bytes of a manifest
_BLOCK = 1024 * 1024
_COPY = b"COPY public."
_HELD_BACK = (b" TABLE DATA public alembic_version ", b" POLICY public ", b" ROW SECURITY public ")
"""Lines of a dump's list: the row that names the revision, and what names users whom the server need not have."""


class PgTools:
    """The programs of Postgres. ``folder``: where they lie; ``env``: the address of the server, as they read it."""

    def __init__(self, folder: Path | None, env: Mapping[str, str]) -> None:
        self._folder = folder
        self._env = {
            **{k: v for k, v in os.environ.items() if not k.startswith("PG")},
            **env,
            "PGAPPNAME": "parinaya",
        }

    def dump(self, path: Path, snapshot: str) -> None:
        """Write what a held snapshot shows to a file.

        Raises:
            Failed: Postgres, the program or the disk refuses.
        """
        # An administrator who is no superuser sees all rows by a policy; what the dump holds is counted (``count``).
        self._run(
            *("pg_dump", "--format=custom", "--no-owner", "--enable-row-security"),
            *(f"--snapshot={snapshot}", f"--file={path}"),
        )

    def count(self, path: Path) -> dict[str, int]:
        """Read a dump through to its end: how many rows it has of each table.

        Raises:
            Failed: it can't be read.
        """
        argv = [self._program("pg_restore"), "--data-only", "--file=-", str(path)]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self._env) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            found = _count(process.stdout)
            said = process.stderr.read()
        if process.returncode:
            raise _refused("pg_restore", said)
        return found

    def restore(self, path: Path) -> None:
        """Bring a dump into the database: all of it or nothing, but for the row that names the schema's revision, and
        for what each user may do, which an upgrade says anew.

        Raises:
            Failed: Postgres or the program refuses.
        """
        wanted = path.with_name("wanted")
        listed = self._run("pg_restore", "--list", str(path)).splitlines(keepends=True)
        wanted.write_bytes(b"".join(line for line in listed if not any(told in line for told in _HELD_BACK)))
        self._run(
            *(
                "pg_restore",
                f"--use-list={wanted}",
                "--no-owner",
                "--no-privileges",
                "--clean",
                "--if-exists",
                "--single-transaction",
            ),
            *("--exit-on-error", f"--dbname={self._env.get('PGDATABASE', 'postgres')}", str(path)),
        )

    def _run(self, name: str, *argv: str) -> bytes:
        done = subprocess.run(
            [self._program(name), *argv],
            env=self._env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise _refused(name, done.stderr)
        return done.stdout

    def _program(self, name: str) -> str:
        found = shutil.which(name, path=str(self._folder)) if self._folder else shutil.which(name)
        if found is None:
            raise Failed(f"There is no {name} on this machine.", "Install the client programs of PostgreSQL.")
        return found


def _count(stream: io.BufferedIOBase | Iterator[bytes]) -> dict[str, int]:
    """Rows of each table in a script of COPY commands: a row is a line, as a line's end within one is escaped."""
    found: dict[str, int] = {}
    table = ""
    for line in stream:
        if table:
            if line == b"\\.\n":
                table = ""
            else:
                found[table] += 1
        elif line.startswith(_COPY) and line.endswith(b" FROM stdin;\n"):
            table = line[len(_COPY) :].split(b" ", 1)[0].decode().strip('"')
            found[table] = 0
    return found


def _refused(name: str, said: bytes) -> Failed:
    """What it says is not shown: it may quote rows. What can be helped is recognised."""
    text = said.decode("utf-8", "replace")
    if "No space left" in text:
        return Failed("The disk is full.", "Make room, then run the command again.", code="disk_full")
    if "version mismatch" in text:
        return Failed(
            f"The server is newer than the {name} of this machine.",
            f"Put the {name} of its version on the PATH.",
        )
    if (
        "unsupported version" in text
        or "does not appear to be a valid archive" in text
        or "not a valid" in text
    ):
        return Failed("The dump in the backup can't be read.", "Name another backup; this one is damaged.")
    return Failed(
        f"{name} ended with an error.",
        "See the log of the server; if the role may not do it, name the owner's role.",
    )


@dataclass(frozen=True)
class OpenedBackup:
    """A backup that was found whole. ``manifest``: what it says of itself."""

    manifest: Manifest
    _tools: PgTools
    _dump: Path

    def restore(self) -> None:
        """Bring it into the database: all of it or nothing, but for the revision of the schema.

        Raises:
            Failed: Postgres refuses.
        """
        self._tools.restore(self._dump)


class PgBackups:
    """Backups of one server, as files."""

    def __init__(self, tools: PgTools) -> None:
        self._tools = tools

    def write(self, path: Path, snapshot: str, at: datetime, version: str, contents: Contents) -> Manifest:
        """Write what a held snapshot shows, read it through, and let the file appear.

        Raises:
            UsedWrongly: nothing can be written there.
            Failed: it can't be made, or what is read back is not what the database held.
        """
        with _beside(path) as folder:
            dump = folder / _DUMP
            self._tools.dump(dump, snapshot)
            found = self._tools.count(dump)
            if found != dict(contents.rows):
                wrong = sorted(t for t in {*found, *contents.rows} if found.get(t) != contents.rows.get(t))
                raise Failed(
                    f"The backup was read back, and {', '.join(wrong[:5])} is not what the database holds.",
                    "Nothing was kept. Look at the disk, and run the command again.",
                )
            return _pack(dump, at, version, contents, path)

    @contextmanager
    def open(self, path: Path) -> Iterator[OpenedBackup]:
        """Open a backup and see that it is the one that was made.

        Raises:
            NotFound: there is no such file.
            UsedWrongly: it is no backup, or nothing can be written beside it.
            Failed: it is damaged.
        """
        with tempfile.TemporaryDirectory(prefix="parinaya-backup-") as folder:
            manifest, dump = _unpack(path, Path(folder))
            yield OpenedBackup(manifest, self._tools, dump)


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A folder for what is in the making, for its owner's eyes only, on the disk of ``path``; gone at the end.

    Raises:
        UsedWrongly: nothing can be written there.
    """
    try:
        folder = tempfile.mkdtemp(prefix=".parinaya-backup-", dir=path.absolute().parent)
    except OSError as error:
        raise UsedWrongly(
            f"Nothing can be written beside {path}: {error.strerror}.",
            "Name a file in a folder that is there.",
        ) from None
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _pack(dump: Path, at: datetime, version: str, contents: Contents, path: Path) -> Manifest:
    """Make a backup of a dump: it appears as ``path`` when it is whole, for its owner's eyes only.

    Raises:
        Failed: the disk is full.
    """
    manifest = Manifest(at, version, contents, dump.stat().st_size, _digest(dump))
    document = manifest.document().encode()
    whole = dump.with_name("whole")
    try:
        with whole.open("wb") as file:
            os.chmod(whole, 0o600)
            with tarfile.open(fileobj=file, mode="w") as tar:
                member = tarfile.TarInfo(_MANIFEST)
                member.size, member.mode, member.mtime = len(document), 0o600, int(at.timestamp())
                tar.addfile(member, io.BytesIO(document))
                member = tarfile.TarInfo(_DUMP)
                member.size, member.mode, member.mtime = manifest.bytes, 0o600, int(at.timestamp())
                with dump.open("rb") as source:
                    tar.addfile(member, source)
            file.flush()
            os.fsync(file.fileno())
        whole.replace(path)
    except OSError as error:
        raise Failed(
            f"{path} can't be written: {error.strerror}.", "Make room, or name another place."
        ) from None
    return manifest


def _unpack(path: Path, folder: Path) -> tuple[Manifest, Path]:
    """The manifest of a backup, and its dump in ``folder``, as it was when it was made.

    Raises:
        NotFound: there is no such file.
        UsedWrongly: it is no backup.
        Failed: it was damaged, or there is no room.
    """
    try:
        with tarfile.open(path, mode="r:") as tar:
            manifest = read_manifest(_member(tar, _MANIFEST, _MOST).read())
            dump = folder / _DUMP
            with dump.open("wb") as file:
                shutil.copyfileobj(_member(tar, _DUMP, manifest.bytes), file, _BLOCK)
    except FileNotFoundError:
        raise NotFound(
            f"There is no file {path}.", "Name a file that `parinaya db backup` has made."
        ) from None
    except (tarfile.TarError, EOFError):
        raise UsedWrongly(
            f"{path} is no backup of parinaya.", "Name a file that `parinaya db backup` has made."
        ) from None
    except OSError as error:
        raise Failed(
            f"{path} can't be read: {error.strerror}.", "Look at the disk and at the rights."
        ) from None
    if dump.stat().st_size != manifest.bytes or _digest(dump) != manifest.sha256:
        raise Failed(f"{path} is damaged: its dump is not the one that was made.", "Name another backup.")
    return manifest, dump


def _member(tar: tarfile.TarFile, name: str, most: int) -> io.BufferedIOBase:
    try:
        member = tar.getmember(name)
    except KeyError:
        raise tarfile.TarError(name) from None
    opened = tar.extractfile(member) if member.isreg() and member.size <= most else None
    if opened is None:
        raise tarfile.TarError(name)
    return opened  # type: ignore[return-value]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
