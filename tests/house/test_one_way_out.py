"""One way leads to a guest's phone, and it asks for the gate's permission: nothing else can make a message leave.

The links of the chain, each the only one of its kind: the gate alone makes a ``Go``; a message can't be made without
one; the messages are made where the gate was asked; one function hands them on; one method posts them.
"""

from __future__ import annotations

import ast
import inspect
from functools import cache

import pytest

from parinaya_cli.domain.messages import OutboundMessage
from tests.house.house_code import Function, Module, calls_of, functions_of, modules

OUTSIDE = {
    "adapters/whatsapp/client": "posts messages and lists templates",
    "adapters/whatsapp/lines": "carries what the client posts",
    "adapters/whatsapp/media": "uploads files; nothing of it reaches a guest",
    "adapters/whatsapp/patience": "asks how the account stands, and greets our own webhook",
    "adapters/google/credentials": "signs in to Google Contacts",
    "cli/rehearsal": "asks the stand-in for its figures",
    "sandbox/deliveries": "plays Meta's part towards the receiver",
    "web/trials": "plays Meta's part towards the receiver",
}
"""The files that open connections to others over HTTP."""


def places(calls: str) -> set[str]:
    """Where something of this name is called: ``file.function``."""
    return {f"{module.name}.{function.name}" for module, function, _ in called(calls)}


def called(name: str) -> list[tuple[Module, Function, ast.Call]]:
    return every_call().get(name, [])


@cache
def every_call() -> dict[str, list[tuple[Module, Function, ast.Call]]]:
    """Every call in a function of the house, by the name that is called."""
    found: dict[str, list[tuple[Module, Function, ast.Call]]] = {}
    for module in modules():
        for function in functions_of(module):
            for call in calls_of(function):
                of = call.func
                name = of.attr if isinstance(of, ast.Attribute) else of.id if isinstance(of, ast.Name) else ""
                found.setdefault(name, []).append((module, function, call))
    return found


def test_the_gate_alone_gives_permission() -> None:
    assert places("Go") == {"domain/policy.gate"}


def test_a_message_bears_the_permission_it_was_made_with() -> None:
    needed = inspect.signature(OutboundMessage).parameters["permission"]
    assert (needed.default, needed.annotation) == (inspect.Parameter.empty, "Go")
    made = list(called("OutboundMessage"))
    assert [(module.name, function.name) for module, function, _ in made] == [
        ("services/dispatches", "_message")
    ]
    assert "permission" in {one.arg for _, _, call in made for one in call.keywords}


def test_permission_is_written_down_where_the_gate_was_asked() -> None:
    [(module, function, _)] = called("Permitted")
    assert f"{module.name}.{function.name}" in places("gate")


def test_one_function_hands_messages_to_whatsapp() -> None:
    """Replies of a conversation too: they are queued, and leave as all others do."""
    handed = places("submit") | places("send")
    beyond = [place for place in handed if place.partition("/")[0] not in {"adapters", "sandbox", "web"}]
    assert [place.partition(".")[0] for place in beyond] == ["services/dispatches"]


def test_one_method_posts_messages() -> None:
    posts = []
    for module in modules():
        if module.name.startswith("sandbox/"):
            continue
        for function in functions_of(module):
            texts = [one.value for one in ast.walk(function) if isinstance(one, ast.Constant)]
            if any(isinstance(told, str) and told == "/messages" for told in texts):
                posts.append(f"{module.name}.{function.name}")
    assert posts == ["adapters/whatsapp/client._send_one"]


def test_few_files_talk_to_others_over_http() -> None:
    """Google's library and object storage have connections of their own; neither knows WhatsApp."""
    talking = {
        module.name
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        and _names(node) & {"httpx", "urllib.request", "requests"}
    }
    assert talking == set(OUTSIDE)


def _names(node: ast.Import | ast.ImportFrom) -> set[str]:
    if isinstance(node, ast.ImportFrom):
        return {node.module or ""}
    return {one.name for one in node.names}


@pytest.mark.parametrize("place", sorted(OUTSIDE))
def test_the_files_that_talk_are_there(place: str) -> None:
    assert place in {module.name for module in modules()}
