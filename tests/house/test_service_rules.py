"""The services: every verb asks who acts before it reads or writes."""

from __future__ import annotations

import ast
from functools import cache

from tests.house.house_code import Function, Module, calls_of, modules

SYSTEM = {
    "backups.look": "an empty database has no roles: whoever holds the file has all that is in it",
    "backups.restore": "an empty database has no roles: whoever holds the file has all that is in it",
    "checkpoints.begin_anew": "a step of backups.restore",
    "checkpoints.compare": "a step of audit.verify_against, which asks",
    "checkpoints.keep": "a step of backups.make and reconcile, which ask",
    "conversation.hear": "parinaya itself takes a guest's message; guests have no role",
    "conversation.hear_preference": "parinaya itself takes a guest's message; guests have no role",
    "conversation_speaker.find_speaker": "parinaya itself takes a guest's message; guests have no role",
    "conversation.record_consent": "a step of hear and hear_preference",
    "conversation.queue_reply": "a step of hear; the policy gate decides",
    "outcomes.settle": "a step of deliver_slice",
    "permission.fresh_facts": "a step of permission.give",
    "permission.give": "a step of deliver_slice: the policy gate decides",
    "exports.run_next": "parinaya itself makes what somebody has asked for, and asks again for them",
    "figures.require_ready": "asks for the schema only, before anybody can act",
    "grants.apply": "Postgres asks whether this is an administrator of its own",
    "grants.script": "says what stands in the code",
    "import_queue.run_next": "parinaya itself imports what somebody has queued, and asks again for them",
    "moves.undo": "a closed database is opened first, and closed again for whom the role does not hold",
    "news.hear_account": "parinaya itself takes a provider's news",
    "news.hear_template": "parinaya itself takes a provider's news",
    "news.learn": "parinaya itself takes a provider's news",
    "points.follow": "parinaya itself takes what a provider tells of a guest's number",
    "points.learn": "parinaya itself takes what a provider tells of a guest's number",
    "points.meet": "parinaya itself takes what a provider tells of a guest's number",
    "retention.forget_again": "a step of backups.restore and reconcile; erasures.erase asks",
    "retention.keep_list": "a step of reconcile, and of the command that has erased",
    "retention.run": "a step of reconcile, which asks",
    "roles.identify": "finds out who acts",
    "roles.tell_refusal": "writes down that somebody may not",
    "statuses.hear": "parinaya itself takes a provider's status",
    "webhooks.keep": "parinaya itself keeps what a provider has signed",
    "webhooks.process_next": "parinaya itself processes what it has kept",
    "webhooks.process_slice": "parinaya itself processes what it has kept",
    "weddings.bind": "chooses the wedding in which the verb that follows asks",
    "weddings.choose_wedding": "chooses the wedding in which the verb that follows asks",
}

SERVICES: dict[str, Module] = {module.path.stem: module for module in modules("services")}


@cache
def names(service: str) -> tuple[frozenset[str], dict[str, str]]:
    """What a service calls its stores, and the other services."""
    stores: set[str] = set()
    services: dict[str, str] = {}
    for node in ast.walk(SERVICES[service].tree):
        if isinstance(node, ast.ImportFrom) and node.module == "parinaya_cli.store":
            stores |= {one.asname or one.name for one in node.names}
        if isinstance(node, ast.ImportFrom) and node.module == "parinaya_cli.services":
            services |= {one.asname or one.name: one.name for one in node.names}
    return frozenset(stores), services


@cache
def first(service: str, verb: str) -> str:
    """What a verb does first: ``asks``, ``works`` (reads or writes), or neither ("")."""
    function: Function | None = SERVICES[service].functions.get(verb)
    if function is None:
        return ""
    stores, services = names(service)
    for call in calls_of(function):
        called = call.func
        found = ""
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
            of = called.value.id
            if (of, called.attr) == ("access", "require"):
                return "asks"
            if of in stores and called.attr[0].islower():
                return "works"
            if of == "tx" and called.attr in {"rows", "row", "value", "run", "run_many", "audit"}:
                return "works"
            if of in services:
                found = first(services[of], called.attr)
        elif isinstance(called, ast.Name) and called.id != verb:
            found = first(service, called.id)
        if found:
            return found
    return ""


def test_every_verb_asks_before_it_works() -> None:
    bold, asking = set(), 0
    for service, module in SERVICES.items():
        for verb in module.verbs:
            does = first(service, verb)
            asking += does == "asks"
            if does == "works":
                bold.add(f"{service}.{verb}")
    assert asking > 60, "the questions are not found any more"
    assert bold == set(SYSTEM)
