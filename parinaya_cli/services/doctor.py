"""Is everything in place? Each check is one line, with the mend where something is wrong. Read-only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from parinaya_cli.domain import access
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.errors import ParinayaError
from parinaya_cli.ports import JobQueue, TemplateSource
from parinaya_cli.services import audit
from parinaya_cli.store import health, webhooks, weddings
from parinaya_cli.store.transaction import Begin


@dataclass(frozen=True)
class Finding:
    """What one check found; ``hint`` is the mend."""

    name: str
    ok: bool
    detail: str
    hint: str = ""


@dataclass(frozen=True)
class Patient:
    """What is examined. ``settings``: which of the needed settings have a value. ``source`` None: no account."""

    begin: Begin
    queue: Callable[[], JobQueue]
    queue_facts: Callable[[], Mapping[str, str]]
    source: Callable[[], TemplateSource]
    settings: Mapping[str, bool]
    schema: Callable[[], tuple[str | None, str]]


def examine(patient: Patient) -> list[Finding]:
    """Run every check, cheap ones first. A check that can't run is a finding of its own."""
    checks: list[tuple[str, Callable[[Patient], Finding]]] = [
        ("settings", _settings),
        ("postgres", _postgres),
        ("schema", _schema),
        ("queue", _queue),
        ("workers", _workers),
        ("weddings", _weddings),
        ("webhooks", _webhooks),
        ("audit", _audit),
        ("templates", _templates),
    ]
    found: list[Finding] = []
    for name, check in checks:
        try:
            found.append(check(patient))
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
    for name, value in facts.settings.items():
        if value == "off":
            wrong.append(f"{name} is off: a power cut can lose answers")
    if wrong:
        return Finding("postgres", False, "; ".join(wrong), "Ask whoever runs the server to change that.")
    return Finding("postgres", True, f"version {facts.version // 10000}, extensions there, durable")


def _schema(patient: Patient) -> Finding:
    current, head = patient.schema()
    if current != head:
        return Finding("schema", False, f"at {current}, {head} is needed", "Run `parinaya db upgrade`.")
    return Finding("schema", True, f"at {head}")


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


def _audit(patient: Patient) -> Finding:
    with patient.begin() as tx:
        verdict = audit.verify(tx)
    if not verdict.ok:
        return Finding(
            "audit", False, f"entry {verdict.first_bad} is {verdict.reason}", "See `parinaya audit verify`."
        )
    return Finding("audit", True, f"{verdict.entries} entries, unbroken")


def _templates(patient: Patient) -> Finding:
    approved = [one for one in patient.source().list_templates() if one.status == "approved"]
    if not approved:
        return Finding("templates", False, "none is approved", "Have one approved in WhatsApp Manager.")
    return Finding("templates", True, f"the token works; {len(approved)} approved")
