"""Times, dates, journeys and rooms beside an answer: digits that are no people, taken out before it is read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from parinaya_cli.domain.conversation.items import Item
from parinaya_cli.domain.conversation.phrases import Tag

_DAY = r"(?:mon|tues?|wednes|wed|thurs?|fri|satur|sat|sun)(?:day)?"
_MONTH = (
    r"(?:january|february|feb|march|april|june|july|august|aug|september|sept?|october|oct"
    r"|november|nov|december|dec|जनवरी|फरवरी|मार्च|अप्रैल|नवंबर|दिसंबर)"
)
_TIME_OF_DAY = (
    r"(?:morning|evening|night|afternoon|noon|midnight|subah|shaam|sham|raat|dopahar|सुबह|शाम|रात|दोपहर)"
)
_PLACES = (
    r"(?:at|by|on|from|till|until|before|after|around|about|approx|ko|tak|ke baad|se|is|reach(?:es|ing)?"
    r"|lands?(?: at)?|arriv(?:es|ing)(?: at)?)"
)
_CLOCK = r"\d{1,2}(?:[:.]\d{2})?\s*"
_ROOM = r"(?:rooms?|kamr[ae]y?|कमर[ेा]|beds?)"

_ASIDES = (
    rf"(?<![\w₹.+/-])(?:{_PLACES}\s+)?{_CLOCK}(?:am|pm|a\.m\.?|p\.m\.?|o'?clock|ba[jz]e|bj[ey]|बजे)"
    r"(?:\s+(?:tak|ko|se|तक|के बाद|ke baad))?(?!\w)",
    r"(?<![\w₹.+/-])\d{1,2}:\d{2}(?![\w:])",
    rf"(?<![\w₹.+/-])(?:on\s+)?(?:the\s+)?\d{{1,2}}\s*(?:st|nd|rd|th)?\s*(?:of\s+)?{_MONTH}"
    r"(?:\s+(?:ko|tak|se|को|तक))?(?![\w])",
    r"(?<![\w₹.+/-])(?:on|by|till|until|from|before|after|reach(?:es|ing)?|the)\s+\d{1,2}(?:st|nd|rd|th)?\s+jan(?!\w)",
    r"(?<![\w₹.+/-])\d{1,2}(?:(?:st|nd|rd|th)\s+jan(?!\w)|\s+jan\s+(?:ko|tak)(?!\w))",
    rf"(?<!\w){_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?!\w)",
    rf"(?<!\w)(?:on\s+|the\s+)*\d{{1,2}}(?:st|nd|rd|th)(?:\s+{_TIME_OF_DAY})?(?!\w|\s+(?:day|din)\b)",
    r"(?<!\w)\d{1,2}\s+(?:tari[ck]h|tareekh|तारीख)(?:\s+(?:ko|tak|se|को))?(?!\w)",
    r"(?<!\w)\d{1,2}\s+(?:ko|को)(?=\s+(?:aa|subah|shaam|sham|raat|pahu|pohu|आ|पहु))",
    rf"(?<!\w)\d{{1,2}}\s+(?:ki|ko|ke|की|को|के)\s+{_TIME_OF_DAY}(?:\s+(?:ki|ko|ke|की|को))?(?!\w)",
    r"(?<![\w₹.+/-])(?:at|by|till|until)\s+\d{1,2}(?:[:.]\d{2})?(?=\s*(?:$|[,.;!\n]))",
    rf"(?<!\w)(?:on|this|next|coming)\s+{_DAY}(?:\s+{_TIME_OF_DAY})?(?!\w)",
    rf"(?<!\w)(?:in|by|at)\s+(?:the\s+)?{_TIME_OF_DAY}(?!\w)",
    rf"(?<!\w){_TIME_OF_DAY}\s+(?:ko|tak|को|तक)(?!\w)",
    r"(?<!\w)(?:flight|train|bus)\s+(?:no\.?\s*|number\s+)?[a-z0-9]{2}[ -]?\d{2,5}(?!\w)",
    r"(?<!\w)(?:room|flat|house|coach|gate|platform|seat)\s+(?:no\.?|number)?\s*[a-z]?\d{1,4}(?!\w)",
    r"(?<!\w)\d{1,2}\s*(?:days?|nights?|din|weeks?|hours?|hrs?|ghante|दिन|रात)(?=\s+(?:stay|ke liye|pehle|before|baad"
    r"|के लिए))(?:\s+(?:stay|ke liye|pehle|before|baad|के लिए))?",
    r"(?<!\w)\d{1,2}\s*(?:din|raat|days?|nights?)\s+(?:rukenge|ruk kar|stay|के लिए)(?!\w)",
    r"(?<![\w₹.+/-])(?:(?:in|by)\s+)?\d{1,2}\s+(?:cars?|gaadi|gadi|gaadiyan|gaadiyon|vehicles?)(?:\s+(?:mein|me|se))?(?!\w)",
    r"(?<![\w₹.+/-])(?:\d{1,2}\s+(?:and|aur|&)\s+)?\d{1,2}\s*-?\s*(?:years?|yrs?|saal|months?|साल)"
    r"(?:\s*-?\s*(?:old|ka|ki|ke|का|की|के))?(?!\w)",
    r"(?<!\w)(?:below|under|above|aged?|ages|age of)\s+\d{1,2}(?:\s*(?:years?|yrs?|saal))?(?![\w%])",
)
_WISHES = (
    rf"(?:(?:and|aur|also|we|will|please|pls|plz|kindly|hum|ko)\s+)*"
    rf"(?:(?:need|want|book|arrange|require|reserve|keep)s?\s+(?:us\s+|for us\s+)?)?"
    rf"(?<![\w₹.+/-])(?:\d{{1,2}}|one|two|three|ek|a|do|दो|एक)\s+{_ROOM}(?!\w)"
    r"(?:\s+(?:chahiye|needed|required|please|pls|plz|book kar dena|book kar dijiye|चाहिए|lagenge|book))*",
    r"(?:(?:and|aur|also|we|please|pls|plz|kindly)\s+)*(?:need|want|arrange|require|send)\s+(?:a\s+|us\s+)?"
    r"(?:pick ?up|cab|taxi|hotel|stay|accommodation|wheelchair|car|parking|transport)(?!\w)"
    r"(?:\s+(?:please|pls|plz|too|also))?",
)
_JOURNEY_WORDS = (
    "we will are reach reaching arrive arriving land landing lands by train flight bus car road driving at on the"
    " from our is around and via rajdhani shatabdi vande bharat indigo pahunchenge pahunch jayenge"
    " airport station to a travelling se tak delhi mumbai pune surat ahmedabad chennai bangalore bengaluru kolkata"
    " hyderabad lucknow jaipur dubai london evening morning night reaches"
)
_JOURNEY = frozenset(_JOURNEY_WORDS.split())
_TRAVEL_WORDS = (
    "reach reaching reaches arrive arriving land landing lands train flight bus driving pahunchenge"
)
_TRAVELS = frozenset(_TRAVEL_WORDS.split())
_MARK = "\ue000"
_FIND = tuple(re.compile(pattern) for pattern in _ASIDES)
_FIND_WISHES = tuple(re.compile(pattern) for pattern in _WISHES)
_PARTS = re.compile(r"([,.;!\n]+)")


@dataclass(frozen=True)
class Told:
    """A message without its asides. ``found``: there were some beside the answer, in the same clause.

    ``wish``: a room or a lift was asked for, which a person has to see to.
    """

    text: str
    found: bool = False
    wish: bool = False


def take_out(text: str) -> Told:
    """The message without times, dates, journeys and rooms.

    A clause that speaks of the journey and nothing else leaves the rest as it stands; an aside within an answer
    makes the whole less sure.
    """
    plain = text.lower().replace("’", "'")
    marked, wish = plain, False
    for pattern in _FIND_WISHES:
        marked, count = pattern.subn(f" {_MARK} ", marked)
        wish = wish or count > 0
    for pattern in _FIND:
        marked = pattern.sub(f" {_MARK} ", marked)
    if marked == plain:
        return Told(text)
    parts = _PARTS.split(marked)
    kept = [
        part if place % 2 or place == 0 or not _is_journey(part) or "?" in part else ""
        for place, part in enumerate(parts)
    ]
    left = "".join(kept)
    return Told(left.replace(_MARK, " "), _MARK in left, wish)


def _is_journey(part: str) -> bool:
    words = set(part.replace(_MARK, " ").split())
    return words <= _JOURNEY and bool(words & _TRAVELS)


_BLESSES_WORDS = (
    "congratulations badhai mubarak shubhkamnaye aashirwad bless blessings wishes wishing badhaiyan love happiness"
    " beautiful lovely khush happy dua"
)
_BLESSES = frozenset(_BLESSES_WORDS.split())
_MOST_NAMES = 4
_WISHED_WELL = frozenset({Tag.THANKS, Tag.FILL, Tag.UNKNOWN, Tag.BREAK, Tag.COMMA, Tag.AND, Tag.DASH})


def is_blessing(items: Sequence[Item]) -> bool:
    """Congratulations to Ananya and Kabir: good wishes, and a few words that nobody knows, none of them about us."""
    unknown = [item for item in items if item.tag is Tag.UNKNOWN]
    blessed = any(item.tag is Tag.THANKS and _BLESSES & set(item.text.split()) for item in items)
    about_us = {"we", "i", "hum", "main", "hum log", "my", "mera", "our", "hamare", "not"}
    return (
        blessed
        and len(unknown) <= _MOST_NAMES
        and all(item.tag in _WISHED_WELL and item.text not in about_us for item in items)
    )


_ARRIVED = frozenset({"got", "received", "mila", "mil"})


def is_receipt(items: Sequence[Item]) -> bool:
    """Is it told that the invitation has arrived? A yes beside that may mean no more."""
    return any(item.tag is Tag.THANKS and not _ARRIVED.isdisjoint(item.text.split()) for item in items)
