"""Reading back: what is likely and not certain counts once the guest has said that it is right."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from parinaya_cli.domain.conversation import replies
from parinaya_cli.domain.conversation.context import Context, NewAnswer, Question, QuestionKind, Step
from parinaya_cli.domain.conversation.recording import Recorded
from parinaya_cli.domain.messages import ReplyButton

_PREFIX = "pc1"


def ask(context: Context, recorded: Recorded) -> Step:
    """Read back what would be recorded, with a button for right and one for wrong; nothing is recorded."""
    changed = {answer.event_id for answer in recorded.answers}
    question = Question(QuestionKind.CHECK, tuple(a.event_id for a in recorded.answers), recorded.answers)
    mark = _mark(recorded.answers)
    right, wrong = replies.check_labels(context.language)
    buttons = (ReplyButton(f"{_PREFIX}.y.{mark}", right), ReplyButton(f"{_PREFIX}.n.{mark}", wrong))
    events = [event for event in recorded.events if event.event_id in changed]
    return Step(reply=replies.check(context.language, events, buttons), question=question)


def is_ours(payload: str) -> bool:
    """Is this the payload of a button that read something back?"""
    return payload.startswith(f"{_PREFIX}.")


def is_right(context: Context, payload: str) -> bool | None:
    """Whether the guest says that it was right; None when the button asks for something that is no longer open."""
    question = context.question
    if question is None or question.kind is not QuestionKind.CHECK:
        return None
    said = {f"{_PREFIX}.y.{_mark(question.proposed)}": True, f"{_PREFIX}.n.{_mark(question.proposed)}": False}
    return said.get(payload)


def _mark(proposed: Sequence[NewAnswer]) -> str:
    """Tells one reading back from another, so that an old button confirms nothing new."""
    told = "|".join(
        f"{answer.event_id} {answer.status} {answer.heads} {answer.adults} {answer.children} {answer.requested_heads} "
        f"{sorted(answer.diets.items())}"
        for answer in proposed
    )
    return hashlib.sha256(told.encode()).hexdigest()[:16]
