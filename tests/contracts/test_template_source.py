"""What every ``TemplateSource`` does: the fake, and the Cloud API against a server on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from parinaya_cli.adapters.whatsapp.client import Account, CloudApi
from parinaya_cli.domain.errors import Failed, Unreachable
from parinaya_cli.domain.templates import TemplateDefinition
from parinaya_cli.ports import TemplateSource
from tests.fakes.graph_server import GraphServer, Reply, Request, reply_json
from tests.fakes.template_source import FakeTemplates
from tests.sandbox.sandbox_kit import WABA, standing_in


def listed(name: str) -> dict[str, object]:
    body = {"type": "BODY", "text": "Dear {{1}}"}
    return {
        "name": name,
        "language": "hi",
        "category": "MARKETING",
        "status": "APPROVED",
        "parameter_format": "POSITIONAL",
        "quality_score": {"score": "GREEN"},
        "components": [body],
    }


def defined(name: str) -> TemplateDefinition:
    return TemplateDefinition(name, "hi", "marketing", "approved", "green", "positional", "Dear {{1}}")


@contextmanager
def cloud(reply: Callable[[Request], Reply]) -> Iterator[TemplateSource]:
    with GraphServer(reply) as server:
        api = CloudApi(Account(server.url, "v25.0", "token", "500000000000009"))
        yield api
        api.close()


@contextmanager
def source(kind: str, state: str) -> Iterator[TemplateSource]:
    if kind == "fake":
        error = {"refused": Failed("No."), "away": Unreachable("Away.")}.get(state)
        yield FakeTemplates([] if state == "empty" else [defined("a"), defined("b")], error)
        return
    replies = {
        "full": reply_json({"data": [listed("a"), listed("b")], "paging": {"cursors": {"after": "x"}}}),
        "empty": reply_json({"data": []}),
        "refused": reply_json({"error": {"message": "Expired", "code": 190}}, 401),
        "away": Reply(then="cut"),
    }
    with cloud(lambda request: replies[state]) as found:
        yield found


KINDS = pytest.mark.parametrize("kind", ["fake", "cloud api"])


@KINDS
def test_every_template_is_listed(kind: str) -> None:
    with source(kind, "full") as templates:
        assert templates.list_templates() == [defined("a"), defined("b")]
        assert templates.list_templates() == [defined("a"), defined("b")]


@KINDS
def test_an_account_without_templates(kind: str) -> None:
    with source(kind, "empty") as templates:
        assert templates.list_templates() == []


@KINDS
def test_a_refusal_is_a_failure(kind: str) -> None:
    with source(kind, "refused") as templates, pytest.raises(Failed):
        templates.list_templates()


@KINDS
def test_a_provider_that_is_away_is_unreachable(kind: str) -> None:
    with source(kind, "away") as templates, pytest.raises(Unreachable):
        templates.list_templates()


def test_every_page_of_every_language_and_status_is_read(tmp_path: Path) -> None:
    """130 templates in two languages: more than two pages of the stand-in."""
    statuses = ("APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED")
    there = [
        {**listed(f"t{number}"), "language": language, "status": statuses[number % 5]}
        for number in range(65)
        for language in ("en", "hi")
    ]
    path = tmp_path / "templates.json"
    path.write_text(json.dumps({"data": there}), "utf-8")
    with standing_in(templates=path) as desk:
        api = CloudApi(Account(desk.address, "v25.0", "token", WABA))
        found = api.list_templates()
        api.close()
    assert [(one.name, one.language, one.status) for one in found] == [
        (one["name"], one["language"], str(one["status"]).lower()) for one in there
    ]
    assert {one.quality for one in found} == {"green"}
