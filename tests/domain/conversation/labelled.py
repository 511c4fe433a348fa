"""Messages with labels, and what the rules make of them: for the tests and for the bench."""

from __future__ import annotations

import csv
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from parinaya_cli.domain.answers import AnswerStatus
from parinaya_cli.domain.conversation import questions, steps
from parinaya_cli.domain.conversation.context import (
    ConsentChange,
    Context,
    InvitedEvent,
    NewAnswer,
    Question,
    QuestionKind,
    Step,
)
from parinaya_cli.domain.conversation.questions import Topic
from parinaya_cli.domain.conversation.understand import Intent, understand

UNSEEN = Path(__file__).parents[2] / "data" / "utterances_unseen.csv"
FRESH = UNSEEN.with_name("utterances_fresh.csv")
FOURTH = UNSEEN.with_name("utterances_fourth.csv")
THIRD = UNSEEN.with_name("utterances_third.csv")
THIRD_LEARNED = UNSEEN.with_name("utterances_third_learned.csv")
SLUGS = ("haldi", "mehendi", "sangeet", "wedding", "reception")
SLOTS = ("events", "heads", "adults", "children", "diets")


@dataclass(frozen=True)
class Labelled:
    """One message with its labels; the file's header says what they mean."""

    text: str
    said: str
    intent: str
    events: str
    heads: str
    adults: str
    children: str
    diets: str
    human: str

    @property
    def wants_human(self) -> bool:
        """Must a person of the family see it?"""
        return bool(self.human)


@dataclass(frozen=True)
class Outcome:
    """What the rules made of a message. ``wrong``: what was recorded and must not have been."""

    row: Labelled
    step: Step
    intent: str
    wrong: tuple[str, ...]

    @property
    def read_back(self) -> bool:
        """Is it read back, so that nothing counts before the guest has said that it is right?"""
        return self.step.reply is not None and self.step.reply.kind == "check"

    @property
    def recorded(self) -> bool:
        """Was an answer recorded?"""
        return bool(self.step.answers)

    @property
    def to_human(self) -> bool:
        """Does a person see it?"""
        return self.step.inbox is not None


def read(path: Path = UNSEEN) -> list[Labelled]:
    """The labelled messages of a file; lines that begin with # are its header."""
    with path.open(encoding="utf-8", newline="") as file:
        return [Labelled(**row) for row in csv.DictReader(line for line in file if line[:2] != "# ")]


def situation(said: str) -> Context:
    """The household as it stands when the message comes."""
    slugs, seats = (("reception",), 4) if said == "one" else (SLUGS, 6)
    events = tuple(
        InvitedEvent(
            uuid.UUID(int=place + 1),
            slug,
            slug.title(),
            date(2026, 12, 10 + place),
            seats,
            starts_at=datetime(2026, 12, 10 + place, 19, tzinfo=UTC),
            venue="Rambagh Lawns",
            address="Bhawani Singh Road, Jaipur",
            dress_code="Indian, festive",
        )
        for place, slug in enumerate(slugs)
    )
    question = None
    if said in {"counting", "answered"}:
        heads = 4 if said == "answered" else None
        events = tuple(replace(event, answered=AnswerStatus.YES, heads=heads) for event in events)
    if said == "counting":
        question = Question(QuestionKind.HEADS, tuple(event.event_id for event in events))
    return Context(uuid.UUID(int=99), "en", events, question=question)


def judge(row: Labelled) -> Outcome:
    """Let the rules hear a message, and hold what they record against its labels."""
    context = situation(row.said)
    step = steps.hear_words(context, row.text)
    slugs = {event.event_id: event.slug for event in context.events}
    wrong = [fault for answer in step.answers if (fault := _fault(row, slugs[answer.event_id], answer))]
    intent = _intent(context, row.text, step)
    if step.consent is not None and intent != row.intent:
        wrong.append(f"{intent} recorded")
    return Outcome(row, step, intent, tuple(wrong))


def _intent(context: Context, text: str, step: Step) -> str:
    """What the rules took a message for."""
    if step.consent is not None:
        return "stop" if step.consent is ConsentChange.OPT_OUT else "start"
    names = {event.slug: event.title for event in context.events}
    asked = questions.find(text, names)
    if asked is not None and not asked.besides:
        return "who" if Topic.WHO in asked.topics else "question"
    meaning = understand(asked.besides if asked else text, names)
    if meaning.intent is Intent.NUMBER and meaning.heads is None and meaning.sure:
        return "diet"
    quiet = step.reply is None and step.inbox is None and meaning.intent is Intent.THANKS
    return meaning.intent.value if meaning.sure or meaning.likely or quiet else Intent.UNCLEAR.value


def slot_is_right(outcome: Outcome, slot: str) -> bool | None:
    """Whether a slot that is labelled was recorded, and as labelled; None when the row has no such label."""
    row, answers = outcome.row, outcome.step.answers
    if slot == "events":
        must = {event.event_id for event in situation(row.said).events if _must(row, event.slug)}
        return not outcome.wrong and must <= {answer.event_id for answer in answers} if must else None
    label = getattr(row, slot)
    if not label or label == "~" or "=~" in label:
        return None
    found = [answer for answer in answers if answer.status is AnswerStatus.YES]
    if slot == "diets":
        return not outcome.wrong and any(answer.diets for answer in found)
    numbers = [
        answer.requested_heads if slot == "heads" and answer.requested_heads else getattr(answer, slot)
        for answer in found
    ]
    return not outcome.wrong and label in map(str, numbers)


def _must(row: Labelled, slug: str) -> bool:
    labels = row.events.split()
    named = [label for label in labels if label.startswith((f"{slug}=", f"{slug}~"))]
    return any("=" in label and "~" not in label for label in named or [x for x in labels if x[0] == "*"])


def _allowed(row: Labelled, slug: str) -> list[tuple[str, str]]:
    named = [label for label in row.events.split() if label.startswith((f"{slug}=", f"{slug}~"))]
    labels = named or [label for label in row.events.split() if label.startswith("*")]
    values = [label.split("~" if "~" in label else "=", 1)[1] for label in labels]
    return [(value.split(":")[0], value.partition(":")[2] or row.heads) for value in values]


def _fault(row: Labelled, slug: str, answer: NewAnswer) -> str | None:
    """Why this answer may not be recorded, or None."""
    heads = {heads for status, heads in _allowed(row, slug) if status == answer.status.value}
    if not heads:
        return f"{slug} {answer.status.value}"
    counted = answer.heads if answer.heads is not None else answer.requested_heads
    before = "4" if row.said == "answered" else ""
    if counted is not None and str(counted) not in {one or before for one in heads}:
        return f"{slug} {counted} heads"
    for name in ("adults", "children"):
        found = getattr(answer, name)
        if found is not None and str(found) != getattr(row, name) and (found or getattr(row, name)):
            return f"{slug} {found} {name}"
    for diet, number in answer.diets.items():
        if f"{diet}={number}" not in row.diets.split() and row.diets not in {f"{diet}=all", f"{diet}=~"}:
            return f"{slug} {number} {diet}"
    return None
