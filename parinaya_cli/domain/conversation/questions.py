"""Questions that the events themselves answer: where, when, what to wear, and who writes here.

Only a question of which every word is known is answered. "Is there parking at the venue?" has a word that is not,
and goes to a person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from parinaya_cli.domain.conversation import tagging, tokens
from parinaya_cli.domain.conversation.items import Item
from parinaya_cli.domain.conversation.phrases import Tag
from parinaya_cli.domain.conversation.words import canonical


class Topic(StrEnum):
    """What guests ask about."""

    VENUE = "venue"
    TIME = "time"
    DRESS = "dress"
    WHO = "who"


@dataclass(frozen=True)
class Asked:
    """What was asked, for which events (slugs; empty: none was named), and what was said besides.

    ``unmarked``: no mark stands between the two, so that the rest is likely at most.
    """

    topics: frozenset[Topic]
    events: tuple[str, ...] = ()
    besides: str = ""
    unmarked: bool = False


def _words(text: str) -> frozenset[str]:
    return frozenset(canonical(word) for word in text.split())


_TOPICS: dict[Topic, frozenset[str]] = {
    Topic.VENUE: _words(
        "pata पता happening kothay ekkada evide elli kuthe kithe kitthe enga ક્યાં कुठे where"
        " where's wheres lokation venue location loc address addres adress map maps place kahan"
        " kaha"
        " kahaan kidhar jagah sthan कहाँ कहां किधर जगह स्थान लोकेशन वेन्यू एड्रेस ठिकाना"
    ),
    Topic.TIME: _words(
        "bje bjey vaje vagye vagya vajta vajata kyare kadhi kadon kobe koyta eppo eppol eppudu yavaga वाजता कधी"
        " તારીખે ક્યારે વાગ્યે when time timing timings date dates kab baje bje bajey samay"
        " tarikh tareekh muhurat schedule कब बजे"
        " समय टाइम तारीख मुहूर्त"
    ),
    Topic.DRESS: _words(
        "drss dres pahnna pehna pehnein dress dresscode attire wear outfit outfits theme clothes kapde"
        " pehnna pehne"
        " pehen pahanna pahne pehenna ड्रेस पहनना पहने पहनें कपड़े थीम पोशाक"
    ),
}
_ASKS = _words(
    "da wat wats wht hows ketla ketlya kiti kay kai કઈ કેટલા किती kothay ekkada evide elli kuthe kithe"
    " kitthe enga"
    " kyare kadhi kadon kobe"
    " eppo eppol eppudu yavaga ક્યાં ક્યારે कधी कुठे konse kaunse whats what's where what"
    " when which kahan kaha kidhar kab kitne kitna kya kaunsa kaunsi konsa"
    " konsi kis how कहाँ कहां किधर कब कितने क्या कौनसा कौनसी किस send share give tell bhejo"
    " bhej bata batao bataiye"
    " batana bataye dijiye भेजो भेज बताओ बताइए बता know want need any"
)
_ASKS_ALONE = _ASKS - _words("any need want know give share which how any kis")
_BESIDE = _words(
    "ye wat wats d da di guys guy gents ladies men women humko hamko hamein bulaya bulaye invited invite"
    " bataye hame jaana pahuchna"
    " pahunchenge wahan timing bje exact link are details detail naam name konse kaunse supposed kaise is"
    " the for of on at in a an any and to we i us"
    " our me my please sir madam ji hi hello will be should shall do does it its this that there exact"
    " exactly correct full code color colour colours colors dresscode google pin link day days which what's"
    " whats going reach come coming aana pahunchna start starts started begin begins held happening event"
    " function hoga hogi honge hai ho rahe rahi ka ki ke ko mein pe par tak se sab all hum hame mujhe aap"
    " you can could would know let tell send share give want need get have bhejo bhej bata batao bataiye"
    " starting kaise pahunchna resend bhejna bhejiye kindly could batana bataye dijiye na shuru karyakram"
    " time's hoti"
    " happen venue's lagna lagn kar karo karna kitne kitna kya kaunsa kaunsi konsa konsi kis"
    " din bhai bhaiya didi"
    " uncle aunty beta again also plz once by or kijiye rakha rakhi jana chahiye ड्रेस कोड होगा होगी रहेगी"
    " nu che nakki tarikh छे છે નું લગ્ન लग्न आहे kodi peela wala रहेगा में पर भेज दो दीजिए कौन सा सी जाना"
)
_WHO = _words(
    "kis lost my contacts contact phone changed deleted got number new who me us sent sending bhai i no"
    " number do messaging texting writing save saved nahi it namaste speaking"
    " may know sms message whos who's whose is this are you your name sorry not saved here"
    " which the"
    " wedding ye kaun kon kiski kiska hain aap ji bol rahe keh baat kar hi hello please new shadi shaadi"
    " getting married marrying marriage hai ho ka se कौन किसकी किसका आप ये यह है हैं बोल रहे कोन"
)
_WHO_ASKED = _words("kis who whos who's whose kaun kon kiski kiska कौन किसकी किसका कोन")
_WHO_MEANT = _words(
    "this you your ye aap wedding keh bol shadi shaadi married marriage messaging number it आप ये यह"
)
_WHICH = _words("what which kis kaunsa kaunse konsa konse")
_INVITED = _words("bulaya bulaye invited invite")
_MOVES = _words("come coming reach will should shall going aana pahunchna")
_HARMLESS = frozenset(
    {Tag.BREAK, Tag.COMMA, Tag.DASH, Tag.QUESTION, Tag.FILL, Tag.NOW, Tag.FUNCTION, Tag.AND, Tag.THANKS}
)
_ORDINAL = re.compile(r"\b\d{1,2}(?:st|nd|rd|th)\b", re.IGNORECASE)
_NO_PLACE = frozenset({("kya", "pata"), ("pata", "nahi"), ("pata", "na")})
_STOPS = re.compile(r"(?<=[.!?\n,;।？])\s*|\s+(?=(?:but|par|lekin|magar|पर|लेकिन)\s)")
_BEGINS = _words("what where when how which who kya kahan kab kaise kitne kaun koi is are any what's")
_NEED_A_MARK = _words("when who kaun kaise")
"""Without a question mark they need not ask: "sure, when pigs fly"."""

_WITH_OTHERS = _words("or ya and aur if agar more extra allowed bring plus we i hum me us")
_ANSWERS = frozenset(
    {
        Tag.NUM,
        Tag.EVENT,
        Tag.YES,
        Tag.NO,
        Tag.NAHI,
        Tag.NOT,
        Tag.NEG,
        Tag.COME,
        Tag.STAY_AWAY,
        Tag.MAYBE,
        Tag.VERB,
        Tag.SOLO,
    }
    | {
        Tag.DUO,
        Tag.ADULT,
        Tag.HEADS,
        Tag.ONLY,
        Tag.EXCEPT,
        Tag.STOP,
        Tag.START,
        Tag.HUMAN,
        Tag.CHILD,
        Tag.RELATION,
    }
)
_SHORTEST_QUESTION = 3
_SHORT = 3
"""Words of a message that asks without saying so: "venue", "sangeet ki date"."""


def find(text: str, event_names: Mapping[str, str]) -> Asked | None:
    """The question of a message that can be answered from the events, or None. ``event_names``: slug and title.

    A message may say something besides: "Coming, 4. What is the dress code?". Never raises.
    """
    if len(text) > tokens.LONGEST_TEXT:
        return None
    whole = _read(text, event_names)
    if whole is not None:
        return whole
    asked: list[Asked] = []
    besides: list[str] = []
    for part in _STOPS.split(text):
        found = _read(part, event_names) if part else None
        if found is not None and Topic.WHO not in found.topics:
            asked.append(found)
        elif part:
            besides.append(part)
    if not asked:
        return None
    topics = frozenset(topic for one in asked for topic in one.topics)
    events = tuple(dict.fromkeys(slug for one in asked for slug in one.events))
    return Asked(topics, events, " ".join(besides))


def at_the_end(text: str, event_names: Mapping[str, str]) -> Asked | None:
    """The question that a message without marks ends with: "yes we are coming where is the venue"; or None."""
    words = text.split()
    if len(text) > tokens.LONGEST_TEXT or _STOPS.search(text.rstrip(" .!?।")):
        return None
    for place in range(1, len(words) - _SHORTEST_QUESTION + 1):
        end = " ".join(words[place:])
        found = _read(end, event_names) if _ASKS_ALONE & set(tokens.cut(end)) else None
        if found is not None and Topic.WHO not in found.topics:
            return Asked(found.topics, found.events, " ".join(words[:place]), unmarked=True)
    return None


def set_apart(text: str, event_names: Mapping[str, str]) -> str | None:
    """What a message says besides a question that the events do not answer, or None.

    "Yes 4 coming. Is there parking?" Only a question without a number and without an answer of its own is set
    apart: "4, or 5?" is no answer.
    """
    parts = [part for part in _STOPS.split(text) if part.strip()]
    asks = [part for part in parts if _begins_to_ask(part)]
    rest = [part for part in parts if part not in asks]
    if len(text) > tokens.LONGEST_TEXT or not asks or not rest:
        return None
    items = [item for part in asks for item in tagging.tag(tokens.cut(part), event_names)]
    if any(item.tag in _ANSWERS or _WITH_OTHERS & set(item.text.split()) for item in items):
        return None
    return " ".join(rest)


def _begins_to_ask(part: str) -> bool:
    words = tokens.cut(part)
    return tokens.QUESTION in words or next(iter(words), "") in _BEGINS - _NEED_A_MARK


def _read(text: str, event_names: Mapping[str, str]) -> Asked | None:
    """The question that a text is, with every word of it known."""
    words = tokens.cut(_ORDINAL.sub("date", text))
    spoken = [word for word in words if word[:1].isalnum()]
    if _asks_who(spoken):
        return Asked(frozenset({Topic.WHO}))
    items = tagging.tag(words, event_names)
    if not all(_is_known(item) for item in items):
        return None
    if not spoken:
        return None
    topics = frozenset(topic for topic, known in _TOPICS.items() if known & set(spoken))
    if {"how", "reach"} <= set(spoken) or {"kaise", "pahunchna"} <= set(spoken):
        topics |= {Topic.VENUE}
    if _INVITED & set(spoken) and (_WHICH | {"kitne"}) & set(spoken):
        topics |= {Topic.TIME}
    if {"day", "din"} & set(spoken) and _WHICH & set(spoken):
        topics |= {Topic.TIME}
    asks = (
        bool(_ASKS & set(spoken))
        or spoken[0] in {"is", "are"}
        or tokens.QUESTION in words
        or _asks_shortly(spoken)
    )
    if not (topics and asks) or not {("on", "time"), *_NO_PLACE}.isdisjoint(pairwise(spoken)):
        return None
    return Asked(topics, tuple(dict.fromkeys(item.name for item in items if item.tag is Tag.EVENT)))


def _asks_shortly(spoken: list[str]) -> bool:
    return (len(spoken) <= _SHORT or "please" in spoken) and not _MOVES & set(spoken)


def _is_known(item: Item) -> bool:
    if item.tag in _HARMLESS or item.tag is Tag.EVENT:
        return True
    known = _BESIDE | _ASKS | frozenset().union(*_TOPICS.values())
    return all(word in known for word in item.text.split())


def _asks_who(spoken: list[str]) -> bool:
    words = set(spoken)
    if not words or not words <= _WHO:
        return False
    if {"which", "wedding"} <= words or {"do", "know", "you"} <= words:
        return True
    return bool(words & _WHO_ASKED) and (bool(words & _WHO_MEANT) or len(words) <= _SHORT)
