"""The inbox: messages that need a human."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from parinaya_cli.domain import access, jobs, policy, refs
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.errors import Failed, NotFound, UsedWrongly
from parinaya_cli.domain.messages import FreeContent, pack
from parinaya_cli.services.batches import SenderSetup, number_of
from parinaya_cli.store import conversation as store
from parinaya_cli.store import dispatches
from parinaya_cli.store.conversation import InboxItem, Said
from parinaya_cli.store.transaction import Transaction


def list_inbox(tx: Transaction, *, everything: bool = False) -> list[InboxItem]:
    """What waits for a human, oldest first; numbers only for roles that may see phones."""
    access.require(tx.actor, Permission.SEND)
    found = store.list_inbox(tx, state=None if everything else "open", side=tx.actor.side)
    return found if tx.actor.sees_phones else [replace(one, sender="") for one in found]


def find(tx: Transaction, name: str) -> InboxItem:
    """The inbox item of this ref.

    Raises:
        NotFound: there is none.
    """
    access.require(tx.actor, Permission.SEND)
    found = store.find_inbox(tx, refs.read(name, refs.Kind.INBOX))
    if found is None:
        raise NotFound(f"There is no inbox item {name!r}.", "See `parinaya inbox list`.")
    return found


def show(tx: Transaction, name: str) -> tuple[InboxItem, list[Said]]:
    """One item with what was said before."""
    item = find(tx, name)
    return item, store.said_before(tx, item.contact_point_id) if item.contact_point_id else []


def document(item: InboxItem) -> dict[str, object]:
    """An item as ``--json`` shows one."""
    return {
        "ref": item.ref,
        "from": item.sender,
        "name": item.person_name,
        "person": refs.make(refs.Kind.PERSON, item.person_number) if item.person_number else None,
        "unit": refs.make(refs.Kind.UNIT, item.unit_number) if item.unit_number else None,
        "household": item.unit_label,
        "households": list(item.households),
        "text": item.text or f"({item.kind})",
        "why": item.why,
        "state": item.state,
        "at": item.at,
        "window_open_until": policy.window_open_until(item.last_inbound_at),
    }


def reply(tx: Transaction, name: str, text: str, setup: SenderSetup) -> InboxItem:
    """Write back by hand, through the gate; the same text is not sent twice to one item.

    Raises:
        NotFound: there is no such item.
        Failed: the gate refuses (the window is closed, the guest said stop), or there is no number to write to.
    """
    item = find(tx, name)
    if item.contact_point_id is None:
        raise Failed(
            f"{item.ref} came from the household's page, and its primary contact has no phone.",
            f"Tell them yourself, then: parinaya inbox close {item.ref}",
        )
    if not 0 < len(text) <= 4096:
        raise UsedWrongly("A message has 1 to 4,096 characters.", "Write a shorter text.")
    told = dispatches.contacts_of(tx, [item.contact_point_id])[item.contact_point_id]
    facts = policy.Facts(
        tx.now, tx.wedding.zone, told.contact, free=True, repeats=True, do_not_message=told.do_not_message
    )
    verdict = policy.gate(facts)
    if isinstance(verdict, policy.Refused):
        raise policy.refusal(verdict.reason)
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    made = dispatches.insert_reply(
        tx,
        contact_point_id=item.contact_point_id,
        unit_id=None,
        person_id=None,
        content=pack(FreeContent(text, reply_to=item.message_id)),
        answers_key=f"{item.message_id or item.id}:hand:{digest}",
        phone_number_id=number_of(tx, setup),
    )
    if made is not None:
        store.forget_courtesy(tx, item.contact_point_id)
        tx.audit("inbox.reply", "inbox", ref=item.ref, entity_id=item.id, after={"text": text})
        tx.ring(jobs.SEND)
    return close(tx, name)


def close(tx: Transaction, name: str) -> InboxItem:
    """A human has dealt with it; a second time changes nothing."""
    item = find(tx, name)
    if item.state != "closed":
        store.close_item(tx, item.id)
        before, after = {"state": item.state}, {"state": "closed"}
        tx.audit("inbox.close", "inbox", ref=item.ref, entity_id=item.id, before=before, after=after)
    return find(tx, item.ref)
