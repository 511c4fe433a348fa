"""News of templates, numbers and the account change what the policy gate says, in whatever order they come."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from parinaya_cli.domain.messages import UNLIMITED, AccountUpdate, TemplateUpdate
from parinaya_cli.services import news
from parinaya_cli.services.news import Ours
from tests.services.wedding_kit import NUMBER, Scene, template

MINUTE = timedelta(minutes=1)


def tell(scene: Scene, at: int = 1, **what: Any) -> None:
    """News of the template so many minutes after now."""
    moment = datetime.now(UTC) + at * MINUTE
    with scene.system() as tx:
        news.hear_template(
            tx, TemplateUpdate(f"t{at}{what}", "102", "sangeet_invite", "en", at=moment, **what)
        )


def account(scene: Scene, at: int = 1, account_id: str = "102", **what: Any) -> str:
    moment = datetime.now(UTC) + at * MINUTE
    with scene.system() as tx:
        return news.hear_account(tx, AccountUpdate(f"a{at}", account_id, "EVENT", moment, **what), NUMBER)


def number(scene: Scene, *columns: str) -> dict[str, Any]:
    return scene.rows(f"SELECT {', '.join(columns)} FROM sender_numbers WHERE phone_number_id = '{NUMBER}'")[
        0
    ]


def test_a_template_that_is_paused_pauses_what_is_being_sent(scene: Scene) -> None:
    scene.ready("Asha", "Ravi")
    scene.send()
    tell(scene, status="paused", reason="FIRST_PAUSE")
    scene.deliver()
    assert scene.states() == [("queued", "")] * 2, "nothing is lost, and nothing leaves"
    (batch,) = scene.rows("SELECT state, why_paused FROM batches")
    assert batch == {
        "state": "paused",
        "why_paused": "WhatsApp says that sangeet_invite (en) is paused: FIRST_PAUSE",
    }
    assert scene.send(repeats=True, dry_run=True).plan.reasons == {"template_not_approved": 2}
    tell(scene, 2, status="reinstated")
    assert scene.send(repeats=True, dry_run=True).plan.reasons == {}


def test_a_batch_that_has_sent_everything_is_left_alone(scene: Scene) -> None:
    scene.ready("Asha")
    scene.send()
    scene.deliver()
    tell(scene, status="disabled")
    assert scene.rows("SELECT state FROM batches WHERE state = 'paused'") == []


def test_what_says_nothing_of_sending_stops_nothing(scene: Scene) -> None:
    scene.ready("Asha")
    tell(scene, status="flagged")
    tell(scene, 2, quality="red")
    assert len(scene.send(dry_run=True).plan.dispatches) == 1
    assert scene.value("SELECT definition->>'quality' FROM templates") == "red"


def test_a_category_that_has_changed_is_known_to_the_gate(scene: Scene) -> None:
    scene.event()
    scene.household("Asha", "+14155550100")
    scene.invite("sangeet")
    scene.template(template(category="utility"))
    assert scene.send(dry_run=True).plan.reasons == {}
    tell(scene, category="marketing")
    assert scene.send(dry_run=True).plan.reasons == {"country_not_served": 1}


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_the_newest_news_of_a_template_counts(scene: Scene, order: tuple[int, ...]) -> None:
    scene.ready("Asha")
    for place in (*order, *order):
        tell(scene, place + 1, status=("paused", "approved", "disabled")[place])
    assert scene.value("SELECT status FROM templates") == "disabled"


def test_news_from_before_the_last_sync_is_old(scene: Scene) -> None:
    scene.ready("Asha")
    tell(scene, -60, status="paused")
    assert scene.value("SELECT status FROM templates") == "approved"


# ── numbers ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_the_newest_limit_counts(scene: Scene, order: tuple[int, ...]) -> None:
    for place in (*order, *order):
        account(scene, place + 1, tier=(250, UNLIMITED, 2000)[place])
    assert number(scene, "tier_limit") == {"tier_limit": 2000}


def test_no_limit_is_none(scene: Scene) -> None:
    account(scene, tier=250)
    account(scene, 2, tier=UNLIMITED)
    assert number(scene, "tier_limit") == {"tier_limit": None}


def test_a_limit_that_is_reached_holds_messages_back(scene: Scene) -> None:
    scene.ready("Asha", "Ravi")
    account(scene, tier=1)
    scene.send()
    scene.deliver(in_flight=1)
    assert sorted(scene.states()) == [("accepted", ""), ("queued", "tier_limit")]


def test_a_ban_stops_the_number_until_a_person_has_looked(scene: Scene) -> None:
    scene.ready("Asha")
    scene.send()
    account(scene, stop="WhatsApp bans the account (DISABLE)")
    scene.deliver(after=timedelta(days=2))
    assert scene.sender.sent == []
    assert number(scene, "paused_until", "why_paused") == {
        "paused_until": None,
        "why_paused": "WhatsApp bans the account (DISABLE)",
    }


def test_news_of_another_account_or_number_is_not_ours(scene: Scene) -> None:
    with scene.system() as tx:
        news.learn(tx, {Ours(NUMBER, "102", "+912240000001")})
    assert account(scene, account_id="999", tier=250) == "none of our numbers belongs to this account"
    assert account(scene, number="+912240000009", quality="red") != ""
    assert account(scene, number="+912240000001", quality="red") == ""
    assert number(scene, "tier_limit", "quality") == {"tier_limit": None, "quality": "red"}
