"""Gujarati, Marathi, Punjabi and Tamil for the plain answers, by the Hindi or English word that does the same.

Data alone: ``words.py`` takes these spellings beside its own, ``phrases.py`` the phrases.
"""

from __future__ import annotations

SPELLINGS: dict[str, str] = {
    "asbo": "aasbo ashbo আসব আসবো আসছি aschi asbe jabo যাব যাবো",
    "vastamu": "vastam vasthamu vastham vasthaamu vastunnam vasthunnam vastunnamu vasthunnamu వస్తాము"
    " వస్తాం వస్తున్నాం వస్తున్నాము",
    "barthivi": "bartivi bartheevi barteve bartheve baruttheve baruttev barthini ಬರುತ್ತೇವೆ ಬರ್ತೀವಿ ಬರ್ತೇವೆ ಬರ್ತಿದ್ದೇವೆ",
    "varum": "varam varunnund വരും വരാം വരുന്നുണ്ട്",
    "haan": "hyan hyaan হ্যাঁ avunu avunandi అవును houdu haudu ಹೌದು athe അതെ હા ਹਾਂ ஆமாம் ஆம் aamam aamaa aama hoy",
    "ji": "જી ਜੀ",
    "no": "ના ਨਾ இல்லை illai ille",
    "nahi": "નહીં નહિ નથી ਨਹੀਂ ਨਹੀ नाही nathi",
    "hum": "amra ami আমরা আমি memu manam nenu మేము మనం నేను naavu naanu ನಾವು ನಾನು njangal njan ഞങ്ങൾ"
    " ഞാൻ અમે આપણે ame amhi aamhi आम्ही ਅਸੀਂ ਅਸੀ asi asin assi நாங்கள் நாங்க naanga naangal",
    "aayenge": "આવીશું આવશું avishu aavishu avishun aavisu avisu aavshu yeu yeuu येऊ yenar yenaar येणार"
    " ਆਵਾਂਗੇ ਆਵਾਂਗੀਆਂ aavange avange awange aawange aavaange",
    "varuvom": "varom vaarom varuven வருவோம் வரோம் வருவேன் வருகிறோம்",
    "aa": "આવી ਆ aavi avi",
    "sakenge": "શકીએ શકીશું શકું શકીશ sakiye shakiye sakishu shakishu shakish shaknar શકાય shakay शकणार शकत"
    " shakat"
    " ਸਕਦੇ ਸਕਾਂਗੇ sakde"
    " sakange",
    "rahe": "ਰਹੇ ਰਹੀ",
    "hain": "છીએ છે chhiye che आहोत आहे ahot aahot aahe ahe ਹਾਂਗੇ ਹੈ ਹਨ",
    "pakka": "nischoi nishchoi nischoy obossoi oboshyoi নিশ্চয়ই অবশ্যই tappakunda thappakunda"
    " తప్పకుండా khandita khanditha ಖಂಡಿತ theerchayayum urappayum തീർച്ചയായും નક્કી ચોક્કસ"
    " chokkas nakki naki नक्की नक्कि ਪੱਕਾ",
    "zaroor": "જરૂર ਜ਼ਰੂਰ ਜਰੂਰ கண்டிப்பாக கண்டிப்பா kandippa kandipa kandippaa kandippaga",
    "shayad": "કદાચ kadach kadachit कदाचित ਸ਼ਾਇਦ ਸ਼ਾਯਦ",
    "members": "জন mandi మంది ಜನ പേർ જણ જણા લોકો माणसे माणसं जण जणं ਜਣੇ ਜੀਅ ਬੰਦੇ ਲੋਕ bande பேர் நபர்கள் பேரும்",
    "dhanyavad": "dhonnobad ধন্যবাদ dhanyavadalu ధన్యవాదాలు dhanyavadagalu ಧನ್ಯವಾದ nanni നന്ദി આભાર"
    " aabhaar ધન્યવાદ ਧੰਨਵਾਦ நன்றி nandri",
    "maaf": "માફ ਮਾਫ",
    "sirf": "ફક્ત fakt faqt phakta फक्त matrame matram మాత్రమే মাত্র শুধু shudhu sudhu மட்டும் mattum ಮಾತ್ರ ਸਿਰਫ",
    "sorry": "సారీ క్షమించండి ক্ষমা ಕ್ಷಮಿಸಿ ക്ഷമിക്കണം kshaminchandi kshamisi સોરી ਸੌਰੀ மன்னிக்கவும் mannikkavum",
    "sab": "બધા badha sagle सगळे ਸਾਰੇ எல்லோரும் ellorum ellarum",
    "badhai": "subhechha shubhechha subhecha shubhechchha শুভেচ্ছা অভিনন্দন subhakankshalu"
    " shubhakankshalu శుభాకాంక్షలు abhinandanalu ashamsakal ashamsakal shubhashayagalu"
    " vadhaiyan vadhaiyaan vadhai અભિનંદન abhinandan अभिनंदन ਵਧਾਈਆਂ ਵਧਾਈ வாழ்த்துக்கள்"
    " vazhthukkal vaazhthukkal",
}
"""Canonical word: its spellings in the four languages, split at blanks."""

NUMBERS: tuple[tuple[int, str], ...] = (
    (2, "দুই duijon iddaram iddaru ఇద్దరం ఇద్దరు randu రెండు രണ്ട്"),
    (3, "তিন mugguru ముగ్గురు ముగ్గురం mooru മൂന്ന് tighe tighejan तिघे"),
    (4, "চার naluguru nalugure నలుగురు naalku നാല് chaughe चौघे"),
    (5, "পাঁচ aiduguru అయిదుగురు aidu അഞ്ച് pachjan"),
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
    "COME": "varuvom|asbo|vastamu|barthivi|varum|aaviye hain|aaviye|avi rahe hain",
    "STAY_AWAY": "asbo na|aste parbo na|aste parbona|ashte parbo na|parbo na|jete parbo na|asa hobe na"
    "|আসতে পারব na|আসতে পারবো না|আসতে পারব না|asbo না|raalemu|ralemu|raalem|ralem"
    "|raalekapotunnam|raalekapotunnamu|ralekapothunnam|రాలేకపోతున్నాం|రాలేకపోతున్నాము|రాలేకపోతున్నాను"
    "|రాలేము|రాలేం|raleka potunnam|baralla|barolla|baralaagalla|baroke agalla"
    "|barokke agalla|baralu agalla|ಬರಲ್ಲ|ಬರೋಕೆ ಆಗಲ್ಲ|ಬರಲು ಆಗುವುದಿಲ್ಲ|varan pattilla"
    "|varaan pattilla|varan kazhiyilla|varan sadhikkilla|varilla|വരാൻ പറ്റില്ല|വരില്ല"
    "|വരാൻ കഴിയില്ല|mudiyathu|mudiyadhu|முடியாது|vara mudiyathu|vara mudiyadhu"
    "|vara mudiyaathu|vara mudiyala"
    "|varamudiyathu|வர முடியாது"
    "|வர முடியவில்லை|வர முடியல|varamaatom|vara maatom|வரமாட்டோம்|jamnar nahi|जमणार nahi",
    "MAYBE": "joie have|joi ne kahishu|joine kahishu|pachi kahu|pachi kahishu|vekhde hain|vekhde"
    "|dekhi janabo|dekhchi|pore janabo|pore bolbo|janabo|দেখছি|জানাব|chustam|choostam"
    "|chusi cheptam|cheptam|tarvata cheptam|cheptanu|chepthanu|cheptamu|chepthamu|tarvata cheptanu|చెప్తాను"
    "|చెబుతాను|చెబుతాం|చూస్తాం|చెప్తాం|nodona|nodthivi|nodtivi|helteve"
    "|heltivi|ನೋಡೋಣ|nokkatte|nokkam|parayam|നോക്കട്ടെ|theriyala|theriyalai|தெரியவில்லை|தெரியல"
    "|paakalam|paakalaam|parkalam|பார்க்கலாம்|பாக்கலாம்"
    "|baghto|baghu|bagto|bagu|sangto|sangu|kalavto|बघतो|बघू|सांगतो|सांगू|कळवतो|बघतो सांगतो|pachi kahishu"
    "|kahishu|joishu|જોઈશું|કહીશું|dassange|dasange|ਦੱਸਾਂਗੇ|ਦੇਖਦੇ hain|dekhde hain",
    "FILL": "njangalkku|ഞങ്ങൾക്ക്|amader|আমাদের|amhala|आम्हाला|yayla|यायला|andi|sade ton|gaaru|garu"
    "|per|irukkom|இருக்கோம்|yethil|naan|நான்",
    "DANGER": "kedacha|milali tar|tar yeu|hole asbo|jodi|যদি|ayithe|aithe|aadre|aadare|kittiyal"
    "|na varuvom|per head|per person|per people|per parivar|per day|aana|ஆனா|pan pan|जर तर"
    "|jar|jo to|je",
    "THANKS": "aashirvadam",
}
"""Phrases and what they do, by the name of the tag."""
