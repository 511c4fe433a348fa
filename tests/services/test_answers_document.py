"""The conversations of docs/answers.md, held for real: each reply is queued, each answer recorded, each note kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from parinaya_cli.domain.messages import OtherContent, OutboundMessage, Tap, TemplateContent, Text
from parinaya_cli.services import weddings
from parinaya_cli.store.units import Unit
from tests.services.wedding_kit import BUTTONS, Scene, tap

DOCUMENT = Path(__file__).parents[2] / "docs" / "answers.md"
_BLOCK = re.compile(
    r"^<!-- conversation(?P<words>[^\n]*) -->\n```text\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)
_FACTS = {
    "haldi": ("2035-12-10T10:00", "The Verandah", "Yellow"),
    "sangeet": ("2035-12-11T19:30", "Rambagh Lawns", "Indo-western"),
    "reception": ("2035-12-12T20:00", "Rambagh Lawns", ""),
}
_OTHER = {
    "(a voice note)": "audio",
    "(a picture)": "image",
    "(a location)": "location",
    "(a sticker)": "sticker",
}


@dataclass(frozen=True)
class Transcript:
    """One block: the words of its comment, and its lines."""

    words: dict[str, str]
    body: str


def transcripts() -> list[Transcript]:
    found = _BLOCK.finditer(DOCUMENT.read_text("utf-8"))
    return [
        Transcript(dict(word.split("=", 1) for word in one["words"].split()), one["body"]) for one in found
    ]


class Played:
    """A household of the transcript's words, and what was said so far."""

    def __init__(self, scene: Scene, words: dict[str, str]) -> None:
        self.scene = scene
        for slug, (starts, venue, dress) in _FACTS.items():
            scene.event(slug, starts=starts, venue=venue, dress_code=dress)
        seats, language = int(words.get("seats", "4")), words.get("language", "en")
        self.unit: Unit = scene.household("Asha Sharma", seats=seats, language=language)
        if "ask" in words:
            wanted = {f"ask_{what}": True for what in words["ask"].split(",")}
            with scene.begin() as tx:
                weddings.edit(tx, wanted)
        scene.invite(*_FACTS)
        scene.template()
        scene.send(events=list(_FACTS))
        scene.deliver()
        self.invitation: OutboundMessage = scene.sender.sent[0]
        self.minutes = 0

    def says(self, line: str) -> list[str]:
        """What comes back after one line of the guest."""
        replies, notes = len(self._replies()), len(self.scene.inbox())
        self.minutes += 1
        self.scene.hear(self.scene.say(self.unit, self._content(line), at=timedelta(minutes=self.minutes)))
        back = [told for content in self._replies()[replies:] for told in _shown(content)]
        return [*back, *(f"inbox:     {why}" for why in self.scene.inbox()[notes:])]

    def _content(self, line: str) -> Tap | Text | OtherContent:
        if line in _OTHER:
            return OtherContent(_OTHER[line])
        if not line.startswith("taps "):
            return Text(line)
        label = line.removeprefix("taps ")
        assert isinstance(self.invitation.content, TemplateContent)
        if label in BUTTONS:
            return tap(self.invitation, ("yes", "no", "maybe")[BUTTONS.index(label)])
        [button] = [one for one in self._replies()[-1]["buttons"] if one["title"] == label]
        return Tap(button["id"], label)

    def _replies(self) -> list[dict[str, Any]]:
        rows = self.scene.rows(
            "SELECT content FROM invite_dispatch WHERE kind = 'reply' ORDER BY created_at, id"
        )
        return [row["content"] for row in rows]


def _shown(content: dict[str, Any]) -> list[str]:
    first, *more = content["text"].splitlines()
    buttons = "  ".join(f"[ {one['title']} ]" for one in content["buttons"])
    lines = [f"parinaya:  {first}", *(f"           {line}".rstrip() for line in more)]
    return [*lines, f"           {buttons}"] if buttons else lines


def play(scene: Scene, words: dict[str, str], body: str) -> str:
    """The transcript as it really goes: the lines of the guest, and what came back."""
    household = Played(scene, words)
    lines: list[str] = []
    for line in body.splitlines():
        if line.startswith("guest:"):
            lines += [line, *household.says(line.removeprefix("guest:").strip())]
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("number", range(len(transcripts())))
def test_a_conversation_goes_as_the_document_tells_it(scene: Scene, number: int) -> None:
    told = transcripts()[number]
    assert play(scene, told.words, told.body) == told.body


def test_the_document_has_conversations() -> None:
    assert len(transcripts()) >= 6
