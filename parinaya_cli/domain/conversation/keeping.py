"""An open question as a JSON document, to be kept between two messages."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from parinaya_cli.domain.answers import AnswerStatus
from parinaya_cli.domain.conversation.context import NewAnswer, Question, QuestionKind

_NUMBERS = ("heads", "adults", "children", "requested_heads")


def pack(question: Question | None) -> dict[str, object] | None:
    """The document of a question."""
    if question is None:
        return None
    told: dict[str, object] = {
        "kind": question.kind.value,
        "events": [str(event_id) for event_id in question.events],
    }
    if question.proposed:
        told["proposed"] = [_packed(answer) for answer in question.proposed]
    if question.again:
        told["again"] = True
    return told


def unpack(told: Mapping[str, Any]) -> Question:
    """The question of a document that ``pack`` made."""
    return Question(
        QuestionKind(told["kind"]),
        tuple(uuid.UUID(one) for one in told["events"]),
        tuple(_unpacked(one) for one in told.get("proposed", ())),
        bool(told.get("again", False)),
    )


def _packed(answer: NewAnswer) -> dict[str, object]:
    numbers = {name: getattr(answer, name) for name in _NUMBERS}
    return {
        "event": str(answer.event_id),
        "status": answer.status.value,
        "diets": dict(answer.diets),
        "note": answer.note,
        **numbers,
    }


def _unpacked(told: Mapping[str, Any]) -> NewAnswer:
    return NewAnswer(
        uuid.UUID(told["event"]),
        AnswerStatus(told["status"]),
        diets=MappingProxyType(dict(told["diets"])),
        note=told["note"],
        **{name: told[name] for name in _NUMBERS},
    )
