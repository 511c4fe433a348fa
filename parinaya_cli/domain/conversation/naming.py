"""People who are named by what they are to the guest: counted one by one, or only spoken to."""

from __future__ import annotations

from dataclasses import replace

from parinaya_cli.domain.conversation.items import Item
from parinaya_cli.domain.conversation.phrases import Tag

_SPOKEN_TO_WORDS = "bhai bhaiya bhaiyya didi aunty auntie uncle beta bhabhi chacha chachi mama mami masi"
_SPOKEN_TO = frozenset(_SPOKEN_TO_WORDS.split())
_SELF = frozenset({"main", "i", "myself"})
_MY = frozenset({"my", "meri", "mere", "mera", "our", "hamare"})
_ONE_PERSON_WORDS = (
    "wife husband papa mummy mom dad mother father mata pita son daughter beta beti brother sister bhabhi pati patni"
    " dadi dada nana nani maa mataji pitaji hubby"
)
_ONE_PERSON = frozenset(_ONE_PERSON_WORDS.split())
_BEFORE_A_NAME = frozenset({Tag.YES, Tag.SAD, Tag.THANKS, Tag.COME, Tag.STAY_AWAY})


def family(items: list[Item]) -> list[Item]:
    """Me, my wife and 2 kids: the people of a message that names them one by one, the guest first."""
    begin = 1 if items and items[0].tag is Tag.YES else 0
    while begin < len(items) and items[begin].tag is Tag.COMMA:
        begin += 1
    if begin >= len(items) or items[begin].text not in _SELF:
        return items
    people, place = 1, begin + 1
    while (place := _joined(items, place)) < len(items) and items[place].text in _ONE_PERSON:
        people, place = people + 1, place + 1
    rest = items[place:] if place <= len(items) else []
    if people < 2 or any(item.tag in {Tag.RELATION, Tag.SOLO, Tag.DUO} for item in rest):
        return items
    kids = len(rest) > 1 and rest[0].tag is Tag.NUM and rest[1].tag is Tag.CHILD
    if any(item.tag in {Tag.NUM, Tag.CHILD} for item in rest[2 if kids else 0 :]):
        return items
    noun = Item(Tag.ADULT, "adults", name="adults") if kids else Item(Tag.HEADS, "people", name="people")
    return [*items[:begin], Item(Tag.NUM, str(people), people), noun, *rest]


def _joined(items: list[Item], place: int) -> int:
    """The place behind an and, a comma or my."""
    while place < len(items) and (items[place].tag in {Tag.AND, Tag.COMMA} or items[place].text in _MY):
        place += 1
    return place


def addressed(items: list[Item]) -> list[Item]:
    """Haan didi, sure uncle: who is spoken to is not somebody who comes."""
    done = list(items)
    for place, item in enumerate(items[1:], start=1):
        after = items[place + 1].tag if place + 1 < len(items) else Tag.BREAK
        ends = after in {Tag.BREAK, Tag.COMMA, Tag.YES, Tag.NUM}
        addressed = item.text in _SPOKEN_TO and items[place - 1].tag in _BEFORE_A_NAME and ends
        if addressed or (item.text == "make it" and after is Tag.NUM):
            done[place] = replace(item, tag=Tag.FILL)
    if len(items) > 1 and items[0].text == "make it" and items[1].tag is Tag.NUM:
        done[0] = replace(items[0], tag=Tag.NOW)
    return done
