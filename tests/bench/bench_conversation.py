"""How well the words of guests are understood: messages with labels that were written before the rules knew them.

python -m tests.bench.bench_conversation

A wrong answer recorded is worse than a question asked: what counts is the precision of what is recorded. The share
read back and the share handed to a person are the price of it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from tests.bench.report import Row, show
from tests.domain.conversation import labelled
from tests.domain.conversation.labelled import SLOTS, Outcome

BAR = 0.99
"""Of the messages from which answers are recorded, so many have every answer right."""

NEEDLESS = 0.08
"""At most so many of all messages are handed to a person who was not needed."""

SETS = (
    (labelled.UNSEEN, "once unseen"),
    (labelled.FRESH, "by another author"),
    (labelled.FOURTH, "written beside the rules"),
    (labelled.THIRD_LEARNED, "by a third author"),
    (labelled.THIRD, "by a third author, never learned from"),
)


def main() -> None:
    """Measure and print."""
    for path, whose in SETS:
        rows = labelled.read(path)
        begun = time.perf_counter()
        outcomes = [labelled.judge(row) for row in rows]
        each = (time.perf_counter() - begun) * 1000 / len(rows)
        show(
            f"conversation: {len(rows)} messages {whose}, what is recorded",
            _recorded(outcomes),
            unit="messages",
            note=f"ratio: of all messages; precision: of those recorded. {each:.1f} ms a message.",
        )
        show(f"conversation: {whose}, each intent taken for what it is", _intents(outcomes), unit="messages")
        show(
            f"conversation: {whose}, each slot recorded as it was said",
            _slots(outcomes),
            unit="messages",
            note="Heads and the rest count as missed where the answer was read back or handed to a person.",
        )


def _recorded(outcomes: Sequence[Outcome]) -> list[Row]:
    recorded = [one for one in outcomes if one.recorded or one.step.consent is not None]
    right = [one for one in recorded if not one.wrong]
    human = [one for one in outcomes if one.to_human]
    needless = [one for one in human if not one.row.wants_human]
    figures = {
        "read back with buttons": [one for one in outcomes if one.read_back],
        "handed to a person": human,
        "for a person, and not handed on": [
            one for one in outcomes if one.row.wants_human and not (one.to_human or one.read_back)
        ],
    }
    return [
        Row("recorded", len(recorded), len(recorded) / len(outcomes)),
        Row("precision of what is recorded", len(right), len(right) / len(recorded), BAR, at_least=True),
        *(Row(what, len(found), len(found) / len(outcomes)) for what, found in figures.items()),
        Row("to a person who was not needed", len(needless), len(needless) / len(outcomes), NEEDLESS),
    ]


def _intents(outcomes: Sequence[Outcome]) -> list[Row]:
    rows = []
    for intent in dict.fromkeys(one.row.intent for one in outcomes):
        there = [one for one in outcomes if one.row.intent == intent]
        right = sum(one.intent == intent for one in there)
        rows.append(Row(f"{intent}, of {len(there)}", right, right / len(there)))
    return rows


def _slots(outcomes: Sequence[Outcome]) -> list[Row]:
    rows = []
    for slot in SLOTS:
        found = [right for one in outcomes if (right := labelled.slot_is_right(one, slot)) is not None]
        rows.append(Row(f"{slot}, of {len(found)}", sum(found), sum(found) / len(found)))
    return rows


if __name__ == "__main__":
    main()
