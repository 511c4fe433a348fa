"""Words that stand in names as families write them: titles, relations, family names that many families bear."""

from __future__ import annotations


def words(*lines: str) -> frozenset[str]:
    """The words of a table written as running text."""
    return frozenset(" ".join(lines).split())


HONORIFICS = words(
    "mr mrs ms miss mx master mister dr doctor er engr ca cs adv advocate prof professor pandit pt",
    "col colonel capt captain maj major lt gen brig justice shri shree sri sh smt shrimati srimati",
    "kumari km ku sushri thiru tmt late haji hajji maulana श्री श्रीमती श्रीमान सुश्री कुमारी कु डॉ",
    "डा प्रो प्रोफ पं पंडित स्व स्वर्गीय सौ चि एडवोकेट શ્રી શ્રીમતી ડૉ ડો સ્વ પ્રો કુ",
)
NAMES_TOO = words("late km er ca cs lt sh gen major ku")  # honorifics only when written with a capital
SUFFIXES = words(
    "ji jee sahab saheb sahib saab sa जी साहब साहेब જી સાહેબ",
)
# Words at the end of a name that are no family name.
GIVEN_ENDINGS = words("devi bai begum bano khatoon kumari ben bhai देवी बाई बेन भाई ભાઈ બેન")
RELATIONS = words(
    "uncle aunty auntie aunt bhaiya bhabhi chacha chachi mama mami mausi mausa masi masa kaka kaki kaku bua fufa",
    "phupha dada dadi nana nani didi jija jiji tau taau tai papa mummy mom dad daddy chacha अंकल आंटी भैया भाभी",
    "चाचा चाची मामा मामी मौसी मौसा काका काकी बुआ फूफा दादा दादी नाना नानी दीदी जीजा ताऊ ताई पापा मम्मी કાકા કાકી મામા",
    "મામી માસી ફોઈ ફુઆ દાદા દાદી નાના નાની",
)
NO_LEADERS = words("nana dada kaka tai mom dad masa नाना दादा")  # given names too, when they stand in front
QUALIFIERS = words("bade badi bada chhote chhoti chota choti chhota बड़े बड़ी बड़ा छोटे छोटी छोटा")
WHENCE = words(
    "office ofc school college gym society work shop factory club bank colony mohalla ऑफिस दफ्तर स्कूल"
)
OF = words("ke ki ka के की का")
LATE = words("late स्व स्वर्गीय સ્વ સ્વર્ગસ્થ")
SURNAMES = words(
    "agarwal aggarwal agrawal ahuja anand arora bajaj bansal banerjee bhagat bhandari bhardwaj bhat",
    "bhatia bhatt bhattacharya birla biyani bose chakraborty chandra chatterjee chauhan chawla",
    "chopra choudhary chaudhary choksi dalal das dave deshmukh deshpande desai dhawan dhingra doshi",
    "dubey dutta dwivedi gandhi garg ghosh gill goel goyal grover gupta iyer iyengar jadhav jain",
    "jha jhaveri joshi kapadia kapoor kapur kaul khan khandelwal khanna khurana kothari kulkarni",
    "lal maheshwari malhotra mathur mehra mehta menon mishra misra mistry modi mukherjee naidu naik",
    "nair nanda negi oberoi oza pandey pandya parekh parikh patel patil pawar pillai pradhan",
    "prajapati puri purohit qureshi rajput rana rao rastogi rathore reddy roy sachdeva saini",
    "sanghvi saraf sarin saxena sen sethi shah sharma shetty shinde shukla sinha singhania sodhi",
    "solanki somani srivastava suri tandon thakkar thakur tiwari tripathi trivedi upadhyay uppal",
    "vaidya varma verma vohra vyas wadhwa walia yadav zaveri zala शर्मा गुप्ता अग्रवाल वर्मा जैन",
    "शाह मेहता पटेल जोशी मिश्रा मिश्र पांडे पाण्डेय तिवारी त्रिवेदी यादव सिन्हा सक्सेना कपूर खन्ना",
    "गोयल बंसल गर्ग चौधरी चौहान ठाकुर देशमुख देशपांडे कुलकर्णी पाटील अरोड़ा मल्होत्रा शुक्ला दुबे",
    "द्विवेदी चतुर्वेदी व्यास माथुर શાહ પટેલ મહેતા દેસાઈ જોષી જોશી ત્રિવેદી દવે શર્મા ગાંધી પારેખ",
    "સોની",
)
