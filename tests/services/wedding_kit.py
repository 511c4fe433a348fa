"""A small wedding on a real Postgres, with a sender that reaches nobody."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from parinaya_cli.domain.access import Actor, Channel, Role
from parinaya_cli.domain.audit import ChainKey
from parinaya_cli.domain.messages import (
    DeliveryStatus,
    ErrorFamily,
    InboundMessage,
    OutboundMessage,
    ProviderError,
    Sender,
    StatusUpdate,
    Tap,
    TemplateContent,
    Text,
)
from parinaya_cli.domain.templates import ButtonKind, TemplateButton, TemplateDefinition
from parinaya_cli.domain.weddings import Wedding
from parinaya_cli.services import (
    batches,
    conversation,
    dispatches,
    events,
    invitations,
    people,
    units,
    weddings,
)
from parinaya_cli.services.batches import BatchReport, SenderSetup, SendRequest
from parinaya_cli.services.conversation import Ears
from parinaya_cli.services.dispatches import Flow, SliceReport
from parinaya_cli.services.invitations import InviteRequest
from parinaya_cli.services.people import PersonFields
from parinaya_cli.store import engine, templates
from parinaya_cli.store.people import Person
from parinaya_cli.store.transaction import Transaction, open_transaction
from parinaya_cli.store.units import Unit
from tests.fakes.sender import FakeSender
from tests.servers import as_admin, as_app

NUMBER = "106540352242922"
SECRET = b"tap secret of the tests"
SETUP = SenderSetup(NUMBER, 80.0, SECRET)
EARS = Ears(NUMBER, SECRET)
KEY = ChainKey(b"audit key of the tests")

BUTTONS = ("Yes, we will come", "Sorry, cannot come", "Not sure yet")
BUTTONS_HI = ("हाँ, हम आएँगे", "नहीं आ पाएँगे", "अभी पक्का नहीं")


def template(
    name: str = "sangeet_invite",
    language: str = "en",
    body: str = "Namaste {{guest_name}}, you are invited to {{events}}.",
    *,
    status: str = "approved",
    category: str = "marketing",
    buttons: Sequence[str] = BUTTONS,
) -> TemplateDefinition:
    """A template with named parameters and quick replies."""
    replies = tuple(
        TemplateButton(place, ButtonKind.QUICK_REPLY, label) for place, label in enumerate(buttons)
    )
    return TemplateDefinition(name, language, category, status, "green", "named", body, buttons=replies)


def error(code: int, family: ErrorFamily, title: str = "An error of the provider") -> ProviderError:
    """An error as the provider tells one."""
    return ProviderError(code, family, title)


@dataclass
class Scene:
    """One wedding of an installation; ``bells`` holds what was rung after commits.

    ``db`` is as parinaya sees the database, ``admin`` as its superuser does.
    """

    db: engine.Database
    admin: engine.Database
    wedding: Wedding = field(init=False)
    sender: FakeSender = field(default_factory=FakeSender)
    bells: list[tuple[str, str]] = field(default_factory=list)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.wedding = self.another("ananya-kabir")

    # ── transactions ───────────────────────────────────────────────────────────────────────────────────

    def another(self, slug: str, **fields: Any) -> Wedding:
        """One more wedding of the installation."""
        with self.system() as tx:
            return weddings.add(tx, Wedding(UUID(int=0), slug, slug.title(), **fields))

    @contextmanager
    def begin(
        self,
        role: Role = Role.OWNER,
        *,
        side: str | None = None,
        after: timedelta = timedelta(0),
        wedding: Wedding | None = None,
        name: str = "Meera",
        within: UUID | None = None,
    ) -> Iterator[Transaction]:
        """A transaction of somebody with this role, ``after`` so much time, bound to the wedding."""
        actor = Actor(name, role, Channel.CLI, side, within)
        with self._open(actor, after) as tx:
            tx.bind(wedding or self.wedding)
            yield tx

    @contextmanager
    def system(self, after: timedelta = timedelta(0)) -> Iterator[Transaction]:
        """A transaction of parinaya itself, bound to no wedding."""
        with self._open(Actor("parinaya", Role.SYSTEM, Channel.WORKER), after) as tx:
            yield tx

    @contextmanager
    def _open(self, actor: Actor, after: timedelta) -> Iterator[Transaction]:
        now = datetime.now(UTC) + after if after else None
        with open_transaction(self.db, actor, KEY, now=now, ring=self.bells.extend) as tx:
            yield tx

    def rows(self, sql: str, **values: object) -> list[dict[str, Any]]:
        """What a query finds, past all of our code."""
        with self.admin.connect() as conn:
            return [dict(row) for row in conn.execute(text(sql), values).mappings()]

    def value(self, sql: str, **values: object) -> Any:
        """The first value of a query."""
        return next(iter(self.rows(sql, **values)[0].values()))

    def run(self, sql: str, **values: object) -> None:
        """Change something, past all of our code."""
        with self.admin.begin() as conn:
            conn.execute(text(sql), values)

    # ── the wedding ────────────────────────────────────────────────────────────────────────────────────

    def event(self, slug: str = "sangeet", *, days: int = 60, **more: object) -> UUID:
        """An event in so many days."""
        starts = (datetime.now(UTC) + timedelta(days=days)).replace(microsecond=0).isoformat()
        with self.begin() as tx:
            return events.add(tx, {"slug": slug, "title": slug.title(), "starts": starts, **more}).id

    def person(self, name: str, phone: str | None = None, **fields: Any) -> Person:
        """A person with this phone."""
        with self.begin() as tx:
            return people.add(tx, PersonFields(name, phones=[phone] if phone else None, **fields))

    def household(
        self, name: str = "Asha Sharma", phone: str | None = "", *, seats: int = 2, **fields: Any
    ) -> Unit:
        """A household of one named person and unnamed seats; ``phone`` "": a number of its own."""
        if phone == "":
            phone = f"+9198765{next(self._ids):05d}"
        person = self.person(name, phone, **fields)
        with self.begin() as tx:
            return units.add(tx, f"{name} family", [person.ref], extra_seats=seats - 1)

    def invite(self, *slugs: str, units: Sequence[str] = (), seats: int | None = None) -> None:
        """Put households (all, if none is named) on guest lists."""
        with self.begin() as tx:
            invitations.add(tx, InviteRequest(slugs, everyone=not units, units=units, seats=seats))

    def template(self, definition: TemplateDefinition | None = None) -> None:
        """Sync a template."""
        with self.begin() as tx:
            templates.write(tx, definition or template())

    def ready(self, *names: str, seats: int = 2) -> list[Unit]:
        """Households of these names on the list of one event, and a template."""
        self.event()
        found = [self.household(name, seats=seats) for name in names]
        self.invite("sangeet")
        self.template()
        return found

    # ── the traffic ────────────────────────────────────────────────────────────────────────────────────

    def send(self, name: str = "sangeet_invite", *, dry_run: bool = False, **request: Any) -> BatchReport:
        """Make a batch."""
        with self.begin() as tx:
            return batches.make_batch(tx, SendRequest(name, **request), SETUP, dry_run=dry_run)

    def deliver(
        self, sender: FakeSender | None = None, *, in_flight: int = 8, after: timedelta = timedelta(0)
    ) -> list[SliceReport]:
        """Deliver slices until nothing is due."""
        reports: list[SliceReport] = []
        while not reports or not reports[-1].idle:
            assert len(reports) < 50, "delivering does not come to an end"
            one = dispatches.deliver_slice(
                lambda: self.system(after), sender or self.sender, Flow(1e6, in_flight)
            )
            reports.append(one)
        return reports[:-1]

    def states(self) -> list[tuple[str, str]]:
        """The states and reasons of all template messages, by household."""
        found = self.rows(
            "SELECT d.state, d.reason FROM invite_dispatch d LEFT JOIN guest_units u ON u.id = d.unit_id "
            "WHERE d.kind <> 'reply' ORDER BY d.created_at, u.number"
        )
        return [(row["state"], row["reason"]) for row in found]

    def status(
        self,
        message: OutboundMessage,
        status: DeliveryStatus,
        *,
        wamid: str = "wamid.fake.1",
        told: ProviderError | None = None,
        token: bool = True,
    ) -> StatusUpdate:
        """A status of a message that was sent."""
        return StatusUpdate(
            key=f"{wamid}:{status.value}:{told.code if told else ''}",
            phone_number_id=NUMBER,
            message_id=wamid,
            status=status,
            at=datetime.now(UTC),
            token=message.token if token else None,
            error=told,
        )

    def say(
        self,
        unit: Unit | None,
        content: Tap | Text | Any,
        *,
        at: timedelta = timedelta(0),
        context: str | None = None,
        sender: Sender | None = None,
        key: str | None = None,
    ) -> InboundMessage:
        """A message of a household's primary contact, ``at`` so long after now."""
        name = key or f"wamid.in.{next(self._ids)}"
        if sender is None:
            assert unit is not None
            phone = self.value(
                "SELECT c.value FROM contact_points c JOIN person_contacts pc ON pc.contact_point_id = c.id "
                "WHERE pc.person_id = :person",
                person=unit.primary_id,
            )
            sender = Sender(phone)
        moment = datetime.now(UTC) + at
        return InboundMessage(name, NUMBER, name, moment, sender, content, context)

    def hear(self, message: InboundMessage) -> str:
        """Take a message of a guest."""
        with self.system() as tx:
            return conversation.hear(tx, message, EARS)

    def answers(self) -> list[tuple[str, str, int | None, int | None]]:
        """Event, status, heads and requested heads of the answers that count."""
        found = self.rows(
            "SELECT DISTINCT ON (r.event_id, r.unit_id) e.slug, r.status, r.heads, r.requested_heads "
            "FROM rsvp_responses r JOIN events e ON e.id = r.event_id "
            "ORDER BY r.event_id, r.unit_id, r.given_at DESC, r.id DESC"
        )
        return sorted(tuple(row.values()) for row in found)

    def counts(self) -> dict[str, dict[str, int]]:
        """The kept counts of each event, over both sides."""
        found = self.rows(
            "SELECT e.slug, sum(invited_units)::int AS units, sum(invited_seats)::int AS seats, "
            "sum(answered_units)::int AS answered, sum(yes_units)::int AS yes, sum(yes_heads)::int AS heads, "
            "sum(no_units)::int AS no, sum(maybe_units)::int AS maybe FROM projection_event_counts c "
            "JOIN events e ON e.id = c.event_id GROUP BY e.slug"
        )
        return {row.pop("slug"): row for row in found}

    def replies(self) -> list[str]:
        """The texts that were written back, in order."""
        found = self.rows(
            "SELECT content->>'text' AS text FROM invite_dispatch WHERE kind = 'reply' ORDER BY created_at, id"
        )
        return [row["text"] for row in found]

    def inbox(self) -> list[str]:
        """Why messages wait for a human, in order."""
        return [row["why"] for row in self.rows("SELECT why FROM inbox_items ORDER BY created_at, number")]

    def table_sizes(self) -> dict[str, int]:
        """How many rows each table has."""
        names = [
            row["name"]
            for row in self.rows("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
        ]
        return {name: self.value(f"SELECT count(*) FROM {name}") for name in names}


def tap(message: OutboundMessage, answer: str) -> Tap:
    """A tap on a button of a message: yes, no or maybe."""
    content = message.content
    assert isinstance(content, TemplateContent)
    place = ("yes", "no", "maybe").index(answer)
    return Tap(content.buttons[place].value, BUTTONS[place])


@contextmanager
def open_scene(url: str) -> Iterator[Scene]:
    """A wedding in this database."""
    db, admin = engine.open_engine(as_app(url), pool=4), engine.open_engine(as_admin(url), pool=2)
    try:
        yield Scene(db, admin)
    finally:
        db.dispose()
        admin.dispose()
