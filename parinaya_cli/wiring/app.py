"""Joins the parts, once: settings, Postgres, the queue, the embedded servers, who is acting."""

from __future__ import annotations

import getpass
import hashlib
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from parinaya_cli.domain import access
from parinaya_cli.domain.access import Actor, Channel, Permission, Role, system
from parinaya_cli.domain.audit import ChainKey
from parinaya_cli.domain.errors import NotPermitted, Unreachable, UsedWrongly
from parinaya_cli.services import roles, weddings
from parinaya_cli.services.batches import SenderSetup
from parinaya_cli.services.conversation import Ears
from parinaya_cli.services.site_links import SiteSetup
from parinaya_cli.store import engine, locks, schema
from parinaya_cli.store.transaction import Transaction, open_transaction
from parinaya_cli.wiring.parts import Parts

if TYPE_CHECKING:
    from parinaya_cli.adapters.embedded import Addresses, Embedded
    from parinaya_cli.adapters.queue import RedisQueue
    from parinaya_cli.settings import Settings

_LOG = logging.getLogger(__name__)


@dataclass
class App(Parts):
    """Everything that a command, a worker or the receiver needs. Parts are opened when they are first asked for.

    ``doing``: the words of the command, told where it is refused. ``bound``: somebody has worked on a wedding.
    """

    settings: Settings
    pool: int = 2
    doing: str = ""
    bound: bool = field(default=False, init=False)
    queue_away: bool = field(default=False, init=False)
    _checked: bool = field(default=False, init=False)

    # ── servers ────────────────────────────────────────────────────────────────────────────────────────

    @property
    def is_embedded(self) -> bool:
        """Does Postgres run under PARINAYA_HOME, started by us?"""
        return self.settings.database_url is None

    @cached_property
    def _embedded(self) -> Embedded:
        from parinaya_cli.adapters.embedded import Embedded

        return Embedded(self.settings.home)

    @cached_property
    def addresses(self) -> tuple[str, str]:
        """The addresses of Postgres and of Redis or Valkey.

        Raises:
            Unreachable, Failed: the embedded servers can't be started.
        """
        database, queue = self.settings.database_url, self.settings.redis_url
        if database is None or queue is None:
            embedded = self._embedded_addresses
            database, queue = database or embedded.database_url, queue or embedded.redis_url
        return database, queue

    @cached_property
    def _embedded_addresses(self) -> Addresses:
        return self._embedded.start()

    @property
    def admin_url(self) -> str:
        """The address of Postgres for whoever changes the schema and makes backups: that of the embedded server's
        superuser, or the one that is set.

        Raises:
            Unreachable, Failed: the embedded servers can't be started.
        """
        return self.settings.database_url or self._embedded_addresses.admin_url

    @cached_property
    def db(self) -> engine.Database:
        """The engine; connections are made when they are needed."""
        return engine.open_engine(self.addresses[0], pool=self.pool)

    @cached_property
    def admin_db(self) -> engine.Database:
        """The engine for whoever changes the schema and makes backups."""
        return engine.open_engine(self.admin_url, pool=self.pool) if self.is_embedded else self.db

    @cached_property
    def queue(self) -> RedisQueue:
        """The queue."""
        from parinaya_cli.adapters.queue import RedisQueue

        return RedisQueue(self.addresses[1])

    # ── transactions ───────────────────────────────────────────────────────────────────────────────────

    @contextmanager
    def begin(self, *, reason: str = "", bound: bool = True) -> Iterator[Transaction]:
        """A transaction of the person who acts, bound to the wedding that is meant (unless ``bound`` is false).

        A refusal is written to the audit log in a transaction of its own.

        Raises:
            NotPermitted: nobody proves who is acting, or the role does not allow it.
            UsedWrongly: none or several weddings could be meant.
        """
        who = Actor("nobody known", Role.SYSTEM, Channel.CLI)
        wedding = None
        try:
            with self._open(who, reason) as tx:
                tx.actor = who = self._actor(tx)
                if bound:
                    wedding = weddings.choose_wedding(tx, self.settings.wedding)
                    self.bound = True
                yield tx
        except NotPermitted as refusal:
            with self._open(who, reason) as tx:
                if wedding is not None:
                    tx.bind(wedding)
                roles.tell_refusal(tx, refusal, self.doing)
            raise

    def _actor(self, tx: Transaction) -> Actor:
        if self.settings.token:
            return roles.identify(tx, self.settings.token, Channel.CLI)
        if self.is_embedded:
            return Actor(keyboard(), Role.OWNER, Channel.CLI)
        raise NotPermitted(
            "Nobody says who is acting: DATABASE_URL is set and PARINAYA_TOKEN is not.",
            "Set PARINAYA_TOKEN; `parinaya init` prints the first owner's, `parinaya roles grant` makes more.",
        )

    def require(self, permission: Permission) -> None:
        """Ask whoever gives a token before parinaya itself works for them. A service of the machine gives none.

        Raises:
            NotPermitted: their role does not allow it.
        """
        if self.settings.token:
            with self.begin(bound=False) as tx:
                access.require(tx.actor, permission)

    @contextmanager
    def begin_as_system(self, channel: Channel, reason: str = "") -> Iterator[Transaction]:
        """A transaction of parinaya itself (workers, the receiver, cron), bound to no wedding yet."""
        with self._open(system(channel), reason) as tx:
            yield tx

    @contextmanager
    def _open(self, actor: Actor, reason: str) -> Iterator[Transaction]:
        self._check_schema()
        with open_transaction(self.db, actor, self.audit_key, reason=reason, ring=self.ring) as tx:
            yield tx

    def _check_schema(self) -> None:
        if not self._checked:
            with engine.translated(), self.db.connect() as conn:
                schema.require_head(conn)
            self._checked = True

    @contextmanager
    def one_run(self, name: str) -> Iterator[None]:
        """Only one run of this name at a time, on all machines.

        Raises:
            Locked: another run holds it.
        """
        with locks.one_run(self.db, name):
            yield

    def ring(self, bells: Sequence[tuple[str, str]]) -> None:
        """Ring after a commit. A queue that is away is no failure: the rows wait, and ``reconcile`` rings."""
        for name, subject in bells:
            try:
                self.queue.ring(name, subject)
            except Unreachable:
                self.queue_away = True
                _LOG.warning("the queue is away: reconcile will ring for %s", name)

    # ── secrets and set-ups ────────────────────────────────────────────────────────────────────────────

    @cached_property
    def audit_key(self) -> ChainKey:
        """The key of the audit chain.

        Raises:
            UsedWrongly: `init` was never run.
        """
        return ChainKey(_secret(self.settings.audit_key, "PARINAYA_AUDIT_KEY"))

    @cached_property
    def sender_setup(self) -> SenderSetup:
        """How this installation sends."""
        return SenderSetup(
            self.settings.whatsapp_phone_number_id or "",
            float(self.settings.whatsapp_messages_per_second),
            _secret(self.settings.tap_secret, "PARINAYA_TAP_SECRET"),
            self.site_setup,
            self.prices,
        )

    @cached_property
    def ears(self) -> Ears:
        """What listening to guests needs."""
        return Ears(
            self.settings.whatsapp_phone_number_id or "",
            _secret(self.settings.tap_secret, "PARINAYA_TAP_SECRET"),
        )

    @cached_property
    def site_setup(self) -> SiteSetup:
        """Where the website is, and what signs its links."""
        told, name = self.settings, "PARINAYA_SITE_SECRET"
        before = _secret(told.site_secret_before, name) if told.site_secret_before else b""
        return SiteSetup(told.site_url, _secret(told.site_secret, name), before)

    def schema_status(self) -> schema.SchemaStatus:
        """How the schema stands.

        Raises:
            Unreachable: Postgres is away.
        """
        return schema.status(self.admin_db)

    def upgrade(self, reason: str = "") -> schema.SchemaStatus:
        """Bring the schema to head, and say so in the audit log. An empty database can be brought up before `init`.

        Raises:
            Unreachable, Failed: as ``schema.upgrade`` says.
            UsedWrongly: the log's key is not set.
        """
        found, by = self.schema_status(), None
        if found.pending and (found.current or self.settings.audit_key):
            by = schema.Upgrader(system(Channel.CLI), self.audit_key, reason)
        return schema.upgrade(self.admin_db, by=by)

    def apply_grants(self) -> bool:
        """Make the database's users and give each what it may do; whether anything was to be done.

        Raises:
            Unreachable, Failed: as ``schema.apply_grants`` says.
        """
        return schema.apply_grants(self.admin_db)

    def close(self) -> None:
        """Let everything go that was opened."""
        for name in ("whatsapp", "queue"):
            part = self.__dict__.pop(name, None)
            if part is not None:
                part.close()
        for name in ("db", "admin_db"):
            opened = self.__dict__.pop(name, None)
            if opened is not None:
                opened.dispose()
        embedded = self.__dict__.pop("_embedded", None)
        if embedded is not None:
            embedded.release()
        for name in ("addresses", "_embedded_addresses"):
            self.__dict__.pop(name, None)


@contextmanager
def open_app(settings: Settings, *, pool: int = 2) -> Iterator[App]:
    """The parts, joined; closed at the end."""
    app = App(settings, pool)
    try:
        yield app
    finally:
        app.close()


def _secret(value: str | None, variable: str) -> bytes:
    if not value:
        raise UsedWrongly(
            f"{variable} is not set.", "Run `parinaya init`: it makes the secrets.", code="not_set_up"
        )
    return hashlib.sha256(f"{variable}:{value}".encode()).digest()


def keyboard() -> str:
    """The name of the person at the keyboard."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "operator"
