"""The files in examples/ agree with each other: lists, guest lists, the guests' script and README."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers

from tests.house.example_lists import (
    EXAMPLES,
    FAMILY_WORDS,
    LISTS,
    all_rows,
    answers,
    events,
    guests,
    households,
    load,
    pairs,
    raw_table,
    rejected_rows,
    script,
)

NO_WORDS = re.compile(r"\b(can't|won't|not able|no|nahi)\b|नहीं", re.IGNORECASE)
YES_WORDS = re.compile(
    r"\b(yes|sure|coming|we can come|will attend|pakka|haan|ji haan)\b|(?<!\w)(हाँ|ज़रूर)", re.IGNORECASE
)

# ── lists and households ───────────────────────────────────────────────────────────────────────────────


def test_every_row_is_in_one_household_or_rejected() -> None:
    named = Counter(ref for guest in guests() for ref in guest["members"])
    assert [ref for ref, times in named.items() if times > 1] == []
    rejected = {row.ref for row in rejected_rows()}
    assert set(named) | rejected == {row.ref for row in all_rows()}
    assert not set(named) & rejected


def test_the_truth_has_the_households_that_the_rules_give() -> None:
    told = [frozenset(guest["members"]) for guest in guests()]
    assert told == [household.refs for household in households()]


def test_names_in_the_truth_are_those_of_the_rows() -> None:
    names = {row.ref: " ".join(row.name.split()) for row in all_rows()}
    for guest in guests():
        assert guest["names"] == [names[ref] for ref in guest["members"]]


def test_labels_are_unique() -> None:
    labels = Counter(guest["household"] for guest in guests())
    assert [label for label, times in labels.items() if times > 1] == []


def test_seats_and_phones_follow_the_rules() -> None:
    for guest, household in pairs():
        assert guest["seats"] == household.seats, guest["household"]
        primary = household.primary
        assert guest["phone"] == (primary.e164 if primary else None), guest["household"]


def test_seats_do_not_depend_on_whether_a_couple_is_taken_apart() -> None:
    for household in households():
        plain = len({row.folded for row in household.rows})
        assert household.seats == max(plain, *(row.pax for row in household.rows))


def test_only_the_wanted_phones_serve_several_households() -> None:
    holders: dict[str, set[int]] = defaultdict(set)
    for place, household in enumerate(households()):
        for row in household.rows:
            for number in row.numbers:
                holders[number.e164].add(place)
    shared = {phone: sorted(places) for phone, places in holders.items() if len(places) > 1}
    assert len(shared) == 2
    marked = {place: guest for place, guest in enumerate(guests()) if "shares_phone_with" in guest}
    assert sorted(marked) == sorted(places[1] for places in shared.values())
    for phone, (first, second) in shared.items():
        one, other = guests()[first], guests()[second]
        assert (one["phone"], other["phone"]) == (phone, phone)
        assert other["shares_phone_with"] == one["household"]
        assert other["does"] == []
        assert [step for step in one["does"] if "tap" not in step] == []
        # Whichever of the two gets the first message, the table has the same totals.
        assert set(one["expect"]) == set(other["expect"])
        assert answers(one) <= {"no", "maybe"}


def test_a_household_of_both_sides_shares_a_person() -> None:
    both = [household for household in households() if len(household.sides) == 2]
    assert both
    for household in both:
        bride, groom = ({row.folded for row in household.rows if row.side == side} for side in LISTS)
        assert bride & groom


def test_household_texts_of_the_two_lists_do_not_meet_by_accident() -> None:
    sides: dict[str, set[int]] = defaultdict(set)
    for place, household in enumerate(households()):
        for row in household.rows:
            if row.household:
                sides[row.household].add(place)
    assert [text for text, places in sides.items() if len(places) > 1] == []


def test_the_lists_hold_what_real_lists_hold() -> None:
    bride, groom = ((EXAMPLES / f"{side}_family.csv").read_bytes() for side in LISTS)
    assert groom.startswith("\ufeffक्रमांक;नाम;मोबाइल;परिवार;कितने लोग;शहर;श्रेणी;टिप्पणी\r\n".encode())
    assert bride.startswith(b"S.No.,Guest Name,Mobile No.,Alt. Mobile,Family,Pax,City,Group,Remarks,Diet\r\n")
    cells = [row.cells for row in all_rows()]
    forms = (
        r"[6-9]\d{4} \d{5}",
        r"\+91-\d{5}-\d{5}",
        r"0[6-9]\d{9}",
        r"91[6-9]\d{9}",
        r".+ / .+",
        r"'\d{10}",
        r"9\.82E\+09",
        r"[०-९]{5} ?[०-९]{5}",
    )
    for form in forms:
        assert any(re.fullmatch(form, cell) for cell in cells), form
    regions = Counter(number.region for row in all_rows() for number in row.numbers)
    assert {"IN", "US", "CA", "AE", "GB", "AU", "SG"} == set(regions)
    devanagari = [row for row in all_rows() if row.side == "groom" and re.search("[\u0900-\u097f]", row.name)]
    assert 100 <= len(devanagari) <= 160
    assert sum(row.people == 2 for row in all_rows()) >= 40
    assert sum(FAMILY_WORDS.search(row.name) is not None for row in all_rows()) >= 30


# ── events and guest lists ─────────────────────────────────────────────────────────────────────────────


def test_everybody_is_invited_as_the_guest_lists_say() -> None:
    order = [event["slug"] for event in events()]
    for guest, household in pairs():
        invited: set[str] = set()
        for rule in load("guest_lists.yaml"):
            if rule.get("all") or rule.get("side") in household.sides or rule.get("tag") in household.tags:
                invited.update(rule["events"])
        assert list(guest["expect"]) == [slug for slug in order if slug in invited], guest["household"]


def test_events_have_room_and_lie_in_order() -> None:
    wedding = load("wedding.yaml")
    assert wedding["slug"] == "ananya-kabir"
    assert wedding["region"] in phonenumbers.SUPPORTED_REGIONS
    zone = ZoneInfo(wedding["timezone"])
    visibility = {event["slug"]: event["visibility"] for event in events()}
    hidden = {slug for slug, value in visibility.items() if value == "invite-only"}
    assert hidden == {"haldi", "mehendi"}
    assert set(visibility.values()) == {"public", "invite-only"}
    starts = [datetime.fromisoformat(event["starts"]).replace(tzinfo=zone) for event in events()]
    assert starts == sorted(starts)
    for event, start in zip(events(), starts, strict=True):
        assert start < datetime.fromisoformat(event["ends"]).replace(tzinfo=zone)
        assert date.fromisoformat(event["rsvp_by"]) < start.date()
        seats = sum(guest["seats"] for guest in guests() if event["slug"] in guest["expect"])
        assert seats <= event["capacity"] < 1.5 * seats, event["slug"]


# ── what the guests do, and what it must lead to ───────────────────────────────────────────────────────


def meant(guest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What the last thing that a guest does means, by the rules of the conversation."""
    result: dict[str, dict[str, Any]] = {event: {"answer": "none"} for event in guest["expect"]}
    for step in guest["does"]:
        said = str(step.get("say", ""))
        digits = re.search(r"\d+", said)
        if "tap" in step:
            word = step["tap"]
        elif re.match(r"(only|sirf) sangeet", said, re.IGNORECASE):
            assert digits
            result = {event: {"answer": "no"} for event in result}
            result["sangeet"].update(answer="yes", heads=int(digits[0]))
            continue
        elif NO_WORDS.search(said):
            word = "no"
        elif YES_WORDS.search(said):
            word = "yes"
        else:
            continue
        answer: dict[str, Any] = {"answer": word}
        if word == "yes":
            replied = re.search(r"\d+", guest["replies"][0]) if guest["replies"] else None
            number = int(digits[0]) if digits else int(replied[0]) if replied else None
            heads = 1 if guest["seats"] == 1 else number
            answer["heads"] = heads if heads is not None and heads <= guest["seats"] else None
        result = {event: dict(answer) for event in result}
    return result


def test_what_is_expected_is_what_the_guest_means() -> None:
    for guest in guests():
        assert guest["expect"] == meant(guest), guest["household"]


def test_who_cannot_be_reached_does_nothing() -> None:
    silent = 0
    for guest, household in pairs():
        primary = household.primary
        reached = primary is not None and primary.region != "US" and "fails" not in guest
        if not reached or "shares_phone_with" in guest:
            silent += 1
            assert (guest["does"], guest["replies"], guest["reads"]) == ([], [], False), guest["household"]
            assert answers(guest) == {"none"}
        if guest["does"]:
            assert guest["reads"]
    assert silent > 40


def test_replies_answer_a_question_and_waits_are_short() -> None:
    for guest in guests():
        if guest["replies"]:
            assert guest["seats"] > 1, guest["household"]
            assert "yes" in answers(guest), guest["household"]
        assert all(step.get("wait", 0) <= 2 for step in guest["does"])
    assert max(script()["pace"]["read_after"] + script()["pace"]["answer_after"]) <= 2


def test_the_script_holds_the_cases_that_matter() -> None:
    steps = [step for guest in guests() for step in guest["does"]]
    assert any(step.get("repeat") == 3 for step in steps)
    assert any(step.get("without_context") for step in steps)
    assert any("voice" in step for step in steps)
    assert {"STOP", "बंद"} <= {step["say"] for step in steps if "say" in step}
    over = [g for g in guests() for reply in g["replies"] if int(re.sub(r"\D", "", reply)) > g["seats"]]
    assert len(over) == 2
    assert sum(len(guest["does"]) > 2 for guest in guests()) >= 5
    assert {guest["language"] for guest in guests()} == {"en", "hi"}
    answered = [guest for guest in guests() if answers(guest) != {"none"}]
    assert 0.55 < len(answered) / len(guests()) < 0.65
    assert 0.7 < sum("yes" in answers(guest) for guest in answered) / len(answered) < 0.8


# ── README ─────────────────────────────────────────────────────────────────────────────────────────────


def readme_table(first: str) -> dict[str, list[int]]:
    lines = iter((EXAMPLES / "README.md").read_text("utf-8").splitlines())
    next(line for line in lines if line.startswith(f"| {first} |"))
    next(lines)
    table: dict[str, list[int]] = {}
    for line in lines:
        if not line.startswith("|"):
            break
        label, *numbers = (cell.strip() for cell in line.strip("|").split("|"))
        table[label] = [int(number) for number in numbers]
    return table


def test_readme_tells_the_true_counts() -> None:
    without = [h for h in households() if h.primary is None]
    landline = [h for h in without if any(row.numbers for row in h.rows)]
    nothing = [h for h in without if not any(row.cells for row in h.rows)]
    primaries = Counter(h.primary.region if h.primary else "" for h in households())
    foreign = sum(n for region, n in primaries.items() if region not in ("", "IN", "US"))
    phones = Counter(guest["phone"] for guest in guests() if guest["phone"])
    twice = sum(len(h.rows) - len({row.folded for row in h.rows}) for h in households())
    assert readme_table("what") == {
        "rows in bride_family.csv": [len(raw_table("bride"))],
        "rows in groom_family.csv": [len(raw_table("groom"))],
        "rows without name and phone, to be rejected": [len(rejected_rows())],
        "people who stand in both lists": [twice],
        "households": [len(households())],
        "households in both lists": [sum(len(h.sides) == 2 for h in households())],
        "seats of all households": [sum(h.seats for h in households())],
        "phones that serve two households": [sum(times > 1 for times in phones.values())],
        "households with no phone at all": [len(nothing)],
        "households with a landline only": [len(landline)],
        "households whose phone can't be used": [len(without) - len(landline) - len(nothing)],
        "households with a US number first": [primaries["US"]],
        "households with another foreign number first": [foreign],
        "households not on WhatsApp": [sum("fails" in guest for guest in guests())],
        "households that answer yes for an event": [sum("yes" in answers(g) for g in guests())],
        "households that answer no for all": [sum(answers(g) == {"no"} for g in guests())],
        "households that answer maybe": [sum("maybe" in answers(g) for g in guests())],
        "households that never answer": [sum(answers(g) == {"none"} for g in guests())],
    }


def test_readme_tells_the_true_answers() -> None:
    told = readme_table("event")
    assert list(told) == [event["slug"] for event in events()]
    for slug, numbers in told.items():
        invited = [guest for guest in guests() if slug in guest["expect"]]
        said = [guest["expect"][slug] for guest in invited]
        count = Counter(answer["answer"] for answer in said)
        heads = sum(answer.get("heads") or 0 for answer in said)
        seats = sum(guest["seats"] for guest in invited)
        assert numbers == [len(said), seats, count["yes"], heads, count["no"], count["maybe"], count["none"]]
