"""Forgetting a person: nothing in the database tells who they were, and all that is counted stays as it was."""

from __future__ import annotations

import base64
import json
import time
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from parinaya_cli.adapters.whatsapp.parsing import Parser
from parinaya_cli.domain.access import Role
from parinaya_cli.domain.errors import Locked, NotFound, NotPermitted, UsedWrongly
from parinaya_cli.domain.messages import Accepted, NoAnswer
from parinaya_cli.services import (
    answers,
    audit,
    consent,
    erasures,
    import_undo,
    imports,
    inbox,
    people,
    removals,
    units,
    webhooks,
)
from parinaya_cli.services.answers import AnswerRequest
from parinaya_cli.services.erasures import Certificate
from parinaya_cli.services.imports import ImportReport, ImportRequest
from parinaya_cli.services.people import PersonFields
from parinaya_cli.services.units import UnitChanges
from parinaya_cli.services.webhooks import Incoming
from parinaya_cli.store import counts
from parinaya_cli.store import erasures as store
from tests.fakes.contact_source import sheet
from tests.services.wedding_kit import EARS, NUMBER, SETUP, Scene, tap

NAME, NEW_NAME = "Kanakalatha Zutshiwala", "Kanaklata Zutshiwala"
PHONE, OLD_PHONE, EMAIL = "+919876504321", "+919123450987", "kanaka.zutshi@example.org"
WORDS = ("Kanak", "Zutshi", "9876504321", "98765 04321", "9123450987", "kanaka.z", "GUEST-4711")
WAMID = "wamid." + base64.b64encode(b"\x1d\x18\x0c919876504321\x15\x02\x00\x11\x18\x12").decode()
HEADER = ["Name", "Phone", "Email", "Notes", "Household", "ID", "Diet for"]


def import_list(scene: Scene, *rows: list[str]) -> ImportReport:
    return imports.import_people(scene.begin, sheet(HEADER, *rows), ImportRequest("bride.csv"))


def deliver(scene: Scene, *values: dict[str, Any]) -> bytes:
    """A delivery as WhatsApp sends one, kept and processed."""
    told = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": NUMBER}}
    changes = [{"field": "messages", "value": {**told, **value}} for value in values]
    body = json.dumps(
        {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]}
    ).encode()
    with scene.system() as tx:
        webhooks.keep(tx, [Incoming(body)])
    while webhooks.process_next(scene.system, Parser(), EARS).number is not None:
        pass
    return body


def said(number: int, content: dict[str, Any]) -> dict[str, Any]:
    """A message of the guest."""
    message = {
        "from": PHONE[1:],
        "id": f"{WAMID}{number}=",
        "timestamp": str(int(time.time()) + number),
        **content,
    }
    contact = {"wa_id": PHONE[1:], "profile": {"name": "Kanak ❤"}, "user_id": "IN.4711000999"}
    return {"contacts": [contact], "messages": [message]}


def words(body: str) -> dict[str, Any]:
    return {"type": "text", "text": {"body": body}}


def status(word: str, wamid: str, token: str | None) -> dict[str, Any]:
    one = {"id": wamid, "status": word, "timestamp": str(int(time.time())), "recipient_id": PHONE[1:]}
    return {"statuses": [{**one, "biz_opaque_callback_data": token} if token else one]}


def everything(scene: Scene) -> dict[str, str]:
    """Every column of every table as text: bytes as what they spell."""
    tables = [
        row["name"]
        for row in scene.rows("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
    ]
    return {
        f"{table}.{column}": "".join(
            bytes(row[column]).decode("latin-1")
            if isinstance(row[column], bytes | memoryview)
            else repr(row[column])
            for row in rows
        )
        for table in tables
        for rows in [scene.rows(f"SELECT * FROM {table}")]
        for column in (rows[0] if rows else ())
    }


def betrayals(scene: Scene) -> dict[str, list[str]]:
    """The columns that tell anything of the guest, plainly or in base64."""
    digits = PHONE[1:].encode()
    coded = [base64.b64encode(b"x" * skipped + digits)[4:-4].decode() for skipped in range(3)]
    needles = (*WORDS, *coded, "4711000999")
    return {
        where: hits
        for where, text in everything(scene).items()
        if (hits := [one for one in needles if one.lower() in text.lower()])
    }


def story(scene: Scene) -> None:
    """A guest who stands in every table: in lists, edits, households, messages, answers, consent, the inbox."""
    scene.event()
    scene.template()
    row = [
        NAME,
        "98765 04321",
        EMAIL,
        f"call {NAME} at night",
        f"{NAME} & family",
        "GUEST-4711",
        f"{NAME}: jain",
    ]
    beside = ["Ravi Iyer", "98765 04399", "", f"brother of {NAME}, {PHONE}", f"{NAME} & family", "G-2", ""]
    import_list(scene, row, beside)
    with scene.begin() as tx:
        units.build(tx, dry_run=False)
        people.edit(tx, "P1", PersonFields(full_name=NEW_NAME, phones=[OLD_PHONE], add_tags=["vip"]))
        people.edit(tx, "P1", PersonFields(phones=[PHONE]))
    import_list(scene, [NAME, *row[1:3], f"do not call {NAME}", *row[4:]], beside)
    scene.invite("sangeet")
    scene.sender.outcomes.append(Accepted(f"{WAMID}out="))
    scene.send()
    scene.deliver()
    (message,) = scene.sender.sent
    pressed = {"type": "button", "button": {"payload": tap(message, "yes").payload, "text": "Yes"}}
    deliver(
        scene,
        status("delivered", f"{WAMID}out=", message.token),
        said(1, {**pressed, "context": {"id": f"{WAMID}out="}}),
        status("read", f"{WAMID}nobody=", None),
        said(2, {"type": "system", "system": {"type": "user_changed_number", "body": f"{NAME} changed"}}),
    )
    deliver(scene, said(3, words(f"{NEW_NAME} here, where do we park the elephant?")))
    with scene.begin() as tx:
        inbox.reply(tx, "N1", f"Dear {NEW_NAME}, behind the hall.", SETUP)
        consent.record(tx, "P1", "opt-in", source=f"{NAME} told Meera", evidence=f"call from {PHONE}")
        answers.set_answer(
            tx, AnswerRequest("U1", "sangeet", "yes", adults=2, note=f"{NEW_NAME} brings her dog")
        )
    deliver(scene, said(4, words("STOP")))


def erase(scene: Scene, name: str = "P1", **more: Any) -> Certificate:
    with scene.begin() as tx:
        tx.reason = "asked for it on the phone"
        return erasures.erase(tx, name, reason=tx.reason, **more)


def test_nothing_is_left_of_an_erased_person(scene: Scene) -> None:
    story(scene)
    there = betrayals(scene)
    planted = {
        "people.full_name", "people.extra", "contact_points.value", "person_contacts.raw", "person_sources.content",
        "person_sources.external_id", "folded_names.folded", "import_changes.before", "guest_units.label",
        "invite_dispatch.content", "invite_dispatch.wamid", "dispatch_attempts.wamid", "delivery_events.event_key",
        "inbound_messages.body", "inbound_messages.message_id", "inbound_messages.profile_name",
        "rsvp_responses.note", "rsvp_responses.source_key", "consent_ledger.source", "consent_ledger.evidence",
        "webhook_events.body", "webhook_updates.event_key", "webhook_updates.facts", "audit_values.value",
    }  # fmt: skip
    assert planted <= set(there), planted - set(there)
    before = (scene.counts(), scene.answers(), sizes(scene))
    told = erase(scene)
    assert betrayals(scene) == {}
    assert (scene.counts(), scene.answers(), sizes(scene)) == before
    assert told.tables["people"] == 2, "the person, and the brother whose note named her"
    assert told.deliveries == 3
    with scene.begin() as tx:
        assert audit.verify(tx).ok
        assert counts.drift(tx.conn, tx.wedding.id) == []
        [unit] = units.list_units(tx)
        assert [(member.ref, member.full_name) for member in unit.members] == [
            ("P1", "erased"),
            ("P2", "Ravi Iyer"),
        ]
        assert unit.primary == "P2"
        entry = audit.list_entries(tx, audit.AuditQuery(action="person.erase"))[0][0]
        assert entry["reason"] == "asked for it on the phone"
        [edit, *_] = audit.list_entries(tx, audit.AuditQuery(action="person.edit", entity="P1"))[0]
        assert (edit["before"], edit["after"]) == ("[erased]", "[erased]")
        with pytest.raises(NotFound):
            people.find(tx, "P1")
    assert erase(scene).tables == {}, "a second time there is nothing to do"


def test_what_postgres_noted_for_its_planner_goes_too(scene: Scene, database_url: str) -> None:
    """Also of tables in which nobody is left, of which ANALYZE keeps its old notes."""
    scene.household(NAME, PHONE)
    scene.household("Ravi Zutshi", OLD_PHONE)  # of a single value nothing is noted
    with psycopg.connect(database_url, autocommit=True) as conn:

        def noted() -> set[str]:
            found = conn.execute(
                "SELECT tablename FROM pg_stats WHERE schemaname = 'public' AND concat(most_common_vals::text, "
                "histogram_bounds::text, most_common_elems::text) ~* 'zutshi|jutshi|9123450987'"
            )
            return {table for (table,) in found}

        conn.execute("ANALYZE")
        erase(scene)
        erase(scene, "P2")
        assert {"folded_names", "people", "person_contacts"} <= noted()
        with pytest.raises(NotPermitted):
            erasures.forget_notes(lambda: scene.begin(Role.OPERATOR))
        erasures.forget_notes(scene.system)
        assert noted() == set()


def sizes(scene: Scene) -> dict[str, int]:
    """How many rows the tables have that reports are made of."""
    kept = {
        "people",
        "contact_points",
        "guest_unit_members",
        "invitations",
        "invite_dispatch",
        "delivery_events",
    }
    kept |= {"rsvp_responses", "inbound_messages", "webhook_events", "webhook_updates", "audit_logs"} - {
        "audit_logs"
    }
    return {table: count for table, count in scene.table_sizes().items() if table in kept}


def test_what_comes_again_does_nothing(scene: Scene) -> None:
    scene.ready("Asha Rao", seats=1)
    with scene.begin() as tx:
        people.edit(tx, "P1", PersonFields(full_name=NAME, phones=[PHONE]))
    scene.sender.outcomes.append(Accepted(f"{WAMID}out="))
    scene.send()
    scene.deliver()
    reading = status("read", f"{WAMID}out=", scene.sender.sent[0].token)
    speaking = said(1, words("yes, 1"))
    deliver(scene, reading, speaking)
    erase(scene)
    after = scene.table_sizes()
    with scene.begin() as tx:
        assert webhooks.replay(tx, [1], None, None) == 0
    deliver(scene, reading, speaking)
    assert scene.table_sizes() == after, "the same bytes"
    deliver(scene, speaking)  # in another mixture
    assert {table for table, count in scene.table_sizes().items() if count != after[table]} == {
        "webhook_events"
    }


def test_what_whatsapp_reports_later_tells_nothing(scene: Scene) -> None:
    scene.ready("Asha Rao", seats=1)
    with scene.begin() as tx:
        people.edit(tx, "P1", PersonFields(full_name=NAME, phones=[PHONE]))
    scene.sender.outcomes.append(Accepted(f"{WAMID}out="))
    scene.send()
    scene.deliver()
    erase(scene)
    token = scene.sender.sent[0].token
    deliver(scene, status("delivered", f"{WAMID}out=", token), status("read", f"{WAMID}out=", None))
    assert scene.states() == [("read", "")]
    assert betrayals(scene) == {}
    assert scene.value("SELECT count(*) FROM delivery_events") == 2


def test_a_list_that_names_them_again_is_known(scene: Scene) -> None:
    import_list(scene, [NAME, PHONE, EMAIL, "", "", "", ""])
    erase(scene)
    with scene.begin() as tx:
        assert store.has_any(tx)
        assert store.erased(tx, [PHONE, EMAIL, "+919811122333"]) == {PHONE, EMAIL}
        with pytest.raises(UsedWrongly, match="forgotten"):
            people.add(tx, PersonFields(NAME, phones=["98765 04321"]))
    other = scene.another("second-wedding")
    with scene.begin(wedding=other) as tx:
        assert not store.has_any(tx)
        assert store.erased(tx, [PHONE]) == set()
    with scene.begin() as tx:
        tx.reason = "came back of her own will"
        again = people.add(tx, PersonFields(NAME, phones=["98765 04321"]))
        assert again.consent == "opted_out", "who was forgotten gets no message before they say so"


def test_a_row_whose_phone_is_shared_is_known_by_its_key(scene: Scene) -> None:
    """Nothing of a forgotten person comes back by their row, and the rest of the list comes in."""
    asha, couple = (
        ["Asha Rao", "98200 11111", "", "", "R", "7", ""],
        ["Mr & Mrs Das", "98200 22222", "", "", "D", "8", ""],
    )
    ravi = ["Ravi Rao", "98200 11111", "", "", "R", "", ""]
    import_list(scene, asha, couple, ravi)
    for number in (1, 3):  # Asha, whose phone is Ravi's too, and Mrs Das, who has none
        erase(scene, f"P{number}")
    newer = [
        ["Asha Iyer", "98200 11111", "", "met in Goa", "R", "7", ""],
        [*couple[:3], "both come", *couple[4:]],
    ]
    for many in (1, 0):
        report = import_list(scene, *newer, ravi)
        assert [(one.line, one.code) for one in report.rejections] == [(2, "erased")]
        assert (report.created, report.updated, report.unchanged, report.rejected) == (0, many, 2 - many, 1)
    kept = str(scene.rows("SELECT to_jsonb(s) AS row FROM person_sources s"))
    assert (
        "Asha" in kept,
        "Goa" in kept,
        "Mrs" in kept.replace("Mr & Mrs Das", ""),
        "both come" in kept,
    ) == ((False,) * 3 + (True,))
    assert import_list(scene, couple).missing == 1


def test_what_is_shared_stays(scene: Scene) -> None:
    wife, husband = scene.person(NAME, PHONE), scene.person("Ravi Iyer", PHONE)
    namesake = scene.person(NAME, "+919811122333")
    erase(scene, wife.ref)
    with scene.begin() as tx:
        assert people.find(tx, husband.ref).phones == [PHONE]
        assert people.find(tx, husband.ref).consent == "none"
        assert people.find(tx, namesake.ref).full_name == NAME
        assert store.erased(tx, [PHONE]) == set()
    assert scene.value("SELECT count(*) FROM folded_names") == 2
    entries = scene.rows("SELECT value FROM audit_values WHERE value LIKE '%Zutshi%'")
    assert len(entries) == 1, "the namesake's own"


def test_a_name_that_an_undone_import_has_left_goes_too(scene: Scene) -> None:
    import_list(scene, [NAME, PHONE, EMAIL, "", "", "", ""])
    assert import_undo.undo(scene.begin, "I1").undone
    assert scene.value("SELECT count(*) FROM folded_names") == 1
    scene.person("Ravi Iyer")
    gone = scene.person("Asha Rao")
    erase(scene, gone.ref)
    assert scene.rows("SELECT folded FROM folded_names") == scene.rows(
        "SELECT folded FROM people WHERE erased_at IS NULL"
    )


def test_waiting_messages_are_cancelled_and_unknown_ones_given_up(scene: Scene) -> None:
    scene.ready("Asha Rao", "Ravi Iyer", seats=1)
    scene.send()
    scene.sender.outcomes.append(NoAnswer("cut"))
    scene.deliver(in_flight=1)
    scene.send(repeats=True)
    erase(scene, "P1")
    states = scene.rows(
        "SELECT p.number, d.state, d.reason FROM invite_dispatch d JOIN people p ON p.id = d.person_id"
    )
    assert sorted((row["number"], row["state"]) for row in states) == [
        (1, "cancelled"), (1, "failed"), (2, "accepted"), (2, "queued"),
    ]  # fmt: skip
    sent = len(scene.sender.sent)
    scene.deliver(after=timedelta(seconds=10))
    assert len(scene.sender.sent) == sent + 1


@pytest.mark.parametrize(
    "before",
    [
        "UPDATE invite_dispatch SET state = 'sending'",
        "INSERT INTO imports (wedding_id, number, source, state) SELECT id, 9, 'x', 'queued' FROM weddings",
        "INSERT INTO webhook_events (body, body_sha256) SELECT convert_to(substr(value, 2), 'UTF8'), 'x' "
        "FROM contact_points",
    ],
)
def test_what_is_on_its_way_comes_first(scene: Scene, before: str) -> None:
    scene.ready("Asha Rao", seats=1)
    scene.send()
    scene.run(before)
    with pytest.raises(Locked):
        erase(scene)
    assert scene.value("SELECT full_name FROM people") == "Asha Rao"


def test_who_may_erase_and_how(scene: Scene) -> None:
    scene.person(NAME, PHONE)
    for role in set(Role) - {Role.OWNER, Role.SYSTEM}:
        with (
            pytest.raises(NotPermitted),
            scene.begin(role, side="bride" if role is Role.FAMILY else None) as tx,
        ):
            erasures.erase(tx, "P1", reason="x")
    for reason in (" ", f"{NAME} asked", "98765 04321 called"):
        with pytest.raises(UsedWrongly), scene.begin() as tx:
            erasures.erase(tx, "P1", reason=reason)
    with pytest.raises(NotFound):
        erase(scene, "P2")
    rehearsed = erase(scene, dry_run=True)
    assert (rehearsed.contact_points, scene.value("SELECT full_name FROM people")) == (1, NAME)


def test_a_removed_person_can_be_erased_and_then_not_restored(scene: Scene) -> None:
    scene.household(NAME, PHONE)
    with scene.begin() as tx:
        removals.remove(tx, ["P1"])
    erase(scene)
    assert betrayals(scene) == {}
    with pytest.raises(UsedWrongly, match="erased"), scene.begin() as tx:
        removals.restore(tx, "P1")


def test_a_household_of_nobody_else_keeps_its_answer(scene: Scene) -> None:
    scene.ready(NAME, seats=2)
    with scene.begin() as tx:
        units.edit(tx, "U1", UnitChanges(label=f"{NAME}, 2"))
        answers.set_answer(tx, AnswerRequest("U1", "sangeet", "yes", heads=2, note="she is diabetic"))
    before = scene.counts()
    erase(scene)
    assert scene.counts() == before
    assert scene.rows("SELECT label, primary_person_id FROM guest_units") == [
        {"label": "erased, 2", "primary_person_id": None}
    ]
    assert scene.value("SELECT note FROM rsvp_responses") == ""
    scene.send()
    assert scene.states() == [("skipped", "no_phone")]
