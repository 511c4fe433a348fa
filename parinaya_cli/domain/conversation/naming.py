"""People who are named by what they are to the guest: counted one by one, or only spoken to."""

from __future__ import annotations

from dataclasses import replace

from parinaya_cli.domain.conversation.items import Item
from parinaya_cli.domain.conversation.phrases import Tag

_SPOKEN_TO_WORDS = "bhai bhaiya bhaiyya didi aunty auntie uncle beta bhabhi chacha chachi mama mami masi"
_SPOKEN_TO = frozenset(_SPOKEN_TO_WORDS.split())
_SELF = frozenset({"main", "i", "myself", "self", "just main", "only main", "sirf main", "just i", "only i"})
_MY = frozenset({"my", "meri", "mere", "mera", "our", "hamare"})
_ONE_PERSON_WORDS = (
    "wife husband papa mummy mom dad mother father mata pita son daughter beta beti brother sister bhabhi pati patni"
    " dadi dada nana nani maa mataji pitaji hubby spouse biwi"
)
_ONE_PERSON = frozenset(_ONE_PERSON_WORDS.split())
_TWO_PERSONS = frozenset({"parents", "in laws", "grandparents"})
_JOINS = _MY | {"with", "saath", "ka saath", "plus", "+"}
_BEFORE_THEM = frozenset({Tag.YES, Tag.COMMA, Tag.FILL, Tag.BREAK, Tag.THANKS, Tag.DASH, Tag.NOW})
_MORE = frozenset({Tag.NUM, Tag.CHILD, Tag.RELATION, Tag.SOLO, Tag.DUO, Tag.HEADS, Tag.ADULT})
_ASKS_SOMEBODY = frozenset(
    {"ask", "check", "puch", "baat", "discuss", "checking", "talk", "talking", "consult", "consulting"}
)
_BEFORE_A_NAME = frozenset({Tag.NAHI, Tag.NO, Tag.YES, Tag.SAD, Tag.THANKS, Tag.COME, Tag.STAY_AWAY})


def family(items: list[Item]) -> list[Item]:
    """Me, my wife and 2 kids: the people of a message that names them one by one, the guest among them."""
    begin = next((place for place, item in enumerate(items) if _is_somebody(item)), len(items))
    if not all(item.tag in _BEFORE_THEM for item in items[:begin]) or _is_called(items, begin):
        return items
    adults, kids, end = _counted(items, begin)
    if adults < 2 or any(item.tag in _MORE for item in items[end:]):
        return items
    noun = Item(Tag.ADULT, "adults", name="adults") if kids else Item(Tag.HEADS, "people", name="people")
    counted = [Item(Tag.NUM, str(adults), adults), noun]
    if kids:
        counted += [Item(Tag.NUM, str(kids), kids), Item(Tag.CHILD, "kids", name="kids")]
    return [*items[:begin], *counted, *items[end:]]


def _is_somebody(item: Item) -> bool:
    return item.text in _SELF or item.tag in {Tag.RELATION, Tag.DUO}


def _is_called(items: list[Item], place: int) -> bool:
    """Beta, main aur mummy: who is spoken to first does not come along."""
    after = items[place + 1].tag if place + 1 < len(items) else None
    return place < len(items) and items[place].text in _SPOKEN_TO and after is Tag.COMMA


def _counted(items: list[Item], place: int) -> tuple[int, int, int]:
    """Adults and children that are named one after the other, and the place behind; no adults without the guest."""
    adults, kids, parts, end, guest = 0, 0, 0, place, False
    while place < len(items):
        item = items[place]
        if item.tag is Tag.NUM and place + 1 < len(items) and items[place + 1].tag is Tag.CHILD and not kids:
            kids, place = item.number, place + 1
        elif item.text in _SELF and not guest and _may_be_the_guest(items, place, adults):
            adults, guest = adults + 1, True
        elif item.tag is Tag.DUO and not guest:
            adults, guest = adults + 2, True
        elif item.text in _ONE_PERSON or item.text in _TWO_PERSONS:
            adults += 2 if item.text in _TWO_PERSONS else 1
        elif item.tag in {Tag.AND, Tag.COMMA} or item.text in _JOINS:
            place += 1
            continue
        else:
            break
        parts, place = parts + 1, place + 1
        end = place
    return (adults, kids, end) if guest and parts > 1 else (0, 0, end)


def _may_be_the_guest(items: list[Item], place: int, adults: int) -> bool:
    """Main is I at the beginning, behind an and, and in a list; else it can be in."""
    after = items[place + 1].tag if place + 1 < len(items) else None
    listed = items[place - 1].tag is Tag.COMMA and after in {Tag.AND, Tag.COMMA}
    return not adults or listed or items[place - 1].tag is Tag.AND


def consulted(items: list[Item]) -> list[Item]:
    """Let me ask my wife: who is asked first does not come into the answer."""
    asks = any(item.tag is Tag.MAYBE for item in items) and any(
        _ASKS_SOMEBODY & set(item.text.split()) for item in items
    )
    telling = {Tag.YES, Tag.NO, Tag.COME, Tag.STAY_AWAY, Tag.VERB, Tag.NUM}
    answers = any(item.tag in telling and item.text != "confirm" for item in items)
    if not asks or answers:
        return items
    return [replace(item, tag=Tag.FILL) if item.tag is Tag.RELATION else item for item in items]


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
