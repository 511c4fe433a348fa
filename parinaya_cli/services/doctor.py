"""Is everything in place? Each check is one line, with the mend where something is wrong. Read-only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from parinaya_cli.domain import access
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.database_users import APP
from parinaya_cli.domain.errors import NotPermitted, ParinayaError
from parinaya_cli.domain.findings import Finding as Finding
from parinaya_cli.ports import CheckpointPlace, JobQueue, ProviderAccount, TemplateSource
from parinaya_cli.services import audit, doctor_account, invariants, site_links
from parinaya_cli.services.doctor_account import Front
from parinaya_cli.services.site_links import SiteSetup
from parinaya_cli.store import grants, health, webhooks, weddings
from parinaya_cli.store.transaction import Begin

FARTHEST = timedelta(seconds=2)
"""How far the clock of this machine may be from that of Postgres, which decides what is due."""

LEAST_ROOM = 1024**3
"""Bytes that must be free where the data folder lies: below, Postgres may stop at any moment."""

OLDEST_CHECKPOINT = timedelta(days=1)


@dataclass(frozen=True)
class Patient:
    """What is examined. ``settings``: which of the needed settings have a value. ``room``: bytes that are free where
    the data folder lies. ``clock``: the time as this machine has it. ``places``: where checkpoints are kept.
    ``greet``: what is wrong with our own webhook at its public ``address``, '' for nothing, None where none is set.
    ``site``: what signs links, if anything does.
    """

    begin: Begin
    queue: Callable[[], JobQueue]
    queue_facts: Callable[[], Mapping[str, str]]
    source: Callable[[], TemplateSource]
    account: Callable[[], ProviderAccount]
    settings: Mapping[str, bool]
    schema: Callable[[], tuple[str | None, str]]
    room: Callable[[], int]
    places: Callable[[], Sequence[CheckpointPlace]] = tuple
    greet: Callable[[], str | None] = lambda: None
    address: str = ""
    site: Callable[[], SiteSetup | None] = lambda: None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


def examine(patient: Patient) -> list[Finding]:
    """Run every check, cheap ones first. A check that can't run is a finding of its own."""
    checks: list[tuple[str, Callable[[Patient], Finding | list[Finding]]]] = [
        ("settings", _settings),
        ("disk", _disk),
        ("postgres", _postgres),
        ("clock", _clock),
        ("schema", _schema),
        ("guards", _guards),
        ("users", _users),
        ("queue", _queue),
        ("workers", _workers),
        ("weddings", _weddings),
        ("links", _links),
        ("rows", _rows),
        ("webhooks", _webhooks),
        ("audit", _audit),
        ("whatsapp", _whatsapp),
    ]
    found: list[Finding] = []
    for name, check in checks:
        try:
            told = check(patient)
            found += told if isinstance(told, list) else [told]
        except NotPermitted:  # nothing is wrong: it is for others to see
            found.append(Finding(name, True, "not asked: your role may not see it"))
        except ParinayaError as error:
            found.append(Finding(name, False, error.message, error.hint))
    return found


def _settings(patient: Patient) -> Finding:
    missing = [name for name, there in patient.settings.items() if not there]
    if missing:
        return Finding(
            "settings",
            False,
            f"not set: {', '.join(missing)}",
            "`parinaya init` makes the secrets; `parinaya config set NAME -` sets the account.",
        )
    return Finding("settings", True, "everything that is needed is set")


def _disk(patient: Patient) -> Finding:
    free = patient.room()
    told = f"{free / 1024**3:.1f} GiB free"
    if free < LEAST_ROOM:
        hint = "Make room: a full disk stops Postgres. Old exports and backups lie under PARINAYA_HOME."
        return Finding("disk", False, f"only {told} where the data folder lies", hint)
    return Finding("disk", True, told)


def _postgres(patient: Patient) -> Finding:
    with patient.begin() as tx:
        access.require(tx.actor, Permission.READ)
        facts = health.read(tx)
    wrong = []
    if facts.version < 150000:
        wrong.append("Postgres is older than 15")
    missing = {"pg_trgm", "fuzzystrmatch", "unaccent"} - set(facts.extensions)
    if missing:
        wrong.append(f"extensions are missing: {', '.join(sorted(missing))}")
    if facts.encoding != "UTF8":
        wrong.append(f"the encoding is {facts.encoding}, not UTF8")
    for name, value in facts.settings.items():
        if value == "off":
            wrong.append(f"{name} is off: a power cut can lose answers")
    if wrong:
        return Finding("postgres", False, "; ".join(wrong), "Ask whoever runs the server to change that.")
    return Finding("postgres", True, f"version {facts.version // 10000}, extensions there, durable")


def _clock(patient: Patient) -> Finding:
    with patient.begin() as tx:
        before = patient.clock()
        there = health.read(tx).clock
        after = patient.clock()
    if before - FARTHEST <= there <= after + FARTHEST:
        return Finding("clock", True, "the machine and Postgres agree")
    apart = round(abs((there - before).total_seconds()))
    hint = (
        "Let both machines keep time by NTP (`timedatectl set-ntp true`): quiet hours and leases rest on it."
    )
    return Finding("clock", False, f"this machine and Postgres are {apart} seconds apart", hint)


def _schema(patient: Patient) -> Finding:
    current, head = patient.schema()
    if current != head:
        return Finding("schema", False, f"at {current}, {head} is needed", "Run `parinaya db upgrade`.")
    return Finding("schema", True, f"at {head}")


def _guards(patient: Patient) -> Finding:
    with patient.begin() as tx:
        missing = health.missing_guards(tx)
    if missing:
        hint = "Somebody has taken them away: find out who, then restore a backup into an empty database."
        return Finding("guards", False, f"triggers are gone or off: {', '.join(missing)}", hint)
    return Finding("guards", True, "what is only ever added is held by its triggers")


_OF_USERS = {
    "users": "parinaya works as a user that owns nothing",
    "rights": "each user may do what it needs, and no more",
    "fences": "rows of other weddings are out of sight",
}


def _users(patient: Patient) -> list[Finding]:
    hint = "`parinaya db upgrade` mends it on embedded servers; `parinaya db grants` prints what an administrator runs."
    with patient.begin() as tx:
        held, user = grants.holds(tx.conn), grants.working_as(tx.conn)
    found = []
    if user != APP and not held[0].faults:
        hint = f"Give {APP} a password, and put that user into DATABASE_URL."
        return [Finding("users", False, f"parinaya works as {user}, whom no rights and fences hold", hint)]
    for one in held:
        told = "; ".join(one.faults[:3]) + (f" and {len(one.faults) - 3} more" if len(one.faults) > 3 else "")
        found.append(Finding(one.name, not told, told or _OF_USERS[one.name], hint if told else ""))
    return found


def _rows(patient: Patient) -> list[Finding]:
    with patient.begin() as tx:
        found = invariants.check(tx)
    return [
        Finding(
            one.invariant.name,
            not one.count,
            one.invariant.wrong.format(count=one.count) if one.count else "holds",
            one.invariant.mend if one.count else "",
        )
        for one in found
    ]


def _queue(patient: Patient) -> Finding:
    facts = patient.queue_facts()
    if facts["eviction"] != "noeviction":
        return Finding(
            "queue",
            False,
            f"the server may drop jobs ({facts['eviction']})",
            "Set maxmemory-policy noeviction.",
        )
    figures, _ = patient.queue().figures()
    failed = sum(one.failed for one in figures)
    if failed:
        return Finding("queue", False, f"{failed} jobs failed", "See `parinaya queue failed`.")
    return Finding(
        "queue", True, f"version {facts['version']}, {sum(one.waiting for one in figures)} jobs wait"
    )


def _workers(patient: Patient) -> Finding:
    figures, workers = patient.queue().figures()
    waiting = sum(one.waiting for one in figures)
    if not workers and waiting:
        return Finding(
            "workers", False, f"{waiting} jobs wait and no worker runs", "Start `parinaya worker`."
        )
    return Finding("workers", True, f"{workers} running")


def _weddings(patient: Patient) -> Finding:
    with patient.begin() as tx:
        there = [one for one in weddings.list_weddings(tx) if tx.actor.wedding_id in {None, one.id}]
    if not there:
        return Finding(
            "weddings", False, "there is none", "Make one: parinaya weddings add 'Ananya & Kabir'."
        )
    return Finding("weddings", True, ", ".join(one.slug for one in there))


def _links(patient: Patient) -> list[Finding]:
    setup = patient.site()
    if setup is None:
        return []
    with patient.begin() as tx:
        return site_links.examine(tx, setup)


def _webhooks(patient: Patient) -> Finding:
    with patient.begin() as tx:
        late = webhooks.count_waiting(tx, timedelta(minutes=5))
        states = webhooks.count_states(tx)
        silence = health.silence(tx)
    if late:
        return Finding(
            "webhooks",
            False,
            f"{late} deliveries wait since over 5 minutes",
            "Start `parinaya worker`, or `parinaya reconcile`.",
        )
    if states["dead"]:
        return Finding(
            "webhooks", False, f"{states['dead']} are dead", "See `parinaya webhook list --state dead`."
        )
    if silence:
        return Finding(
            "webhooks",
            False,
            f"messages went out {round(silence / 60)} minutes ago and nothing has come back since",
            "Check that `parinaya webhook serve` runs, and that Meta has its address.",
        )
    return Finding("webhooks", True, f"{states['done']} processed, {states['pending']} waiting")


def _audit(patient: Patient) -> list[Finding]:
    with patient.begin() as tx:
        verdict, reports = audit.verify_against(tx, patient.places())
        newest = max((one.newest_at for one in reports if one.newest_at is not None), default=None)
        old = newest is not None and tx.now - newest > OLDEST_CHECKPOINT
    found = [Finding("audit", True, f"{verdict.entries} entries, unbroken")]
    if not verdict.ok:
        wrong = f"entry {verdict.first_bad} is {verdict.reason}"
        found = [Finding("audit", False, wrong, "See `parinaya audit verify`.")]
    if newest is not None and old:
        hint = "Run `parinaya reconcile` from cron: it keeps one in each hour in which something was done."
        told = f"the newest checkpoint of the audit log is of {newest:%d %b %H:%M} UTC"
        return [*found, Finding("checkpoints", False, told, hint)]
    kept = f"{sum(one.kept for one in reports)} in {len(reports)} places"
    return [*found, Finding("checkpoints", True, kept)]


def _whatsapp(patient: Patient) -> list[Finding]:
    return doctor_account.examine(
        Front(patient.account, patient.source, patient.greet, patient.address, patient.clock())
    )
