"""Gujarati, Marathi, Punjabi and Tamil for the plain answers, by the Hindi or English word that does the same.

Data alone: ``words.py`` takes these spellings beside its own, ``phrases.py`` the phrases.
"""

from __future__ import annotations

SPELLINGS: dict[str, str] = {
    "haan": "હા ਹਾਂ ஆமாம் ஆம் aamam aamaa aama hoy",
    "ji": "જી ਜੀ",
    "no": "ના ਨਾ இல்லை illai ille",
    "nahi": "નહીં નહિ નથી ਨਹੀਂ ਨਹੀ नाही nathi",
    "hum": "અમે આપણે ame amhi aamhi आम्ही ਅਸੀਂ ਅਸੀ asi asin assi நாங்கள் நாங்க naanga naangal",
    "aayenge": "આવીશું આવશું avishu aavishu avishun aavisu avisu aavshu yeu yeuu येऊ yenar yenaar येणार"
    " ਆਵਾਂਗੇ ਆਵਾਂਗੀਆਂ aavange avange awange aawange aavaange",
    "varuvom": "varom vaarom varuven வருவோம் வரோம் வருவேன் வருகிறோம்",
    "aa": "આવી ਆ aavi avi",
    "sakenge": "શકીએ શકીશું શકું શકીશ sakiye shakiye sakishu shakishu shakish shaknar शकणार शकत shakat ਸਕਦੇ ਸਕਾਂਗੇ sakde"
    " sakange",
    "rahe": "ਰਹੇ ਰਹੀ",
    "hain": "છીએ છે chhiye che chhe आहोत आहे ahot aahot aahe ahe ਹਾਂਗੇ ਹੈ ਹਨ",
    "pakka": "નક્કી ચોક્કસ chokkas nakki naki नक्की नक्कि ਪੱਕਾ",
    "zaroor": "જરૂર ਜ਼ਰੂਰ ਜਰੂਰ கண்டிப்பாக கண்டிப்பா kandippa kandipa kandippaa kandippaga",
    "shayad": "કદાચ kadach kadachit कदाचित ਸ਼ਾਇਦ ਸ਼ਾਯਦ",
    "members": "જણ જણા લોકો माणसे माणसं जण जणं ਜਣੇ ਜੀਅ ਬੰਦੇ ਲੋਕ bande பேர் நபர்கள் பேரும்",
    "dhanyavad": "આભાર aabhaar ધન્યવાદ ਧੰਨਵਾਦ நன்றி nandri",
    "maaf": "માફ ਮਾਫ",
    "sorry": "સોરી ਸੌਰੀ மன்னிக்கவும் mannikkavum",
    "sab": "બધા badha sagle सगळे ਸਾਰੇ எல்லோரும் ellorum ellarum",
    "badhai": "અભિનંદન abhinandan अभिनंदन ਵਧਾਈਆਂ ਵਧਾਈ வாழ்த்துக்கள் vazhthukkal vaazhthukkal",
}
"""Canonical word: its spellings in the four languages, split at blanks."""

NUMBERS: tuple[tuple[int, str], ...] = (
    (1, "એક ਇੱਕ ஒன்று ஒருவர் oruvar onnu"),
    (2, "બે दोन ਦੋ இரண்டு ரெண்டு rendu irandu"),
    (3, "ત્રણ tran ਤਿੰਨ மூன்று மூணு moonu moondru"),
    (4, "ચાર ਚਾਰ நான்கு நாலு naalu nalu naangu"),
    (5, "પાંચ पाच ਪੰਜ panj ஐந்து அஞ்சு anju ainthu"),
    (6, "છ सहा ਛੇ ஆறு aaru"),
)
"""Number words."""

ABLE = "aayenge sakenge|yeta aayenge|येता aayenge|yeta yet|येता येत"
"""Verb phrases that are only an answer when they are denied."""

PHRASES: dict[str, str] = {
    "COME": "varuvom",
    "STAY_AWAY": "mudiyathu|mudiyadhu|முடியாது|vara mudiyathu|vara mudiyadhu|vara mudiyaathu|vara mudiyala"
    "|varamudiyathu|வர முடியாது"
    "|வர முடியவில்லை|வர முடியல|varamaatom|vara maatom|வரமாட்டோம்|jamnar nahi|जमणार nahi",
    "MAYBE": "theriyala|theriyalai|தெரியவில்லை|தெரியல|paakalam|paakalaam|parkalam|பார்க்கலாம்|பாக்கலாம்"
    "|baghto|baghu|bagto|bagu|sangto|sangu|kalavto|बघतो|बघू|सांगतो|सांगू|कळवतो|बघतो सांगतो|pachi kahishu"
    "|kahishu|joishu|જોઈશું|કહીશું|dassange|dasange|ਦੱਸਾਂਗੇ|ਦੇਖਦੇ hain|dekhde hain",
    "FILL": "per|irukkom|இருக்கோம்|yethil|naan|நான்",
    "DANGER": "na varuvom|per head|per person|per people|per parivar|per day|aana|ஆனா|pan pan|जर तर|jar|jo to|je",
    "THANKS": "aashirvadam",
}
"""Phrases and what they do, by the name of the tag."""
