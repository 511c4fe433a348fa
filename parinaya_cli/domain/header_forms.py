"""The headers of columns in the forms that people and programs write them, and the field that each one means."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from parinaya_cli.domain.names import words

FIELDS = (
    "full_name",
    "honorific",
    "given_name",
    "family_name",
    "phone",
    "phone_2",
    "email",
    "city",
    "side",
    "tags",
    "household",
    "party_size",
    "language",
    "external_id",
    "notes",
    "events",
)
KEPT = "extra"  # what --map calls a column that is to be kept as it is

# Exports of Google Contacts, Outlook and iCloud have headers of their own: "Phone 1 - Value", "E-mail 2 Address".
_FORMS: dict[str, str] = {
    "full_name": (
        "name|full name|guest name|guest|name of guest|names|guest names|invitee|invitees|"
        "invitee name|name of invitee|contact name|contact person|person name|person|head of family|family head|"
        "head of the family|name of head|display name|formatted name|file as|saved name|saved as|naam|nam|mehmaan|"
        "mehman|mehman ka naam|mehmaan ka naam|atithi|atithi ka naam|poora naam|pura naam|नाम|अतिथि|अतिथि का नाम|"
        "मेहमान|मेहमान का नाम|पूरा नाम|श्रीमान|नाव|पूर्ण नाव|पाहुणे|पाहुण्यांचे नाव|નામ|મહેમાન|મહેમાનનું નામ|"
        "પૂરું નામ|ਨਾਮ|ਨਾਂ|ਮਹਿਮਾਨ|பெயர்|விருந்தினர்|விருந்தினர் பெயர்|নাম|অতিথি|অতিথির নাম|name of the guest|"
        "guest full name|fn|particulars|name of person|name of the person|guest details|main guest|primary guest|"
        "public name|public display name|push name|name in english|english name|name in hindi|hindi name"
    ),
    "honorific": "title|salutation|honorific|prefix|mr mrs|mr ms|name prefix|संबोधन|संबोधन शब्द|संबोधनम",
    "given_name": (
        "first name|given name|firstname|forename|pehla naam|पहला नाम|first|fname|f name|middle name|"
        "additional name|પ્રથમ નામ|पहिले नाव|ਪਹਿਲਾ ਨਾਮ"
    ),
    "family_name": (
        "last name|surname|lastname|upnaam|उपनाम|कुलनाम|सरनेम|અટક|आडनाव|last|lname|l name|ਗੋਤ|পদবি|குடும்பப் பெயர்"
    ),
    "phone": (
        "phone|mobile|phone no|phone number|mobile no|mobile number|mob|mob no|cell|cell no|cell phone|"
        "cell number|contact|contact no|contact number|contact nos|contacts|whatsapp|whatsapp no|"
        "whatsapp number|wa|wa no|wa number|tel|tel no|telephone|telephone no|ph|ph no|number|mo|mo no|phone 1|"
        "mobile 1|primary phone|phone 1 value|mobile phone|phones|contact details|formatted phone|iphone|"
        "फोन|फ़ोन|मोबाइल|मोबाइल नंबर|मोबाइल नम्बर|मोबाइल न|मो न|मो नं|फोन नंबर|फ़ोन नंबर|संपर्क|संपर्क नंबर|"
        "सम्पर्क|दूरभाष|नंबर|नम्बर|व्हाट्सएप|व्हाट्सऐप|व्हाट्सअप|मोबाईल|मोबाईल नंबर|मोबाईल क्रमांक|भ्रमणध्वनी|"
        "फोन क्रमांक|મોબાઇલ|મોબાઈલ|ફોન|મોબાઇલ નંબર|મોબાઈલ નંબર|ફોન નંબર|સંપર્ક|નંબર|મો નં|ਮੋਬਾਈਲ|ਫ਼ੋਨ|ਫੋਨ|ਮੋਬਾਇਲ|"
        "ਫ਼ੋਨ ਨੰਬਰ|ਮੋਬਾਈਲ ਨੰਬਰ|தொலைபேசி|கைபேசி|மொபைல்|தொலைபேசி எண்|கைபேசி எண்|ফোন|মোবাইল|ফোন নম্বর|মোবাইল নম্বর|"
        "mobile whatsapp|whatsapp mobile|wapp|watsapp|whatsap|whats app|whats app no|sampark|mobail|mobile no whatsapp"
    ),
    "phone_2": (
        "phone 2|mobile 2|alternate|alternate no|alternate number|alternate phone|alternative number|"
        "alternate mobile|alt phone|alt no|alt mobile|second phone|other phone|other number|other mobile|"
        "landline|land line|residence|home phone|phone home|spouse mobile|wife mobile|husband mobile|phone 2 value|"
        "phone 3|phone 3 value|phone 4 value|mobile 3|secondary phone|phone res|res phone|work phone|office phone|"
        "business phone|business phone 2|home phone 2|car phone|company main phone|phone residence|resi phone|"
        "वैकल्पिक नंबर|दूसरा नंबर|घर का नंबर|બીજો નંબર|दुसरा नंबर"
    ),
    "email": (
        "email|e mail|email id|emails|mail|mail id|email address|e mail id|e mail address|e mail 1 value|"
        "e mail 2 value|e mail 3 value|e mail 2 address|e mail 3 address|home email|work email|email 1|email 2|"
        "ईमेल|ई मेल|ઈમેલ|ઇમેઇલ|ਈਮੇਲ|மின்னஞ்சல்|ইমেইল|gmail|gmail id"
    ),
    "city": (
        "city|town|place|location|city town|shehar|shahar|sheher|gaon|native|native place|city name|"
        "शहर|गाँव|गांव|गाव|स्थान|ठिकाण|नगर|શહેર|ગામ|ਸ਼ਹਿਰ|ਪਿੰਡ|நகரம்|ஊர்|শহর|village|residing in|based in|home city|"
        "address 1 city|home address city|residing at|current city|city of residence|lives in|station"
    ),
    "side": (
        "side|bride groom|bride or groom|groom bride|whose side|from side|guest of|paksh|paksha|पक्ष|किसकी तरफ|"
        "किसकी ओर से|પક્ષ|કોના તરફથી|ਪੱਖ|தரப்பு|পক্ষ|ladka ladki|ladki ladka|kiski taraf|kiski taraf se|kis taraf|"
        "kiske taraf|b g|g b|bride side groom side"
    ),
    "tags": (
        "tag|tags|group|groups|category|categories|label|labels|list|type|guest type|circle|श्रेणी|वर्ग|प्रकार|गट|"
        "શ્રેણી|જૂથ|ਸ਼੍ਰੇਣੀ|வகை|শ্রেণী|group membership|guest category"
    ),
    "household": (
        "household|house hold|family|family group|family id|household id|household name|"
        "house|group name|parivar|pariwar|ghar|परिवार|परिवार का नाम|પરિવાર|કુટુંબ|कुटुंब|कुटुंबाचे नाव|ਪਰਿਵਾਰ|"
        "குடும்பம்|পরিবার|kutumb|unit|guest unit|family unit|invite group|party|party name|invitation name|"
        "name on invitation|name on invite|name on card|card name|card in name of|invite name"
    ),
    "party_size": (
        "pax|no of pax|number of pax|party size|kitne log|kitne|kitne jan|kitne jane|kul log|total|total pax|persons|"
        "no of persons|people|no of people|members|no of members|family members|head count|"
        "headcount|heads|count|guests|no of guests|number of guests|total guests|guest count|no of heads|"
        "total persons|total people|total count|size|seats|no of seats|संख्या|कितने लोग|कितने|कुल|कुल लोग|व्यक्ति|"
        "सदस्य|सदस्य संख्या|लोग|किती लोक|एकूण|સંખ્યા|કેટલા|કેટલા લોકો|કુલ|ਕਿੰਨੇ ਲੋਕ|ਗਿਣਤੀ|எண்ணிக்கை|நபர்கள்|সংখ্যা|"
        "কতজন|log|total members|qty|number of people|family size|number of persons|invited count|person count"
    ),
    "language": (
        "language|lang|bhasha|preferred language|भाषा|ભાષા|ਭਾਸ਼ਾ|மொழி|ভাষা|message language|card language|"
        "invite language|mother tongue"
    ),
    "external_id": (
        "id|external id|guest id|ref|reference|code|guest code|unique id|uid|row id|record id|guest no|contact id|"
        "invitee id|resource name"
    ),
    "notes": (
        "notes|note|remarks|remark|comment|comments|टिप्पणी|टीप|नोट|विशेष|नोंद|નોંધ|ਟਿੱਪਣੀ|குறிப்பு|মন্তব্য|"
        "special notes|instructions|special instructions"
    ),
    "events": (
        "events|event|functions|function|invited to|invite to|programme|programmes|program|invited events|"
        "ceremonies|ceremony|समारोह|कार्यक्रम|રસમ|પ્રસંગ|ਸਮਾਗਮ|நிகழ்ச்சி|অনুষ্ঠান|invited for|invited functions|"
        "kis function me|which functions|event list"
    ),
}
_COUNTERS = (
    "s no|sno|sr no|srno|sl no|slno|sr|sl|serial|serial no|serial number|s n|sn|s|no|row|row no|line|index|"
    "क्रमांक|क्र|क्र सं|क्रम|क्रम संख्या|क्रं|अनु क्र|अ क्र|अनुक्रमांक|ક્રમ|ક્રમાંક|ક્ર|ਲੜੀ ਨੰ|ਲੜੀ ਨੰਬਰ|வ எண்|வரிசை எண்|ক্রমিক|ক্রমিক নং"
)
_ADULTS = "adults|adult|bade|bade log|वयस्क|बड़े|प्रौढ|પુખ્ત|મોટા|elders|gents|ladies|males|females|men|women"
_KIDS = "kids|kid|children|child|bachche|bacche|बच्चे|बच्चें|मुले|બાળકો|બાળક|ਬੱਚੇ|infants|toddlers"
_DIAL_CODES = (
    "country code|isd|isd code|dial code|dialing code|dialling code|code of country|phone country code"
)
_SECOND_NAMES = (
    "public name|public display name|push name|display name|formatted name|file as|nickname|saved name"
)
# A header that says too little: what stands below decides.
_VAGUE = "no|number|num|details|info|contact|contacts|id|data|value|column|field|नंबर|नम्बर|નંબર|संपर्क|list"


def key(header: str) -> str:
    """A header as it is looked up: NFKC, casefolded, words with single spaces, without punctuation."""
    text = unicodedata.normalize("NFKC", header).casefold()
    kept = (c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in text)
    return " ".join("".join(kept).split())


_FILLERS = words("s the of guest guests no number with please optional required if any in a 1 nos")
_COUNT_FILLERS = _FILLERS | words("persons person people pax members count total log how many")
_PHONE_WORDS = words(
    "phone mobile mob whatsapp whatsap watsapp cell tel telephone",
    "मोबाइल मोबाईल फोन फ़ोन મોબાઇલ મોબાઈલ ફોન ਮੋਬਾਈਲ ਫੋਨ மொபைல் மோபைல் ফোন মোবাইল",
)
_NO_PHONE_WORDS = words(
    "group name type status opt optin consent model sent verified owner date label brand bill y yes installed"
)


def _short(known: str, fillers: frozenset[str] = _FILLERS) -> str:
    return " ".join(word for word in known.split() if word not in fillers)


_BY_KEY = {key(form): name for name, forms in _FORMS.items() for form in forms.split("|")}
_BY_KEY |= {key(name): name for name in FIELDS}
_BY_SHORT = {_short(known): name for known, name in reversed(_BY_KEY.items()) if _short(known)}
_SETS = {
    "counter": frozenset(map(key, _COUNTERS.split("|"))),
    "dial_code": frozenset(map(key, _DIAL_CODES.split("|"))),
    "second_name": frozenset(map(key, _SECOND_NAMES.split("|"))),
    "vague": frozenset(map(key, _VAGUE.split("|"))),
}
_ADULTS_AND_KIDS = frozenset(key(form) for form in (_ADULTS + "|" + _KIDS).split("|"))


def is_a(what: str, header: str) -> bool:
    """Whether a header is of one of four kinds.

    ``counter``: of rows, such as S.No.; ``dial_code``: of phones in the next column; ``second_name``: a name that
    helps where the main one is missing; ``vague``: it says so little that what stands below it decides.
    """
    return key(header) in _SETS[what]


def counts_some(header: str) -> bool:
    """Whether a column counts a part of the people: ``Adults``, ``No. of kids``, ``बच्चे``."""
    return _short(key(header), _COUNT_FILLERS) in _ADULTS_AND_KIDS


@lru_cache(maxsize=4096)
def field_of(header: str) -> str:
    """The field that a header means: by its form as a whole, then without fillers, then by a phone's word.

    Empty when it means none that is known.
    """
    known = key(header)
    if not known or len(known) > 80 or known in _SETS["counter"] or known in _SETS["dial_code"]:
        return ""
    if known in _BY_KEY:
        return _BY_KEY[known]
    short = _short(known)
    if short in _BY_SHORT:
        return _BY_SHORT[short]
    if counts_some(header):
        return "party_size"
    parts = short.split()
    if not _PHONE_WORDS.isdisjoint(parts) and _NO_PHONE_WORDS.isdisjoint(parts) and len(parts) <= 4:
        return "phone"
    return ""
