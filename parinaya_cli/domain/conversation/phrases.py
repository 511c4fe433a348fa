"""What words and phrases do in a sentence about an invitation: data, and the table made from it.

A phrase that is not here is unknown, and no answer is recorded from a message with an unknown word in it.
"""

from __future__ import annotations

from enum import Enum, auto

from parinaya_cli.domain.conversation import idioms, regional, sayings
from parinaya_cli.domain.conversation.words import canonical


class Tag(Enum):
    """What a word or phrase does in a sentence about an invitation."""

    FILL = auto()  # carries nothing: pronouns, articles, courtesies
    SAD = auto()  # sorry, travelling: agrees with a no, not with a yes
    NOW = auto()  # now: things have changed, so that "sorry, we can come now" is a yes
    UNKNOWN = auto()  # not in the lexicon
    DANGER = auto()  # known to turn a sentence round: if, or, after
    YES = auto()
    NO = auto()
    NEG = auto()  # cannot, will not: denies the verb that follows, or is a no by itself
    NOT = auto()  # not: denies the verb or the event that follows
    NAHI = auto()  # nahi: a no by itself, or denies the verb beside it
    COME = auto()  # says by itself that they come
    STAY_AWAY = auto()  # says by itself that they do not come
    WILL = auto()
    VERB = auto()
    MAYBE = auto()
    THANKS = auto()
    ACK = auto()  # ok, a thumb: heard, which is not yet an answer
    HUMAN = auto()
    STOP = auto()
    START = auto()
    SERVICE = auto()  # message, updates: what is stopped
    NUM = auto()
    HEADS = auto()
    ADULT = auto()
    CHILD = auto()
    DIET = auto()
    INCLUDING = auto()
    SOLO = auto()
    DUO = auto()
    RELATION = auto()
    EVENT = auto()
    FUNCTION = auto()  # event, ceremony: any of them
    ONLY = auto()
    EXCEPT = auto()
    EXCEPT_AFTER = auto()  # chhodkar: stands behind its event
    ALL = auto()
    ALL_EVENTS = auto()
    REST = auto()
    BOTH = auto()
    AT = auto()  # prepositions that make a time of the number that follows
    REASON = auto()  # what follows says why
    KO = auto()  # makes a date of the number before it
    BUT = auto()
    AND = auto()
    BREAK = auto()
    COMMA = auto()
    DASH = auto()
    QUESTION = auto()


_COMING = (
    "aayenge|aa rahe|aa jayenge|aa payenge|aane wale|pahunchenge|pahunch jayenge|pahunch payenge|shamil honge"
    "|shamil ho payenge|shamil rahenge|hazir honge|hazir rahenge|upasthit honge|upasthit rahenge"
    "|upasthit ho payenge|attend karenge|attend kar payenge|attend kar rahe|join karenge|join kar payenge"
    "|join kar rahe|aana pakka|aana pakka hain"
)
_ABLE = (
    "aa sakenge|aana|ho payenge|ho payega|aana ho payega|aana possible|aana mumkin|aana sambhav"
    "|sambhav ho payega|possible|sambhav|mumkin|attend kar sakenge|join kar sakenge|pahunch sakenge"
    "|shamil ho sakenge|aana ho payenge"
)
_ONE_OF_US = "aayega|aa payega|aa sakega|aa jayega"


_PHRASES: dict[Tag, str] = {
    Tag.FILL: "yaar|ho gaye|ho gaye hain|gaye|ghar|abhi|sunkar|super excited|super|welcome|"
    "most welcome|regards|warm regards|best regards|with regards|love|life|"
    "the new couple|new couple|actually|"
    "happy for you|so happy for you|happy for you all|so happy for you all|so happy for you both|"
    "is baar|this time|"
    "saath|ka saath|pleasure|great pleasure|with great pleasure|"
    "we|i|us|our|my|am|are|is|be|the|a|an|of|it|its|this|there|here|also|too|very|much|so"
    "|really|im|looking forward|looking forward to it|looking forward to|cannot wait|excited|happy|glad"
    "|great|good|lovely|nice|wonderful|hello|hi|namaste|dear|sir|madam|mam|maam|please|kindly|kripya|from"
    "|side|our side|from our side|hum|hum log|main|mujhe|hame|hamari taraf se|toh|to|bhi|ji|ka|hain"
    "|hamare|apne|aapke|inviting|for asking|for inviting us|for the nimantran|nimantran|couple|the couple"
    "|to the couple|newlyweds|rsvp|see you|see you there|see you soon|see you all|bahut|khushi|khushi se"
    "|dil se|khushi hui|kul|milakar|milakar kul|in all|in total|altogether|khana|well|as well|with"
    "|my pleasure|our pleasure|no problem|no issues|no issue|no worries|koi baat nahi|hongi|honge|for"
    "|cannot wait to see you|cannot wait to see you all|so much|once again|the day|big day"
    "|on your big day|mera|taraf|ki taraf se|gladly|happily|for having us|for calling us"
    "|for remembering us|for thinking of us|you are welcome|will see you|will see you there"
    "|will see you all|will see you soon",
    Tag.NOW: "change to|change it to|please change to|increase to|reduce to|make that|change of plan|"
    "change of plans|ab|now|अब",
    Tag.SAD: "travelling|traveling|travelling then|travelling that week|traveling that week|out of town"
    "|out of station|out of town that week|out of country|abroad then|busy that day|not in town|"
    "sorry|so sorry|very sorry|really sorry|unfortunately|regret|regrets|with regret|maaf kijiye"
    "|maaf|khed|sadly|regretfully|maaf kar",
    Tag.REASON: "due to|because|because of|bcoz|coz|kyunki|since|as",
    Tag.DANGER: "kyun|kyon|क्यों|kaise|कैसे|miss|doubt|sawal|wouldn't|wouldnt|didn't|didnt|couldn't|couldnt|"
    "plus|approx|max|minimum|atleast|at least|ab nahi|not now|hum do hamare do|"
    "hum दो hamare दो|"
    "haan haan haan|ha ha|"
    ""
    "can we|can i|shall we|shall i|will we|will i|are we|am i|do we|is it|is there|can my"
    "|can he|will my|if|agar|or|ya|unless|may|could|would|should|he|she|they|aap|tum|wo|ve|kya|kab"
    "|kahan|kaun|kitne|kitna|what|when|where|which|who|how|why|after|before|until|till|though not"
    "|no one|nobody|someone|koi|any|baad|date|else|instead|yet"
    "|bata|haan haan nahi|nahi nahi|never|dont|aa sakenge|possible|sambhav|mumkin"
    "|aana|ho payega|ho payenge|if possible|not only|not just|not all|not both|no need"
    "|why not|some|few|half|either|neither|nor|without|bina|did|was|were|had|went|came|call off|abhi nahi"
    "|chahiye",
    Tag.YES: "ha|ha ji|"
    "yes|haan|ji haan|sure|for sure|definitely|of course|pakka|zaroor|bilkul|avashya|confirmed"
    "|confirm hain|confirm hum|we confirm|i confirm|accept|accepted|we accept|i accept|happily accept"
    "|gladly accept|most definitely|ya sure|yes sure|yes please|ji bilkul|ji zaroor|100 percent yes"
    "|haan ji|haan bilkul",
    Tag.NO: "no|no thanks|no thank you",
    Tag.NEG: "cannot|can not|willnot|will not|unable|unable to|not able to|cannot be able to|shall not"
    "|not be able to|not going to|not able",
    Tag.NOT: "not",
    Tag.NAHI: "nahi",
    Tag.COME: "coming|be coming|aayega|we are in|i am in|count us in|count me in|count on us"
    "|willnot miss it|willnot miss|will not miss it|will not miss|wouldn't miss it|wouldnt miss it"
    "|would not miss it|willnot miss it for the world|wouldn't miss it for the world"
    "|wouldnt miss it for the world",
    Tag.STAY_AWAY: "not this time|will skip|skip|skipping|will have to skip|nahi is baar|"
    "decline|we decline|have to decline|must decline|regretfully decline|"
    "need to decline"
    "|count us out|count me out|have to miss|have to miss it|not possible|not possible to come"
    "|not possible to attend|not possible for us|willnot be possible|will not be possible|is not possible"
    "|definitely not|give it a miss|have to skip|have to give it a miss",
    Tag.WILL: "would love to|we'd love to|i'd love to|love to|would be happy to|would be glad to|"
    "would be delighted to|would be honoured to|"
    "would like to|will|shall|can|able to|be able to|going to|happy to|glad to|delighted to|pleased to"
    "|honoured to|be happy to|be glad to|be delighted to|definitely be",
    Tag.VERB: "come|attend|join|be there|be here|make it|make|be present|participate|be with you"
    "|be part of|be a part of|be in attendance|be in attendence|join you|come over|attend it",
    Tag.MAYBE: "confirm kar batayenge|confirm kar ka batayenge|baat kar batayenge|baat kar ka batayenge|"
    "ghar main baat kar batayenge|ghar main baat kar ka batayenge|puch kar batayenge"
    "|ghar par puch kar batayenge|"
    "ghar main puch ka batayenge|ghar par puch ka batayenge|abhi final nahi|final nahi|doubtful|need some time|"
    "give me some time|need time|need more time|will discuss and let you know|will discuss|probably yes|"
    "discuss kar batayenge|"
    "will confirm|will confirm soon|will confirm later|will confirm tomorrow|will confirm kal|"
    "will confirm by tomorrow|will confirm you|will confirm shortly|confirm karenge|kal confirm karenge|"
    "baad main confirm karenge|will let you know|will let you know soon|will let you know later|"
    "will let you know tomorrow|will let you know by tomorrow|will tell you later|batayenge|kal batayenge|"
    "baad main batayenge|soch ka batayenge|dekh ka batayenge|dekhkar batayenge|puch ka batayenge|"
    "let me check|let me check and get back|let me check and confirm|will check and confirm|will revert|"
    "will get back|will get back to you|waiting for leave|depends on leave|aane ka koshish karenge|"
    "koshish karenge aane ka|try karenge|try karenge aane ka|aane ka try karenge|tentatively|"
    "fifty fifty|maybe|may be|perhaps|probably|possibly|shayad|not sure|not so sure|not very sure"
    "|not sure yet|not sure if|not sure if we|not sure now|not sure right now|not sure about|not certain"
    "|not yet sure|not yet tay|not tay|not tay yet|not confirmed|not confirmed yet|not yet confirmed"
    "|cannot say|cannot say yet|cannot say now|cannot say right now|cannot confirm|cannot confirm yet"
    "|cannot confirm now|cannot confirm right now|cannot say for sure|cannot commit|undecided|tentative"
    "|will try|will try to|will try our best|will try my best|will try our best to|will try my best to"
    "|trying to|try to|try our best to|try our best|try my best|koshish karenge|koshish rahegi"
    "|poori koshish karenge|might|might be able to|might not|may come|may attend|may join|may not"
    "|may not be able to|may or may not|dekhenge|dekhenge abhi|abhi dekhenge|lets see|let's see|will see"
    "|let us see|pata nahi|abhi pata nahi|pakka nahi|abhi pakka nahi|confirm nahi|abhi confirm nahi"
    "|confirmed nahi|keh nahi sakenge|nahi keh sakenge|tay nahi|abhi tay nahi|not 100 sure"
    "|abhi keh nahi sakenge|havent tay yet|haven't tay yet|haven't tay|havent tay|still not sure"
    "|we'll see|abhi nahi keh sakenge",
    Tag.THANKS: "happy married life|wish you|wish them|wishing you|wishing them|wishing you both|"
    "many many congratulations|many congratulations|lots of love|lots of blessings|love and blessings|"
    "blessings to the couple|blessings to both|god bless the new couple|god bless you both|god bless all|"
    "khush raho|sada khush raho|best wishes to both|all the very best|aap sab badhai|"
    "aap sab ko badhai|aap dono badhai|aap dono ko badhai|"
    "thanks|thank you|thank u|many thanks|dhanyavad|shukriya|aabhar|congratulations|badhai"
    "|badhai ho|mubarak|mubarak ho|shubhkamnaye|aashirwad|god bless|god bless you|god bless them"
    "|god bless the couple|best wishes|blessings|bless you|thank you so much|thanks a lot|thanks for"
    "|bahut badhai|hardik badhai|🙏|stay blessed|god bless both|all the best|thank you for informing"
    "|thanks for the sandesh|bless them|hardik shubhkamnaye",
    Tag.ACK: "ok|👍|theek hain|theek|noted|fine|accha|👌|cool|got it|done|✅",
    Tag.HUMAN: "phone kijiye|phone me|please phone|give me a phone|phone back|phone us|can you phone"
    "|can someone phone|want to talk|need to talk|talk to|speak to|speak with|talk with|want to speak"
    "|need to speak|human|real person|agent|representative|baat karni|baat karna|baat karni hain"
    "|baat karwao|baat kara|baat kar sakenge|contact person|someone from the parivar|customer care"
    "|operator|phone number|contact number|phone kar do|phone kar lo|phone kar dijiye|talk to someone"
    "|number do|number dijiye|phone kar दो",
    Tag.STOP: "stop|unsubscribe|opt out|opt me out|opting out|band|band kijiye|band kar do"
    "|band kar dijiye|band kardo|quit|stop all|mat bhejo|sandesh mat bhejo|sandesh mat kijiye"
    "|sandesh na bhejo|dont send|do not send|dont sandesh|do not sandesh|dont text|do not text"
    "|dont contact|do not contact|no more sandesh|remove me|remove my number|stop it|sandesh nahi chahiye"
    "|nahi chahiye sandesh|stop sending|dont want sandesh|do not want sandesh|dont send me"
    "|dont want any sandesh|roko|band kar दो|sandesh band|sandesh band kijiye|sandesh band kar दो"
    "|sandesh band kar do|sandesh band kar dijiye",
    Tag.START: "start|restart|shuru|shuru kijiye|shuru kar do|unstop|subscribe|resubscribe|opt in|opt me in"
    "|resume|shuru kar दो",
    Tag.SERVICE: "sandesh",
    Tag.HEADS: "people|log|members|guests|heads|head|of us|aadmi|aadmi log|parivar members|persons total"
    "|headcount|head count",
    Tag.ADULT: "adults|bade|gents|ladies|men|women|gent|lady|grown ups",
    Tag.CHILD: "kids|bachche",
    Tag.DIET: "veg|shakahari|pure veg|nonveg|non veg|mansahari|jain|vegan|शुद्ध शाकाहारी",
    Tag.INCLUDING: "including|jisme",
    Tag.SOLO: "just me|only me|just i|only i|me only|sirf main|main sirf|main akele|akele|alone|i alone"
    "|by myself|myself only|just myself|only myself",
    Tag.DUO: "me and my wife|me and wife|i and my wife|my wife and i|my wife and me|wife and me|wife and i|"
    "me and my husband|me and husband|i and my husband|my husband and i|my husband and me|husband and me|"
    "husband and i|myself and my wife|myself and my husband|myself and wife|myself and husband|"
    "me and hubby|main aur wife|main aur patni|main aur pati|main aur husband|main aur meri wife|"
    "main aur meri patni|main aur mere pati|hum pati patni|hum husband wife|hum miya biwi|"
    "hum dono|we both|both of us|we two|the two of us|two of us|us both|pati patni dono",
    Tag.RELATION: "bhai|parivar|with parivar|full parivar|whole parivar|pura parivar|wife|husband|papa|mummy"
    "|mom|dad|mother|father|mata|pita|son|daughter|beta|beti|brother|sister|bhabhi|uncle|aunty|auntie"
    "|parents|pati|patni|bhaiya|didi|dadi|dada|nana|nani|in laws|maa|mataji|pitaji|माताजी|पिताजी|बहन"
    "|bhaiyya|chacha|chachi|mama|mami|masi|entire parivar|grandparents",
    Tag.FUNCTION: "karyakram|the karyakram|day|days|din",
    Tag.ONLY: "only|just|sirf|ही",
    Tag.EXCEPT: "except|except for|apart from|other than|minus|barring",
    Tag.EXCEPT_AFTER: "chhod ka|ko chhod ka|chod ka|ko chod ka|छोड़ ka|ko छोड़ ka|छोड़ ko|chhodkar|"
    "ko chhodkar|ka alawa|chhod kar|chod kar|छोड़ kar|ko छोड़ kar|alawa"
    "|ko chhod kar",
    Tag.ALL: "all|sab|everyone|everybody|sab log|hum sab|hum sab log|all of us|we all|us all",
    Tag.ALL_EVENTS: "all karyakram|all the karyakram|all of the karyakram|everything|sab karyakram"
    "|sab main|every karyakram|all days|all the days|har karyakram|sab karyakram main|all of them"
    "|sab karyakramo main|all three karyakram",
    Tag.REST: "rest|the rest|rest of the karyakram|the rest of the karyakram|rest all|all the rest|baaki"
    "|baaki sab|baaki sab main|others|the others|other karyakram|the other karyakram|all other karyakram"
    "|remaining|the remaining|baaki karyakram|baaki sab karyakram|everything else|all others"
    "|all the others|rest of them|remaining karyakram|rest of all",
    Tag.BOTH: "both|dono|both karyakram|both the karyakram|dono karyakram|dono main|dono karyakram main",
    Tag.AT: "in|on|at|by|around|about",
    Tag.KO: "ko",
    Tag.BUT: "but|lekin|however|but not able|although|though|whereas",
    Tag.AND: "and|aur|n|tatha",
}

_SERVICE_WORDS = (
    "please kindly kripya ji sir madam the a it this these ye all sab any more again me us my your you to"
    " from in on at of for and now immediately abhi whatsapp list number mujhe hame bhai future sandesh"
    " sending receiving getting anymore once right thanks yaar bhaiya didi sirji messaging"
    " texting spamming pls bar baar"
    " karo kijiye karna ye yeh bro boss hello hi namaste par pe these those kindly"
    " whatsapping disturbing wapas vapas phir fir phirse firse dobara dubara वापस फिर दोबारा back again se dena"
    " dijiye bhejna ise"
)
SERVICE_WORDS = frozenset(canonical(word) for word in _SERVICE_WORDS.split())
"""What may stand beside STOP or START without making another sentence of it."""

DIETS: dict[str, str] = {
    "veg": "veg",
    "shakahari": "veg",
    "pure veg": "veg",
    "shuddh shakahari": "veg",
    "nonveg": "non-veg",
    "non veg": "non-veg",
    "mansahari": "non-veg",
    "jain": "jain",
    "vegan": "vegan",
}
"""Words of the diets that are counted, and the names they are kept under."""


def _denied(phrases: str) -> set[str]:
    """Every way to put ``nahi`` before, into or behind a Hindi verb phrase."""
    found: set[str] = set()
    for phrase in phrases.split("|"):
        words = phrase.split()
        for place in range(len(words) + 1):
            found.add(" ".join([*words[:place], "nahi", *words[place:]]))
    return found


def _table() -> dict[tuple[str, ...], Tag]:
    phrases = _listed(idioms.IDIOMS) + _listed(regional.PHRASES)
    phrases += [(phrase, tag) for tag, listed in _PHRASES.items() for phrase in listed.split("|")]
    phrases += [(phrase, Tag.COME) for phrase in _COMING.split("|")]
    phrases += [
        (phrase, Tag.STAY_AWAY) for phrase in sorted(_denied(_COMING) | _denied(f"{_ABLE}|{regional.ABLE}"))
    ]
    phrases += [
        (f"ab {phrase}", Tag.STAY_AWAY)
        for phrase in sorted(_denied(_COMING) | _denied(f"{_ABLE}|{regional.ABLE}"))
    ]
    phrases += [(phrase, Tag.DANGER) for phrase in sorted(_denied(_ONE_OF_US))]
    phrases += _listed(sayings.SAYINGS) + _listed(sayings.HINTED)
    return {_words(phrase): tag for phrase, tag in phrases}


def _listed(table: dict[str, str]) -> list[tuple[str, Tag]]:
    return [(phrase, Tag[name]) for name, listed in table.items() for phrase in listed.split("|")]


def _words(phrase: str) -> tuple[str, ...]:
    return tuple(canonical(word) for word in phrase.split())


TABLE: dict[tuple[str, ...], Tag] = _table()
"""Canonical words of a phrase: what it does."""

HINTS = frozenset(_words(phrase) for phrase, _ in _listed(sayings.HINTED))
"""Canonical words of the phrases after which nothing is certain."""

LONGEST = max(len(phrase) for phrase in TABLE)
"""Words in the longest phrase."""
