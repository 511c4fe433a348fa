"""What the guests' pages say, in English and Hindi, and dates as they are written there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

ENGLISH: Mapping[str, str] = {
    "together": "Together with their families",
    "invite": "invite you to celebrate their wedding",
    "celebrations": "The celebrations",
    "no_events": "The dates will be here soon.",
    "private": "More celebrations may await you: they are on the page that your own invitation opens.",
    "dear": "Namaste",
    "welcome": "We would love to celebrate with you. Please tell us who is coming.",
    "when": "When",
    "where": "Where",
    "dress": "Dress",
    "map": "Map",
    "calendar": "Add to calendar",
    "until": "until",
    "seats_one": "One seat is kept for you.",
    "seats_many": "{seats} seats are kept for you.",
    "answer_by": "Please answer by {day}.",
    "question": "Will you come?",
    "yes": "Yes, with joy",
    "no": "Can’t come",
    "maybe": "Not sure yet",
    "heads": "How many of you come?",
    "children": "Of them, children",
    "food": "Food, children, a word for us",
    "diet_hint": "How many eat",
    "diet_veg": "vegetarian",
    "diet_jain": "Jain",
    "diet_vegan": "vegan",
    "diet_non-veg": "non-vegetarian",
    "note": "A word for us",
    "more_hint": "If more would like to come than we kept seats for, write the number: the family will answer you.",
    "send": "Send our answer",
    "change": "You can change it here at any time until the day.",
    "thanks": "Thank you! Your answer is with the family.",
    "unchanged": "Your answer stands as it was.",
    "mend": "Nothing was sent yet. Please look at what is marked.",
    "trouble_number": "Please give numbers of people as digits, such as 4.",
    "trouble_choice": "Please choose one of the answers.",
    "trouble_note": "Please say it in fewer words.",
    "trouble_closed": "This function is over, or will not take place.",
    "trouble_meanwhile": "Somebody of your family has answered this meanwhile. Please look again, then send.",
    "trouble_heads": "Please tell us how many of you will come.",
    "trouble_nobody": "If nobody can come, please choose “Can’t come”.",
    "trouble_children": "There are more children than people.",
    "trouble_meals": "There are more meals than people.",
    "stands_yes": "You said yes: {heads} of you.",
    "stands_yes_open": "You said yes.",
    "stands_asked": "You asked for {heads} seats. The family will answer you.",
    "stands_no": "You said that you can’t come.",
    "stands_maybe": "You said that you are not sure yet.",
    "over": "This function is over.",
    "cancelled": "This function will not take place.",
    "gifts": "Gifts",
    "registry": "Our wishes are kept here:",
    "registry_link": "Open the list",
    "shagun": "Your presence is the gift. If you wish to send a shagun:",
    "shagun_scan": "Scan with any UPI app, or use the id",
    "charity": "In place of gifts, think of those who need it more:",
    "charity_link": "Give there",
    "with_love": "With love",
}

HINDI: Mapping[str, str] = {
    "together": "अपने परिवारों के साथ",
    "invite": "अपने विवाह में आपको सादर आमंत्रित करते हैं",
    "celebrations": "शुभ कार्यक्रम",
    "no_events": "तारीखें जल्द ही यहाँ होंगी।",
    "private": "आपके अपने निमंत्रण के पृष्ठ पर और भी कार्यक्रम हो सकते हैं।",
    "dear": "नमस्ते",
    "welcome": "आपके साथ यह खुशी बाँटना चाहते हैं। कृपया बताइए, कौन-कौन आएगा।",
    "when": "कब",
    "where": "कहाँ",
    "dress": "पहनावा",
    "map": "नक्शा",
    "calendar": "कैलेंडर में जोड़ें",
    "until": "से",
    "seats_one": "आपके लिए एक जगह रखी है।",
    "seats_many": "आपके लिए {seats} जगहें रखी हैं।",
    "answer_by": "कृपया {day} तक बताइए।",
    "question": "क्या आप आएँगे?",
    "yes": "हाँ, ज़रूर",
    "no": "नहीं आ पाएँगे",
    "maybe": "अभी पक्का नहीं",
    "heads": "कुल कितने लोग आएँगे?",
    "children": "इनमें बच्चे",
    "food": "भोजन, बच्चे, हमारे लिए दो शब्द",
    "diet_hint": "कितने लोग खाएँगे",
    "diet_veg": "शाकाहारी",
    "diet_jain": "जैन",
    "diet_vegan": "वीगन",
    "diet_non-veg": "मांसाहारी",
    "note": "हमारे लिए दो शब्द",
    "more_hint": "यदि रखी हुई जगहों से अधिक लोग आना चाहें, तो संख्या लिखिए: परिवार आपको उत्तर देगा।",
    "send": "उत्तर भेजें",
    "change": "आप इसे उस दिन तक यहीं बदल सकते हैं।",
    "thanks": "धन्यवाद! आपका उत्तर परिवार तक पहुँच गया।",
    "unchanged": "आपका उत्तर जैसा था, वैसा ही है।",
    "mend": "अभी कुछ भेजा नहीं गया। कृपया चिह्नित जगह देखिए।",
    "trouble_number": "कृपया लोगों की संख्या अंकों में लिखिए, जैसे 4।",
    "trouble_choice": "कृपया उत्तरों में से एक चुनिए।",
    "trouble_note": "कृपया थोड़े शब्दों में लिखिए।",
    "trouble_closed": "यह कार्यक्रम हो चुका है, या नहीं होगा।",
    "trouble_meanwhile": "इस बीच आपके परिवार में से किसी ने उत्तर दे दिया है। कृपया फिर देखकर भेजिए।",
    "trouble_heads": "कृपया बताइए, कुल कितने लोग आएँगे।",
    "trouble_nobody": "यदि कोई नहीं आ सकता, तो कृपया “नहीं आ पाएँगे” चुनिए।",
    "trouble_children": "बच्चे कुल लोगों से अधिक हैं।",
    "trouble_meals": "भोजन कुल लोगों से अधिक हैं।",
    "stands_yes": "आपने हाँ कहा है: {heads} लोग।",
    "stands_yes_open": "आपने हाँ कहा है।",
    "stands_asked": "आपने {heads} जगहें माँगी हैं। परिवार आपको उत्तर देगा।",
    "stands_no": "आपने कहा है कि आप नहीं आ पाएँगे।",
    "stands_maybe": "आपने कहा है कि अभी पक्का नहीं है।",
    "over": "यह कार्यक्रम हो चुका है।",
    "cancelled": "यह कार्यक्रम नहीं होगा।",
    "gifts": "उपहार",
    "registry": "हमारी इच्छाएँ यहाँ हैं:",
    "registry_link": "सूची खोलें",
    "shagun": "आपका आना ही उपहार है। यदि शगुन भेजना चाहें:",
    "shagun_scan": "किसी भी UPI ऐप से स्कैन करें, या यह पता लिखें",
    "charity": "उपहार के बदले उनकी सोचिए, जिन्हें अधिक ज़रूरत है:",
    "charity_link": "वहाँ दें",
    "with_love": "सप्रेम",
}

_DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "hi": ("सोमवार", "मंगलवार", "बुधवार", "गुरुवार", "शुक्रवार", "शनिवार", "रविवार"),
}
_MONTHS = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "hi": (
        *("जनवरी", "फ़रवरी", "मार्च", "अप्रैल", "मई", "जून"),
        *("जुलाई", "अगस्त", "सितंबर", "अक्टूबर", "नवंबर", "दिसंबर"),
    ),
}


class Words:
    """The words of one language (``en``, ``hi``; any other gets English)."""

    def __init__(self, language: str) -> None:
        self.language = "hi" if language.partition("_")[0].partition("-")[0] == "hi" else "en"
        self._words = HINDI if self.language == "hi" else ENGLISH

    def __call__(self, key: str, **values: object) -> str:
        """A sentence, filled in."""
        return self._words[key].format(**values)

    def weekday(self, day: date) -> str:
        """The name of its day of the week."""
        return _DAYS[self.language][day.weekday()]

    def month(self, day: date) -> str:
        """The name of its month."""
        return _MONTHS[self.language][day.month - 1]

    def day(self, day: date) -> str:
        """``12 February 2027``."""
        return f"{day.day} {self.month(day)} {day.year}"

    def hour(self, moment: datetime) -> str:
        """``7:00 pm``; in Hindi with the part of the day, ``शाम 7:00 बजे``."""
        hour = f"{moment.hour % 12 or 12}:{moment.minute:02}"
        if self.language == "en":
            return f"{hour} {'am' if moment.hour < 12 else 'pm'}"
        parts = ((4, "रात"), (12, "सुबह"), (16, "दोपहर"), (20, "शाम"), (24, "रात"))
        return f"{next(name for until, name in parts if moment.hour < until)} {hour} बजे"
