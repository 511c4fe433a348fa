"""What the provider tells of templates, numbers and the account: it changes what the policy gate asks."""

from __future__ import annotations

from collections.abc import Collection

from parinaya_cli.domain.messages import UNLIMITED, AccountUpdate, TemplateUpdate
from parinaya_cli.store import news as store
from parinaya_cli.store import numbers, weddings
from parinaya_cli.store.news import Ours as Ours
from parinaya_cli.store.transaction import Transaction

_SENDS_AGAIN = frozenset({"reinstated", "unarchived"})
_SAYS_NOTHING = frozenset({"flagged", "locked"})
"""What leaves a template's state as it is: it may be stopped later, or can't be edited (Meta, WhatsApp,
webhooks/reference/message_template_status_update)."""


def learn(tx: Transaction, seen: Collection[Ours]) -> None:
    """Remember to which account our numbers belong."""
    store.learn(tx, [one for one in seen if one.account])


def hear_template(tx: Transaction, update: TemplateUpdate) -> None:
    """A template may or may not be sent now, in every wedding that uses it.

    One that was stopped pauses the batches that are sending it: their messages wait for a person, where the gate would
    refuse them one by one, for good.
    """
    status = "approved" if update.status in _SENDS_AGAIN else update.status
    status = None if status in _SAYS_NOTHING else status
    told = {"status": status, "quality": update.quality, "category": update.category}
    fresh = {name: value for name, value in told.items() if value is not None}
    changed = store.tell_template(tx, update.name, update.language, fresh, update.at or tx.now)
    for wedding_id, language in changed:
        wedding = weddings.find_wedding(tx, wedding_id)
        assert wedding is not None, "a foreign key binds each template to its wedding"
        with tx.within(wedding):
            tx.audit("template.news", "template", ref=update.name, after={"language": language, **fresh})
            if status in {None, "approved"}:
                continue
            why = f"WhatsApp says that {update.name} ({language}) is {status}"
            why += f": {update.reason}" if update.reason else ""
            for batch in store.pause_batches(tx, update.name, language, why[:200]):
                tx.audit("invite.pause", "batch", entity_id=batch, after={"why": why[:200]})


def hear_account(tx: Transaction, update: AccountUpdate, default: str) -> str:
    """Limits, quality and stops of our numbers; returns why the news could not be placed, or ''.

    ``default``: the number of the installation. A stop stands until a person has looked.
    """
    ours = store.numbers_of(tx, update.account_id, update.number, default)
    at = update.at or tx.now
    for number in ours:
        after: dict[str, object] = {}
        if update.tier is not None:
            limit = None if update.tier == UNLIMITED else update.tier
            if store.tell_tier(tx, number, limit, at):
                after["daily_limit"] = limit
        if update.quality is not None and store.tell_quality(tx, number, update.quality, at):
            after["quality"] = update.quality
        if update.stop:
            numbers.stop_number(tx, number, update.stop)
            after["why"] = update.stop
        if after:
            action = "number.stop" if update.stop else "number.news"
            tx.audit(action, "number", ref=number[-4:], after={"event": update.event, **after})
    return "" if ours else "none of our numbers belongs to this account"
