"""What parinaya writes back, in English and Hindi: plain text of at most 1024 characters.

The limit is that of an interactive message's body (Meta, WhatsApp Cloud API, interactive reply buttons), so
that each of these texts can carry buttons.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from parinaya_cli.domain.answers import AnswerStatus
from parinaya_cli.domain.conversation.context import InvitedEvent, Reply
from parinaya_cli.domain.conversation.questions import Topic
from parinaya_cli.domain.messages import ReplyButton
from parinaya_cli.domain.wording import MONTHS_HI, is_hindi, show_time

LIMIT = 1024
_TITLE = 60

_MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "hi": MONTHS_HI,
}
_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "courtesy": "Thank you, someone of the family will answer you.",
        "stopped": "You will get no more messages from us. If you change your mind, write START.",
        "started": "Thank you, you will get our messages again. To stop them, write STOP.",
        "thanks": "Thank you!",
        "pity": "Thank you for letting us know.",
        "noted": "We have noted:",
        "change": "To change anything, just write to us here.",
        "ask": "How many of you will come (up to {seats})? Please write the number.",
        "ask_named": "How many of you will come to {events} (up to {seats})? Please write the number.",
        "ask_each": "How many of you will come? Please write the number. Your seats:",
        "seats": "up to {seats}",
        "over": "You asked for {heads} seats for {events}; your invitation has {seats}."
        " We have passed it on to the family, who will write to you.",
        "maybe": "Thank you. We have noted that you are not sure yet ({events}). Please write when you know.",
        "no": "not coming",
        "maybe_line": "not sure yet",
        "yes": "coming",
        "one": "1 person",
        "many": "{heads} people",
        "adults": "{n} adults",
        "one_adult": "1 adult",
        "children": "{n} children",
        "one_child": "1 child",
        "requested": "{heads} seats asked for",
        "check": "Did we understand you right?",
        "right": "Yes, that's right",
        "wrong": "No",
        "misread": "Sorry. Please write it once more, for example: Sangeet yes, 3 people."
        " Someone of the family will read it as well.",
        "who": "This is the wedding of {couple}. We take the answers for the family: write yes, no or how many of you"
        " will come, or ask us anything. STOP ends our messages.",
        "wanted_children": "Please write adults and children too, for example: 3 adults 1 child.",
        "wanted_diets": "Please write what you eat too, for example: 2 veg 2 jain.",
        "wanted_both": "Please write adults, children and what you eat too, for example:"
        " 3 adults 1 child, 2 veg 2 jain.",
        "more": "… and {n} more",
        "and": " and ",
    },
    "hi": {
        "courtesy": "धन्यवाद, परिवार से कोई आपको जवाब देगा।",
        "stopped": "अब हमारी ओर से कोई संदेश नहीं आएगा। फिर से पाने के लिए START लिखें।",
        "started": "धन्यवाद, अब आपको हमारे संदेश फिर मिलेंगे। बंद करने के लिए STOP लिखें।",
        "thanks": "धन्यवाद!",
        "pity": "बताने के लिए धन्यवाद।",
        "noted": "हमने लिख लिया है:",
        "change": "कुछ बदलना हो तो यहीं लिख दीजिए।",
        "ask": "आप कितने लोग आएँगे ({seats} तक)? कृपया संख्या लिखें।",
        "ask_named": "{events} में आप कितने लोग आएँगे ({seats} तक)? कृपया संख्या लिखें।",
        "ask_each": "आप कितने लोग आएँगे? कृपया संख्या लिखें। आपके स्थान:",
        "seats": "{seats} तक",
        "over": "आपने {events} के लिए {heads} स्थान माँगे हैं; निमंत्रण में {seats} हैं। हमने परिवार को बता दिया है,"
        " वे आपको लिखेंगे।",
        "maybe": "धन्यवाद। हमने लिख लिया है कि अभी पक्का नहीं है ({events})। तय होने पर लिख दीजिए।",
        "no": "नहीं आ रहे",
        "maybe_line": "अभी पक्का नहीं",
        "yes": "आ रहे हैं",
        "one": "1 व्यक्ति",
        "many": "{heads} लोग",
        "adults": "{n} बड़े",
        "one_adult": "1 बड़े",
        "children": "{n} बच्चे",
        "one_child": "1 बच्चा",
        "requested": "{heads} स्थान माँगे गए",
        "check": "क्या हमने ठीक समझा?",
        "right": "हाँ, सही है",
        "wrong": "नहीं",
        "misread": "क्षमा कीजिए। कृपया एक बार फिर लिखें, जैसे: संगीत हाँ, 3 लोग। परिवार से भी कोई पढ़ेगा।",
        "who": "यह {couple} की शादी है। परिवार के लिए जवाब हम लिखते हैं: हाँ, नहीं या कितने लोग आएँगे लिखिए, या कुछ"
        " भी पूछिए। STOP लिखने पर हमारे संदेश बंद हो जाएँगे।",
        "wanted_children": "कृपया बड़े और बच्चे भी लिखें, जैसे: 3 बड़े 1 बच्चा।",
        "wanted_diets": "कृपया खाना भी लिखें, जैसे: 2 वेज 2 जैन।",
        "wanted_both": "कृपया बड़े, बच्चे और खाना भी लिखें, जैसे: 3 बड़े 1 बच्चा, 2 वेज 2 जैन।",
        "more": "… और {n}",
        "and": " और ",
    },
}
_DIETS = {
    "en": {"veg": "veg", "non-veg": "non-veg", "jain": "Jain", "vegan": "vegan"},
    "hi": {"veg": "शाकाहारी", "non-veg": "मांसाहारी", "jain": "जैन", "vegan": "वीगन"},
}


def courtesy(language: str) -> Reply:
    """The one polite line before a person answers."""
    return Reply("courtesy", _say(language)["courtesy"])


def stopped(language: str) -> Reply:
    """The one confirmation of an opt-out."""
    return Reply("stopped", _say(language)["stopped"])


def started(language: str) -> Reply:
    """The confirmation of an opt-in."""
    return Reply("started", _say(language)["started"])


def check(language: str, events: Sequence[InvitedEvent], buttons: tuple[ReplyButton, ...]) -> Reply:
    """Read back what would be recorded for these events."""
    lines = [_line(language, event) for event in events]
    return Reply("check", _fit(language, _say(language)["check"], lines), buttons)


def check_labels(language: str) -> tuple[str, str]:
    """What stands on the buttons for right and for wrong: at most 20 characters (Meta, reply buttons)."""
    say = _say(language)
    return say["right"], say["wrong"]


def misread(language: str) -> Reply:
    """What was read back was wrong."""
    return Reply("misread", _say(language)["misread"])


def who(language: str, couple: str) -> Reply:
    """Who writes here."""
    return Reply(
        "who", _fit(language, _say(language)["who"].format(couple=" ".join(couple.split())[:200]), [])
    )


def facts(
    language: str, events: Sequence[InvitedEvent], topics: Collection[Topic], *, named: bool
) -> Reply | None:
    """Where, when or what to wear, a line for each event that says it.

    None when no event does, or when one that was ``named`` lacks a fact that was asked for.
    """
    found = {
        event.event_id: [_fact(language, event, topic) for topic in Topic if topic in topics]
        for event in events
    }
    if named and not all(all(each) for each in found.values()):
        return None
    if not all(any(each[place] for each in found.values()) for place in range(len(topics))) or not found:
        return None
    lines = [
        f"{_title(event)}: {'; '.join(filter(None, found[event.event_id]))}"
        for event in events
        if any(found[event.event_id])
    ]
    return Reply("facts", _fit(language, lines[0], lines[1:]))


def joined(first: Reply, second: Reply) -> Reply:
    """Two replies as one message; only the second when they are too long together."""
    text = f"{first.text}\n\n{second.text}"
    return replace(second, text=text) if len(text) <= LIMIT else second


def ask_heads(
    language: str,
    pending: Sequence[InvitedEvent],
    named: bool,
    diets: Mapping[str, int] | None = None,
    wanted: Collection[str] = (),
) -> Reply:
    """Ask once for the head count of all ``pending`` events; ``named``: say which events are meant.

    ``wanted``: children and diets, where the wedding wants to know them.
    """
    say = _say(language)
    head = say["thanks"]
    if diets:
        head += f" {say['noted']} {_diets(language, diets)}."
    question, lines = _question(language, pending, named)
    return Reply("ask_heads", _fit(language, f"{head} {question}", lines, _wanted(language, wanted)))


def over_seats(language: str, over: Sequence[InvitedEvent], pending: Sequence[InvitedEvent]) -> Reply:
    """Say kindly that the request is with the family, and ask for what else is open."""
    say = _say(language)
    seats = "/".join(dict.fromkeys(str(max(event.seats, 0)) for event in over))
    told = say["over"].format(heads=over[0].requested_heads, events=_titles(language, over), seats=seats)
    head = f"{say['thanks']} {told}"
    lines: list[str] = []
    if pending:
        question, lines = _question(language, pending, True)
        head = f"{head}\n{question}"
    return Reply("over_seats", _fit(language, head, lines))


def maybe(language: str, events: Sequence[InvitedEvent]) -> Reply:
    """The short line after a maybe."""
    return Reply(
        "maybe", _fit(language, _say(language)["maybe"].format(events=_titles(language, events)), [])
    )


def summary(language: str, events: Sequence[InvitedEvent], wanted: Collection[str] = ()) -> Reply:
    """What is recorded for each answered event, what else the wedding wants to know, and how to change it."""
    say = _say(language)
    answered = [event for event in events if event.answered is not None]
    thanks = say["thanks"] if any(e.answered is AnswerStatus.YES for e in answered) else say["pity"]
    lines = [_line(language, event) for event in answered]
    tail = "\n".join(filter(None, (_wanted(language, wanted), say["change"])))
    return Reply("summary", _fit(language, f"{thanks} {say['noted']}", lines, tail))


def _line(language: str, event: InvitedEvent) -> str:
    return f"• {_title(event)}, {_day(language, event.day)}: {_standing(language, event)}"


def _wanted(language: str, wanted: Collection[str]) -> str:
    if not wanted:
        return ""
    return _say(language)["wanted_both" if len(wanted) > 1 else f"wanted_{next(iter(wanted))}"]


def _fact(language: str, event: InvitedEvent, topic: Topic) -> str:
    if topic is Topic.VENUE:
        return ", ".join(filter(None, (_short(event.venue), _short(event.address, 200), event.map_url)))
    if topic is Topic.TIME:
        return _moment(language, event.starts_at) if event.starts_at else ""
    return _short(event.dress_code, 200) if topic is Topic.DRESS else ""


def _moment(language: str, at: datetime) -> str:
    return f"{_day(language, at.date())}, {show_time(at)}"


def _say(language: str) -> dict[str, str]:
    return _WORDS[_known(language)]


def _known(language: str) -> str:
    """Hindi for Hindi in any script or region, English for every other language."""
    return "hi" if is_hindi(language) else "en"


def _question(language: str, pending: Sequence[InvitedEvent], named: bool) -> tuple[str, list[str]]:
    """The question, and a line for each event when their seats differ."""
    say = _say(language)
    if len({event.seats for event in pending}) > 1:
        seats = [f"• {_title(event)}: {say['seats'].format(seats=event.seats)}" for event in pending]
        return say["ask_each"], seats
    form = say["ask_named"] if named else say["ask"]
    return form.format(events=_titles(language, pending), seats=pending[0].seats), []


def _titles(language: str, events: Sequence[InvitedEvent]) -> str:
    """Titles joined by commas and an "and"; the last ones are only counted when there are many."""
    titles = [_title(event) for event in events]
    if len(titles) > 6:
        titles = [*titles[:5], _say(language)["more"].format(n=len(titles) - 5)]
        return ", ".join(titles)
    return _say(language)["and"].join(filter(None, (", ".join(titles[:-1]), titles[-1])))


def _title(event: InvitedEvent) -> str:
    return _short(event.title)


def _short(text: str, longest: int = _TITLE) -> str:
    """A text on one line, of at most so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def _day(language: str, day: date) -> str:
    return f"{day.day} {_MONTHS[_known(language)][day.month - 1]}"


def _standing(language: str, event: InvitedEvent) -> str:
    """What is recorded for one event: "4 people (2 adults, 2 children), 3 veg, 1 Jain"."""
    say = _say(language)
    if event.answered is not AnswerStatus.YES:
        return say["no"] if event.answered is AnswerStatus.NO else say["maybe_line"]
    said = say["yes"]
    if event.heads is not None:
        said = say["one"] if event.heads == 1 else say["many"].format(heads=event.heads)
    parts = []
    if event.adults:
        parts.append(say["one_adult"] if event.adults == 1 else say["adults"].format(n=event.adults))
    if event.children:
        parts.append(say["one_child"] if event.children == 1 else say["children"].format(n=event.children))
    if event.children:
        said += f" ({', '.join(parts)})"
    if event.requested_heads is not None:
        said += f" ({say['requested'].format(heads=event.requested_heads)})"
    return f"{said}, {_diets(language, event.diets)}" if event.diets else said


def _diets(language: str, diets: Mapping[str, int]) -> str:
    names = _DIETS[_known(language)]
    return ", ".join(f"{number} {names.get(diet, diet)}" for diet, number in diets.items())


def _fit(language: str, head: str, lines: Sequence[str], tail: str = "") -> str:
    """Join to one text within the limit; lines that do not fit are counted, not cut."""
    for kept in range(len(lines), -1, -1):
        shown = list(lines[:kept])
        if kept < len(lines):
            shown.append(_say(language)["more"].format(n=len(lines) - kept))
        text = "\n".join(part for part in (head, *shown, tail) if part)
        if len(text) <= LIMIT:
            return text
    return head[: LIMIT - 1] + "…"
