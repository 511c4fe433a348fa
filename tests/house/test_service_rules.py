"""The services: every verb asks who acts before it reads or writes."""

from __future__ import annotations

import ast
from functools import cache

from tests.house.house_code import Function, Module, calls_of, modules

SYSTEM = {
    "conversation.hear": "parinaya itself takes a guest's message; guests have no role",
    "conversation.hear_preference": "parinaya itself takes a guest's message; guests have no role",
    "conversation.record_consent": "a step of hear and hear_preference",
    "conversation.queue_reply": "a step of hear; the policy gate decides",
    "dispatches.deliver_slice": "parinaya itself delivers what somebody with the role has queued",
    "dispatches.hear_status": "parinaya itself takes a provider's status",
    "figures.require_ready": "asks for the schema only, before anybody can act",
    "import_queue.run_next": "parinaya itself imports what somebody with the role has queued",
    "roles.identify": "finds out who acts",
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
