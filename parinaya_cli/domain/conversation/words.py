"""How words are spelt: canonical forms, verb forms and numbers. Data, and one function that looks them up.

Devanagari spellings are compared by their skeleton: without nukta, chandrabindu and anusvara, long vowel
signs as short ones, because guests write those as their keyboard offers them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from parinaya_cli.domain.conversation import regional

SPELLINGS: dict[str, str] = {
    "nahi": "nahin nahee nhi nai nahii nahien नहीं नही नहि",
    "haan": "hn hnji han haa haanji hanji haaji haji hanjee हां हाँ हा हांजी हाँजी",
    "ji": "jee g जी",
    "hum": "ham hm अम्ही humlog हम हमलोग",
    "main": "mai mein mei me mainey में मे मैं मै",
    "hamare": "humare hamara humara hamari humari हमारे हमारा हमारी",
    "hain": "hai h hoon hun hu hein है हैं हूं हूँ हो ho",
    "log": "logg logo logon loog लोग लोगों",
    "sab": "sb sabhi sabko sabi saare sare सब सभी सारे सारी",
    "aur": "और एवं",
    "lekin": "lakin magar kintu parantu par लेकिन मगर किन्तु परन्तु पर",
    "sirf": "sirff keval kewal bas सिर्फ केवल सिर्फ़ बस",
    "saath": "sath साथ",
    "bhi": "bhee भी",
    "toh": "tho तो",
    "ka": "ke ki liye का के की लिए",
    "dono": "donon दोनों दोनो",
    "akele": "akela akeli अकेला अकेले अकेली",
    "zaroor": "zarur jarur jaroor zaroorr jarror zrur ज़रूर जरूर जरुर",
    "pakka": "pkka pkk pakkaa paka पक्का",
    "bilkul": "bilkl blkul bilkool bilkull बिल्कुल बिलकुल",
    "avashya": "awashya avasya अवश्य",
    "shayad": "shayd sayad shaayad शायद",
    "baaki": "baki bakki baqi बाकी बाक़ी",
    "dhanyavad": "dhanyawad dhanyavaad dhanyawaad dhanyvad dhanywad धन्यवाद",
    "shukriya": "shukria sukriya शुक्रिया",
    "badhai": "badhaai badhaiyan badhaiyaan badhayi बधाई बधाइयां बधाईयां",
    "mubarak": "mubaarak मुबारक",
    "shubhkamnaye": "shubhkamna shubhkaamnayein shubhkamnayein शुभकामनाएं शुभकामना शुभकामनाएँ",
    "aashirwad": "ashirwad ashirvad aashirvad आशीर्वाद",
    "namaste": "namaskar namaskaar namastey pranam नमस्ते नमस्कार प्रणाम",
    "bahut": "bohot bahot bhot bohut बहुत",
    "maaf": "maf kshama maafi माफ क्षमा माफी",
    "kijiye": "kijiyega kare karein karen kariye karo karna kijie करें करो कीजिए कीजिये करिए करना कीजियेगा",
    "khed": "afsos dukh खेद अफसोस दुख",
    "kripya": "kripaya कृपया",
    "band": "bandh bnd बंद बन्द",
    "bhejo": "bhejna bheje bhejiye bhejen bhejein भेजो भेजें भेजना भेजिए भेजिये",
    "mat": "mt मत",
    "will": "wil vil vl ll",
    "we": "v",
    "are": "r",
    "and": "n",
    "is": "iss इस",
    "baar": "बार",
    "baad": "बाद",
    "sambhav": "संभव सम्भव",
    "mumkin": "मुमकिन",
    "name": "naam नाम",
    "na": "naa ना न",
    "sandesh": "message messages msg msgs mesage massage texts updates update sms notifications संदेश"
    " मैसेज मेसेज अपडेट",
    "shuru": "suru chalu chaalu शुरू शुरु चालू",
    "baat": "baath बात",
    "phone": "fone फोन फ़ोन call कॉल काल",
    "koshish": "kosis koshis kosish कोशिश",
    "puch": "pooch puchh poochh पूछ",
    "confirm": "कन्फर्म कंफर्म",
    "kar": "karke krke kr करके",
    "dekhkar": "dekhke देखकर देखके",
    "dekhenge": "dekhte dekhege देखते देखेंगे",
    "pata": "maloom पता मालूम",
    "tay": "decided तय",
    "kul": "total कुल टोटल",
    "milakar": "milake milaakar मिलाकर",
    "bade": "bare bde बड़े",
    "bachche": "bacche bachhe bache bachcha baccha bachha bachchey bachcho bacho बच्चे बच्चा बच्चों",
    "shakahari": "saakahari shakahaari शाकाहारी",
    "mansahari": "maansahari mansahaari मांसाहारी",
    "veg": "vegetarian vegetarians veggie vegitarian वेज",
    "nonveg": "nonvegetarian nonvegetarians नॉनवेज",
    "non": "नॉन नान",
    "jain": "jains जैन",
    "khana": "food meal meals thali bhojan khaana खाना भोजन diet diets",
    "parivar": "pariwar family families परिवार फैमिली फैमली saparivar sparivar सपरिवार",
    "karyakram": "karyakaram program programme programs function functions event events ceremony ceremonies"
    " rasm rasme karyakramon कार्यक्रम कार्यक्रमों फंक्शन रस्म रस्में प्रोग्राम functn fn",
    "chhodkar": "chodkar chhodke chodke छोड़कर छोड़के",
    "alawa": "siva sivay alava अलावा सिवा सिवाय",
    "khushi": "prasannata खुशी ख़ुशी",
    "nimantran": "nyota invitation invite invites invitations निमंत्रण न्योता आमंत्रण",
    "hazir": "haazir हाजिर हाज़िर",
    "upasthit": "upastith उपस्थित",
    "shamil": "shaamil samil शामिल सम्मिलित",
    "cannot": "cant can't",
    "willnot": "wont won't",
    "dont": "don't",
    "not": "isn't isnt aren't arent amnt",
    "check": "chk chck chek",
    "much": "mch",
    "with": "wid wth",
    "what": "wat wht",
    "dress": "drss dres",
    "coming": "comin cming comming cmng cuming attending atending attnding joining",
    "thanks": "thankyou thanku thankyu thanq thnku thankx thnkyou thnx thnks thx tnx thanx tysm ty tq थैंक्स थैंक",
    "please": "pls plz plss plzz pleas प्लीज",
    "be": "b",
    "come": "cm cum",
    "would": "wud wld",
    "you": "u yu",
    "sister": "sis",
    "yes": "yess yea yeah yep yup yepp यस येस y",
    "no": "nope nah नो",
    "ok": "okay okk okie k kk okey oky ओके",
    "definitely": "definately defenitely definitly surely certainly absolutely",
    "sorry": "sory sry apologies apologise apologize सॉरी सोरी",
    "congratulations": "congrats congo congratulation congrates",
    "people": "ppl peoples person persons pax peeps individuals seat seats nos",
    "members": "member membrs memb sadasya सदस्य सदस्यों व्यक्ति vyakti जन जने jane",
    "guests": "guest",
    "kids": "kid child children childrens baby babies infant infants toddler toddlers",
    "adults": "adult elders grownups",
    "including": "incl include includes inclusive",
    "except": "excluding",
    "unsubscribe": "unsub optout",
    "hello": "hey hii helo hlo",
    "aadmi": "admi aadmee आदमी",
    "abhi": "अभी",
    "keh": "kah कह bol बोल",
    "chahiye": "चाहिए chaiye chahie",
    "mujhe": "muje मुझे",
    "hame": "hamein humein hume हमें",
    "taraf": "तरफ",
    "hardik": "हार्दिक",
    "karni": "करनी",
    "pura": "poora पूरा",
    "jisme": "jismein jinme jinmein जिसमें जिनमें",
    "ye": "yeh यह ये",
    "patni": "पत्नी",
    "pati": "पति",
    "papa": "पापा abbu abba daddy pappa baba",
    "mummy": "मम्मी ammi ammu amma mumy mumma",
    "bhai": "भाई",
    "beti": "बेटी",
    "beta": "बेटा",
    "ko": "को",
    "din": "दिन",
    "tatha": "तथा व",
    "theek": "thik ठीक theak",
    "accha": "achha acha अच्छा",
    "aabhar": "abhar आभार",
    "khush": "खुश ख़ुश",
    "rakhe": "rakhein rakhen रखे रखें",
    "ishwar": "eeshwar ishvar ईश्वर",
    "bhagwan": "bhagvan भगवान",
    "jodi": "jodee जोड़ी",
    "ghar": "घर",
    "samay": "समय",
    "thoda": "thora thodi थोड़ा थोडा",
    "chhutti": "chutti chuti छुट्टी",
    "mili": "मिली",
    "tabiyat": "tabiyet tabyat tabeeyat तबीयत तबियत",
    "kharab": "khrab खराब ख़राब",
    "mushkil": "muskil mushkill मुश्किल",
    "plan": "प्लान",
    "change": "चेंज badal",
    "taiyar": "tayar tayyar तैयार",
    "sundar": "sunder सुंदर सुन्दर",
    "card": "कार्ड patrika पत्रिका",
    "mil": "मिल",
    "gaya": "gya गया",
    "bhaiya": "bhaiyya भैया",
    "didi": "दीदी",
    "uncle": "अंकल unkle",
    "aunty": "auntie आंटी",
    "sahab": "saheb साहब",
    "soch": "सोच",
    "dekh": "देख",
    "boliye": "bolie बोलिए बोलिये",
    "bolo": "बोलो",
    "bataiye": "bataie bataiyega बताइए बताइये",
    "batao": "बताओ",
    "puri": "poori पूरी",
    "pehle": "pahle पहले",
    "shubh": "शुभ",
    "dil": "दिल",
    "milenge": "मिलेंगे",
    "office": "ऑफिस aafis",
    "hoga": "होगा होगी hogi",
    "hospital": "aspatal अस्पताल",
    "var": "वर",
    "vadhu": "वधू vadhoo",
    "kya": "क्या",
    "puchna": "poochna puchhna पूछना",
    "aarahe": "aarhe aarhi aaraha aarahi aarha arahe aarahey",
    "kyun": "kyu kyon kyo kyoon क्यों",
    "agar": "अगर यदि yadi",
    "ya": "या",
    "bata": "बता",
    "kal": "कल",
    "wo": "woh वो वह",
    "bina": "bagair बिना",
    "koi": "कोई",
    "aap": "आप",
    "roko": "rokein रोको रोकें",
    "number": "नंबर nambar",
    "shuddh": "शुद्ध",
    "kab": "कब",
    "kahan": "kaha कहां कहाँ",
    "dijiye": "dijie dijiyega दीजिए दीजिये",
    "mera": "meri mere मेरा मेरी मेरे",
    "apne": "apni apna अपने अपनी",
    "aapke": "aapki aapka apke apki आपके आपकी आपका",
}
"""Canonical word: its other spellings, split at blanks."""


VERBS: tuple[tuple[str, str], ...] = (
    (r"a{1,2}(?:[yi]?e+n|yn|[yi]e+)g(?:e|ey|ay|ein)|a{1,2}[yi]e+ngi|a{1,2}e+ge", "aayenge"),
    (r"a{1,2}(?:o?u|oo)n?g[ai]", "aayenge"),
    (r"a{1,2}[yi]?e+g[ai]", "aayega"),
    (r"pa{1,2}(?:[yi]?e+n?|yn)g(?:e|ey|ay)|pa{1,2}[yi]?e+ngi|pa{1,2}(?:o?u|oo)n?g[ai]", "payenge"),
    (r"pa{1,2}[yi]?e+g[ai]", "payega"),
    (r"ja{1,2}(?:[yi]?e+n?|yn)g(?:e|ey)|ja{1,2}(?:o?u|oo)n?g[ai]", "jayenge"),
    (r"ja{1,2}[yi]?e+g[ai]", "jayega"),
    (r"bata+(?:(?:ye+|e)?n?ge|[ou]+n?g[ai]|t[aei])", "batayenge"),
    (r"kare+n?ge|karung[ai]|karoong[ai]", "karenge"),
    (r"kart[aei]|krt[aei]", "karte"),
    (r"pah?un?ch?e+n?ge|pohunche?nge", "pahunchenge"),
    (r"sak(?:t[eaiy]|enge|unga|ungi|ege)|skt[eai]", "sakenge"),
    (r"rahe|rahi|raha|rhe|rha|rhi", "rahe"),
    (r"rahenge|rhenge|rahung[ai]", "rahenge"),
    (r"honge|hoenge|hoo?ung[ai]", "honge"),
    (r"aana|ana|आना", "aana"),
    (r"wale|vale|waale|वाले", "wale"),
    (r"aane|ane|आने", "aane"),
    (r"आ(?:ए|ये|ऐ)गे|आउग[ाि]", "aayenge"),
    (r"आ(?:ए|ये)ग[ाि]", "aayega"),
    (r"पा(?:ए|ये|ऐ)गे|पाउग[ाि]", "payenge"),
    (r"पा(?:ए|ये)ग[ाि]", "payega"),
    (r"जा(?:ए|ये)गे|जाउग[ाि]", "jayenge"),
    (r"करेगे|करुग[ाि]", "karenge"),
    (r"पहुचेगे", "pahunchenge"),
    (r"बता(?:एगे|येगे|उग[ाि]|त[ेाि])", "batayenge"),
    (r"पहुच", "pahunch"),
    (r"सक(?:ते|ता|ति|ेगे|ुगा|ुगि)", "sakenge"),
    (r"रह[ेाि]", "rahe"),
    (r"रहेगे|रहुग[ाि]", "rahenge"),
    (r"होगे|होउग[ाि]", "honge"),
    (r"आ", "aa"),
    (r"कर", "kar"),
)
"""Patterns of verb forms (of the skeleton, in Devanagari), matched against the whole word; canonical form."""

_NUMBER_WORDS = (
    "one ek एक",
    "two दो",
    "three तीन",
    "four char chaar चार",
    "five panch paanch पांच",
    "six chhe chhah छह छः छे",
    "seven saat सात",
    "eight aath आठ",
    "nine nau नौ",
    "ten das dus दस",
    "eleven gyarah ग्यारह",
    "twelve barah baarah बारह",
    "thirteen terah तेरह",
    "fourteen chaudah चौदह",
    "fifteen pandrah पंद्रह",
)

HINDI_ONLY_NUMBERS: dict[str, int] = {"do": 2, "teen": 3}
"""Numbers that are other words in English: taken only where a number is expected."""

ALL_OF_US: dict[str, int] = {
    **dict.fromkeys(("teeno", "teenon", "तिनो"), 3),
    **dict.fromkeys(("charo", "chaaro", "chaaron", "चारो"), 4),
    **dict.fromkeys(("pancho", "panchon", "paancho", "paanchon", "पाचो"), 5),
}
"""Behind "hum" the number of people; else it may be that of the events."""

_LONG_VOWELS = str.maketrans({"ी": "ि", "ू": "ु", "ई": "इ", "ऊ": "उ", "ँ": None, "ं": None, "़": None})


def skeleton(word: str) -> str:
    """A word without the marks that guests write or leave out as they please; Latin words are unchanged."""
    return unicodedata.normalize("NFC", word).translate(_LONG_VOWELS)


_CANONICAL = {
    skeleton(spelling): word
    for word, spellings in [*regional.SPELLINGS.items(), *SPELLINGS.items()]
    for spelling in (word, *spellings.split())
}
NUMBERS: dict[str, int] = {
    skeleton(word): value
    for value, words in [*enumerate(_NUMBER_WORDS, start=1), *regional.NUMBERS]
    for word in words.split()
}
"""Number words, by their skeleton."""

_VERBS = tuple((re.compile(pattern), word) for pattern, word in VERBS)


@lru_cache(maxsize=4096)
def canonical(word: str) -> str:
    """The canonical form of a word in lower case; a word that is not in the lists is its own form."""
    bare = skeleton(word)
    if bare in _CANONICAL:
        return _CANONICAL[bare]
    for pattern, form in _VERBS:
        if pattern.fullmatch(bare):
            return form
    return bare
