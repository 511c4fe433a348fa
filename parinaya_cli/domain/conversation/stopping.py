"""The wish for no more messages, in whatever words: STOP is not the only one that guests know.

A clear wish counts at once, whatever stands beside it. What has the same words and wishes something else ("can't
stop smiling", "message mat bhulna", "don't message papa") is none, and neither is a wish for an hour of the day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from parinaya_cli.domain.conversation import tokens
from parinaya_cli.domain.conversation.words import canonical

LONGEST_TEXT = 4096
"""Characters that are looked through: as many as a message of WhatsApp can have."""


@dataclass(frozen=True)
class Wish:
    """``besides``: the words that are left when those of the wish are taken out."""

    besides: tuple[str, ...]


def _any(words: str) -> str:
    """One of these words, in whatever spelling."""
    return "(?:" + "|".join(sorted({re.escape(canonical(word)) for word in words.split()})) + ")"


_MESSAGE = _any(
    "message text texts sms whatsapp reminder reminders forward forwards spam mails mssg mesg msgz mssgs"
    " मैसेजेस मेसेजेस रिमाइंडर મેસેજ ਮੈਸੇਜ মেসেজ மெசேஜ் మెసేజ్ ಮೆಸೇಜ್ മെസേജ്"
)
_SMALL = _any(
    "mujhe mujhko mujh hame humko me us i ko koi bhi any more ab abhi aage se dobara dubara phir fir kabhi please"
    " kindly ji kripya aise aisi aisa ye is iss isko inko this these such your the a an all sab aur again ever here"
    " yahan par pe mere mera my apna apne itne bar baar roz roj yaar bhai bhaiya sir madam aap log anymore further"
    " now right immediately to in on at from it one number kisi ki ka way type kind so many much daily every day"
    " दोबारा फिर आगे अब कभी कोई इस ऐसे यहां से further future onwards whatsapp hi toh bro of tum"
)
_GAP = rf"(?:\s+{_SMALL})*"
_DO_IT = _any("bhejo bhej karo karna kar kro krna karie kariyega bhejiyega bhejana likho likhna daalo dalo")
_DO_IT_HABITUALLY = rf"(?:bheja\s+kijiye|kiya\s+kijiye|भेजा\s+kijiye|किया\s+kijiye|{_DO_IT})"
_CLOSE = rf"(?:{_any('karo kro krdo kardo karwao karao')}|kar(?:\s+(?:do|dena|दो|दे|de|dijiye|दीजिए))?)"
_NOT_DO = r"(?:dont|do\s+not|donot|dnt|never)"
_END = rf"(?={_GAP}\s*$)"
_TOLD = _any("me us again anymore here")
_BOTHER = r"(?:disturb|bother|trouble|irritate|harass|pester|annoy)"
_TO_REMOVE = (
    rf"(?:{_any('hatao hatado hataiye hatana nikalo nikaliye हटाओ हटाइए हटाएं हटाये')}"
    rf"|{_any('hata nikal हटा निकाल')}\s+{_any('do dena dijiye दो दीजिए')}"
    rf"|(?:delete|remove|डिलीट)\s+{_CLOSE})"
)
_NUMBER = _any("number no. contact नंबर नम्बर")
_LIST = _any("list group broadcast लिस्ट ग्रुप")

_WISHES = (
    rf"{_MESSAGE}{_GAP}\s+(?:mat|na){_GAP}\s+{_DO_IT_HABITUALLY}(?!\s+(?:bhul\w*|bhool\w*|भुल\S*))",
    rf"{_MESSAGE}{_GAP}\s+nahi{_GAP}\s+(?:bhejo|kijiye)(?!\s+(?:a+ta|a+ti|chah\w+))",
    rf"{_MESSAGE}{_GAP}\s+{_DO_IT}{_GAP}\s+mat{_END}",
    rf"(?:^|(?<=\s)){_GAP.lstrip()}\s*mat\s+{_DO_IT}{_GAP}\s+{_MESSAGE}{_END}",
    rf"{_MESSAGE}(?:\s+(?:{_SMALL}|bhejo|kijiye))*\s+band\s+{_CLOSE}(?!\s+mat)",
    rf"{_MESSAGE}(?:\s+(?:{_SMALL}|bhejo|kijiye))*\s+(?:roko|rok\s+(?:do|dena|dijiye)|रोक\S*)(?!\s+mat)",
    rf"band\s+{_CLOSE}(?:\s+(?:{_SMALL}|bhejo|kijiye))*\s+{_MESSAGE}(?!\s+mat)",
    rf"(?:bhejo|{_MESSAGE}\s+kijiye)\s+band\s+{_CLOSE}",
    rf"{_MESSAGE}{_GAP}\s+nahi{_GAP}\s+chahiye(?!\s+toh?(?:\s|$))",
    rf"nahi\s+chahiye{_GAP}\s+{_MESSAGE}{_END}",
    rf"sirf\s+kijiye{_GAP}\s+{_MESSAGE}",
    rf"(?:pareshan|tang|disturb|परेशान|तंग|डिस्टर्ब){_GAP}\s+(?:mat|na){_GAP}\s+(?:kijiye|kar)(?!\s+(?:bhul\w*|khud))",
    rf"{_NUMBER}{_GAP}(?:\s+{_LIST}\s+se)?{_GAP}\s+{_TO_REMOVE}",
    rf"{_NOT_DO}(?:\s+(?:please|ever|again|you\s+dare))*\s+(?:{_MESSAGE}|contact|ping|write)(?:\s+(?:to|on)\s+(?:main|us|this))?"
    rf"(?=\s+{_TOLD}|{_GAP}\s*$)(?:\s+{_SMALL})*",
    rf"{_NOT_DO}\s+(?:ever\s+)?{_BOTHER}\s+(?:main|us)",
    rf"no\s+need\s+to\s+(?:{_MESSAGE}|contact)(?:\s+(?:main|us))?\s+(?:again|anymore|any\s+more)",
    rf"{_NOT_DO}\s+(?:ever\s+)?(?:send|keep\s+sending){_GAP}\s+{_MESSAGE}(?!\s+to\s+(?!main|us))",
    rf"(?:{_NOT_DO}|not|no\s+longer)\s+(?:want|need|wish|like|interested)(?:\s+(?:to|in|get|receive|see|have|getting"
    rf"|receiving|{_SMALL}))*\s+{_MESSAGE}",
    rf"(?:{_NOT_DO}|not)\s+want\s+to\s+(?:hear|be\s+contacted)(?:\s+from\s+(?:you|this))?",
    rf"(?:stop|quit){_GAP}\s+(?:sending|messaging|texting|spamming|contacting|{_BOTHER}(?:ing)|disturbing|bothering"
    rf"|troubling|harassing|irritating|whatsapping|pinging)",
    rf"stop{_GAP}\s+{_MESSAGE}(?:\s+{_SMALL})*",
    rf"(?:remove|delete|erase){_GAP}\s+number",
    rf"(?:remove|take)\s+(?:main|us|my\s+(?:number|name|contact))\s+(?:off|from|of|out){_GAP}\s+{_LIST}",
    rf"(?:unsubscribe|opt\s+(?:(?:main|us)\s+)?out)(?!\s+(?:of|from)(?!{_GAP}\s+(?:{_MESSAGE}|{_LIST})))",
    rf"no\s+more\s+{_MESSAGE}",
    r"leave\s+(?:main|us)\s+alone(?!\s+with)",
    rf"{_LIST}\s+se{_GAP}\s+{_TO_REMOVE}",
    rf"aur{_GAP}\s+{_MESSAGE}\s+nahi{_END}",
    rf"enough\s+(?:(?:of|with){_GAP}\s+)?{_MESSAGE}",
    rf"(?<!\S\s)no\s+{_MESSAGE}\s+please",
    rf"{_MESSAGE}(?:\s+\S+){{1,3}}\s+band\s+(?:kijiye|karwao|karao|kar\s+(?:do|dena|dijiye|दो)|करा)(?!\s+mat)",
    rf"{_MESSAGE}\s+band\s+(?:करा|kara)",
    rf"stop{_GAP}\s+(?:bot|robot|automation|forwarding|broadcasting)",
    rf"{_NOT_DO}\s+send(?:\s+(?:{_SMALL}|anything))*\s+(?:again|anymore)",
    rf"{_NOT_DO}\s+phone(?:\s+(?:main|us))?\s+(?:or|and|ya)\s+{_MESSAGE}",
    rf"not\s+to\s+(?:{_MESSAGE}|contact)\s+(?:main|us)",
    rf"(?:exclude|remove)\s+(?:main|us)\s+from{_GAP}\s+{_MESSAGE}",
    r"મેસેજ\s+(?:\S+\s+)?મોક\S+\s+(?:નહીં|નહિ|nahi|no|ના)",
    rf"(?:will|going\s+to|have\s+to)\s+(?:block|report)\s+(?:you|your|this){_GAP}",
    r"(?:message|sandesh|मेसेज|मैसेज|મેસેજ|ਮੈਸੇਜ)\s+(?:\S+\s+)?(?:paath?vu|pathavu|पाठवु|karu|करु)\s+(?:naka|nako|नका|नको)",
    r"sandesh\s+(?:\S+\s+)?(?:pampa(?:kandi|kandee|ku|oddu|vaddu)|pampoddu|anuppa(?:theenga|thinga|dheenga|vendam)"
    r"|anuppa\s+vendam|kalis(?:a)?bedi|kaluhisabedi|ayakkaruth\w*|pathaben\s+na|pathio\s+na|patheo\s+na|na\s+mok\w+"
    r"|mok\w+\s+(?:na|nahi))",
    r"(?:મેસેજ|મેસેજો)\s+(?:\S+\s+)?(?:ન|ના|નહીં|no)\s+મોક\S+|মেসেজ\s+(?:\S+\s+)?পাঠ\S+\s+(?:না|na)"
    r"|மெசேஜ்\s+(?:\S+\s+)?அனுப்ப\S*(?:\s+வேண்டாம்)?|మెసేజ్\S*\s+(?:\S+\s+)?పంప(?:కండి|వద్దు|ొద్దు)"
    r"|ਮੈਸੇਜ\s+(?:\S+\s+)?(?:ਨਾ|no|na)\s+ਭੇਜ\S+|ಮೆಸೇಜ್\s+(?:\S+\s+)?ಕಳ\S+ಬೇಡಿ",
)
_WISHED = tuple(re.compile(rf"(?<!\S)(?:{pattern})(?!\S)") for pattern in _WISHES)
"""What a wish looks like in one clause, in canonical words."""

_ASKED = re.compile(
    rf"(?<!\S){_any('why kyun kyon kyu क्यों if agar अगर unless when kab jab how')}(?!\S)"
    r"|(?<!\S)(?:did|have|has)\s+(?:you|they|he|she|u)(?!\S)"
)
_HOURS = re.compile(
    rf"(?<!\S){_any('night nights raat रात late baje bje before morning subah सुबह evening shaam meeting during')}(?!\S)"
)
_OTHERS = re.compile(
    rf"(?<!\S)(?:{_any('unhe unko unka uska usko unhen use him her them उन्हें उनको उसको his')}|"
    r"(?!(?:number|no|mujh|mobile|phone|hum|main|par|is|this|nambar)\s)\S+\s+ko)(?!\S)"
)
_OTHER_NUMBER = re.compile(rf"(?<!\S){_any('purana naya old new पुराना नया dusra doosra event guest')}(?!\S)")
_DENIED = re.compile(
    r"(?<!\S)(?:dont|not|never|cannot|cant|willnot|couldn't|couldnt|i|we|they|hum|who|please\s+dont)\s*$"
)
_SAID_OF_ONESELF = re.compile(r"(?<!\S)(?:i|we|they|hum)\s*$")
_BARE_WORDS = (
    "please kindly ji sir madam this these all now immediately abhi yaar bhai bhaiya the nonsense ye sab please"
    " karo kijiye kar do dijiye me us right everything turant"
)
_BARE = re.compile(
    rf"(?:{_any(_BARE_WORDS)}\s+)*(?:stop|band\s+{_CLOSE}|{_any('unsubscribe')})(?:\s+{_any(_BARE_WORDS)})*"
)
"""A clause that is nothing but a stop; of what, the rest has to tell."""

_NO_MORE_ASKING = re.compile(
    r"(?:(?:please|ab|now)\s+)*(?:(?:stop|quit)\s+asking|(?:(?:ba+r\s+)+)mat\s+puch\S*)(?:\s+(?:main|us|again|and|please))*"
)
_REFUSES = re.compile(r"(?<!\S)(?:no|not|nahi|cannot|willnot)(?!\S)")
_AGREES = re.compile(
    r"(?<!\S)(?:yes|haan|obviously|zaroor|pakka|definitely|of\s+course|kyun|kyon|why|doubt)(?!\S)"
)
"""Who is asked again after a refusal, and is tired of it, wants no more; who is coming only jokes."""

_VEXED = re.compile(
    rf"(?<!\S)(?:{_MESSAGE}|{_any('wrong galat गलत spam annoying irritating pareshan fed interested')})"
    r"(?!\S)"
)
_MARKS = frozenset({tokens.BREAK, tokens.COMMA, tokens.DASH, tokens.QUESTION})
_JOINS = frozenset({"and", "aur", "lekin", "but", "so", "toh", "kyunki", "because", "warna", "isliye"})


def find(text: str) -> Wish | None:
    """The wish for no more messages in a message, or None. Never raises; linear in the length of the text."""
    if len(text) > LONGEST_TEXT:
        return None
    words = tokens.cut(text)
    besides: list[str] = []
    found = False
    for clause in _clauses(words):
        left = _left(" ".join(clause))
        found = found or left is not None
        besides += [*_trimmed(clause if left is None else left.split()), tokens.BREAK]
    return Wish(tuple(_without_marks(besides))) if found else _bare(words)


def _clauses(words: list[str]) -> list[list[str]]:
    clauses: list[list[str]] = [[]]
    for word in words:
        if word in _MARKS:
            clauses.append([])
        else:
            clauses[-1].append(word)
    return [clause for clause in clauses if clause]


def _left(clause: str) -> str | None:
    """A clause without its wish, or None when it has none."""
    if _ASKED.search(clause) or _HOURS.search(clause) or _OTHERS.search(clause):
        return None
    for pattern in _WISHED:
        match = pattern.search(clause)
        if match is None:
            continue
        before, words = clause[: match.start()], match.group().split()
        denied = _DENIED if words[0] in {"stop", "quit", "band"} else _SAID_OF_ONESELF
        told_of = words[0] in {"dont", "do", "never", "donot", "dnt", "stop", "quit"}
        wants = not {"want", "need", "wish", "like"}.isdisjoint(words)
        if (told_of and not wants and denied.search(before)) or (
            _OTHER_NUMBER.search(clause) and not told_of
        ):
            continue
        return f"{before} {clause[match.end() :]}"
    return None


def _bare(words: list[str]) -> Wish | None:
    """Wrong number. Stop: a stop in a clause of its own beside something that tells of what."""
    clauses = [" ".join(clause) for clause in _clauses(words)]
    asked = [clause for clause in clauses if _NO_MORE_ASKING.fullmatch(clause)]
    rest = [clause for clause in clauses if not _BARE.fullmatch(clause) and clause not in asked]
    told = any(_VEXED.search(clause) for clause in rest) or (asked and _refuses(rest))
    if len(rest) == len(clauses) or not rest or not told:
        return None
    joined = f" {tokens.BREAK} ".join(rest)
    return Wish(tuple(joined.split()))


def _refuses(clauses: list[str]) -> bool:
    """Is a no told, and nothing that agrees or jokes?"""
    joined = " ".join(clauses)
    return _REFUSES.search(joined) is not None and _AGREES.search(joined) is None


def _trimmed(words: list[str]) -> list[str]:
    """What is left of a clause; nothing, where it is only what belonged to the wish, and no ands at its ends."""
    if all(word in _COURTESIES | _JOINS for word in words):
        return []
    while words[-1] in _JOINS:
        words = words[:-1]
    while words[0] in _JOINS:
        words = words[1:]
    return words


_COURTESY_WORDS = (
    "please kindly ji kripya sir madam mujhe hame ab abhi again anymore dobara dubara phir fir se aage bhai"
    " yaar these this me us now or ye aap any more further future kindly my from your on number you to ko hi band"
    " bar baar thanks thank here wala do dena dijiye kijiye kar karo list ever bhi apne apni whatsapp i can could"
    " will we hum log sab itne aapke aapka mera mere koi are is it all the a so many too much bahut hain message"
    " दोबारा आगे से फिर koi hello hi namaste stop sandesh kitne messages ka 🙏 👍 👌 sorry"
)
_COURTESIES = frozenset(canonical(word) for word in _COURTESY_WORDS.split())


def _without_marks(words: list[str]) -> list[str]:
    """Nothing, where only marks are left."""
    while words and words[-1] == tokens.BREAK:
        words = words[:-1]
    return [
        word
        for place, word in enumerate(words)
        if word != tokens.BREAK or (place and words[place - 1] != word)
    ]
