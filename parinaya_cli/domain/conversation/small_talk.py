"""What is said without an answer: greetings and glad words, and what is said of everybody."""

from __future__ import annotations

from parinaya_cli.domain.conversation.items import Item
from parinaya_cli.domain.conversation.meaning import UNCLEAR, Intent, Meaning
from parinaya_cli.domain.conversation.phrases import Tag

WHO = frozenset({Tag.ALL, Tag.RELATION, Tag.BOTH})
"""People who are named without a number."""

_GLAD_WORDS = (
    "cannot wait|see you|with pleasure|with great pleasure|gladly|happily|looking forward|super|hmm|booked|tickets"
    "|flight|bags|my bags|our bags|we are all set|all set"
)
_GLAD = tuple(_GLAD_WORDS.split("|"))
"""Glad words without an answer: behind the invitation most likely a yes, else no more than heard."""

_JOYFUL_WORDS = "so happy|happy for|very happy|wow|aww|aw|yayy|wah|lovely|wonderful|hurray|woohoo"
_JOYFUL = tuple(_JOYFUL_WORDS.split("|"))
"""Good wishes."""

_GREETING_WORDS = (
    "hello|hi|hey|namaste|vanakkam|good morning|good evening|good afternoon|shubh prabhat|suprabhat|yes tell main"
    "|haan boliye|haan bolo|ji boliye|haan bataiye|haan batao|boliye ji|haan ji boliye"
)
_GREETINGS = frozenset(_GREETING_WORDS.split("|"))
_ADDRESSED_WORDS = "ji sir madam dear there all good uncle aunty sahab bro yaar boss everyone bhai hain"
_ADDRESSED = frozenset(_ADDRESSED_WORDS.split())


def courtesy(said: set[str]) -> Meaning:
    """Words that carry nothing: a greeting, something glad, or neither."""
    if not said:
        return UNCLEAR
    glad = any(text.startswith(_GLAD) for text in said)
    if not glad and any(text.startswith(_JOYFUL) for text in said):
        return Meaning(Intent.THANKS)
    greets = not said.isdisjoint(_GREETINGS) and said <= _GREETINGS | _ADDRESSED
    return Meaning(Intent.THANKS, sure=False, likely=glad, greets=greets and not glad)


def diet_of_all(items: list[Item]) -> Meaning:
    """We are pure veg: one diet, and no number."""
    named = {item.name for item in items if item.tag is Tag.DIET}
    return (
        Meaning(Intent.NUMBER, sure=False, likely=True, diet_of_all=named.pop())
        if len(named) == 1
        else UNCLEAR
    )


def household(items: list[Item]) -> Meaning:
    """All of us, whole family, both: everybody of the household, in answer to how many."""
    if any(item.tag is Tag.RELATION and "parivar" not in item.text for item in items):
        return UNCLEAR
    both = any(item.tag is Tag.BOTH for item in items)
    return Meaning(Intent.NUMBER, heads=2 if both else None, sure=False, likely=True, everyone=not both)


def is_everyone(item: Item) -> bool:
    """All, or the family: does the word take in the whole household?"""
    return item.tag is Tag.ALL or (item.tag in {Tag.RELATION, Tag.FILL} and "parivar" in item.text)
