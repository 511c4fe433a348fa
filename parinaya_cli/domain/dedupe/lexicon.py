"""Words that stand in names: what is general knowledge of Indian names, whoever is on the list.

What is rare or common, and which names are family names here, is learned from the list itself (``roles``).
"""

from __future__ import annotations

from parinaya_cli.domain.names import fold, words


def _folded(*lines: str) -> frozenset[str]:
    """The words of a table written as running text, folded."""
    return frozenset(fold(word) for word in words(*lines))


_MALE_TITLES = "mr master mister shri shree sri sh thiru janab sir श्री श्रीमान चि શ્રી"
_FEMALE_TITLES = (
    "mrs ms miss mx smt shrimati srimati kumari kum sushri tmt ku madam श्रीमती सुश्री कुमारी कु सौ શ્રીમતી"
)
_OTHER_TITLES = (
    "dr doctor er engr ca cs adv advocate prof professor pandit pt col colonel capt captain maj major lt "
    "gen brig wing cdr justice late haji hajji maulana fr rev hon डॉ डा प्रो पं पंडित स्व ડૉ ડો"
)
TITLES: dict[str, int] = {
    **{fold(word): 0 for word in _OTHER_TITLES.split()},
    **{fold(word): 1 for word in _MALE_TITLES.split()},
    **{fold(word): -1 for word in _FEMALE_TITLES.split()},
}
"""Honorifics in front of a name, folded: 1 for men, -1 for women, 0 for both."""

_MALE_KIN = (
    "uncle bhai bhaiya bhaiyya bhaisaab bhaisahab bhau chacha chachu kaka mama fufa phupha fua mausa masa "
    "nana dada dadu tau tauji jija jijaji jijoo bua-ji-ke sala devar jeth beta chitappa periappa mamaji "
    "anna thatha appa appuppan ammavan paaji veer veerji kaku-kaka bapu baba abba mamu khalu jethu "
    "kaku-da mesho pishemoshai mamababu अंकल भैया भाई चाचा मामा मौसा काका दादा नाना फूफा जीजा ताऊ ભાઈ "
    "કાકા મામા"
)
_FEMALE_KIN = (
    "aunty auntie aunti bhabhi bhabi bhabhiji bhavi chachi kaki mami mausi masi maasi foi fai bua nani "
    "dadi dadima tai taiji didi di jiji behen behn bahen ben beti vahini mavshi atya akka athai chithi "
    "chitti periamma paati patti amma ammayi ammamma pinni attayya vadina khala phuphi phupho appi apa "
    "bhabijaan boudi pishi mashi kakima mamima thakuma dida biji beeji maaji भाभी चाची मामी मौसी बुआ नानी "
    "दादी दीदी ताई आंटी काकी બેન કાકી મામી ભાભી"
)
KIN: dict[str, int] = {
    **{fold(word): 1 for word in _MALE_KIN.split()},
    **{fold(word): -1 for word in _FEMALE_KIN.split()},
}
"""Words of kinship that stand beside a name, folded: 1 for men, -1 for women."""

POLITE = _folded(
    "ji jee sahab saheb sahib saab saaheb garu जी साहब साहेब જી સાહેબ",
)
"""Politeness behind a name, which says nothing."""

PLACES_AND_TIES = _folded(
    "gym office school college society temple club kitty shop yoga tuition neighbour neighbor flat driver",
    "bank hotel client work new old home personal mob mobile whatsapp wa phone no tailor caterer decorator",
    "builder broker plumber electrician hospital clinic park tower apartment sister brother friend frnd wali",
    "wale wala batch class delhi mumbai bombay pune nagpur surat ahmedabad baroda vadodara rajkot jaipur",
    "jodhpur udaipur kota indore bhopal lucknow kanpur agra varanasi patna ranchi kolkata calcutta guwahati",
    "bhubaneswar cuttack hyderabad chennai madras bangalore bengaluru mysore mangalore kochi cochin",
    "trivandrum coimbatore madurai goa panjim chandigarh ludhiana amritsar jalandhar gurgaon gurugram noida",
    "ghaziabad faridabad dubai sharjah london usa uk canada singapore",
)
"""Words that people write beside a name in their phone, to know which one it is."""

FILLERS = _folded(
    "kumar kumari kumaar lal prasad chand chandra raj rani bala devi bai nath mohan das dass singh sinh kaur",
    "bibi begum bano banu khatoon bibi mohammed mohammad muhammad mohamed mohd md abdul abdool syed sayyed",
    "haji rao raja ram narayan kishore kishor rao amma appa कुमार कुमारी लाल प्रसाद देवी सिंह कौर રાવ કુમાર",
)
"""Names that many bear beside their own, and that are left out as easily: they tell little either way."""

GIVEN_IN_FRONT = _folded("raj raja ram mohan narayan kishor kishore chandra bala nath prem")
"""Of such names those that are somebody's own where they stand before two more: Mohan Nandkishor Dandekar."""

FEMALE_FILLERS = _folded(
    "kaur kumari devi bai bibi begum bano khatoon कौर देवी कुमारी",
)
MALE_FILLERS = _folded(
    "kumar lal prasad chand singh mohammed muhammad mohd md syed sinh कुमार लाल प्रसाद सिंह",
)
"""Of such names those that tell who bears them."""

ENDINGS: dict[str, int] = {"bhai": 1, "bhaiya": 1, "bai": -1, "ben": -1, "behn": -1, "bahen": -1, "ji": 0}
"""What grows onto a given name as it is written: Ankitbhai, Lalitaben."""

_MEN = (
    "aakash aarav aaron abbas abdul abhay abhijit abhinav abhishek adil aditya afzal agastya ahmed ajay "
    "ajit akash akbar akhil akshay albert alok aman amar ambrose amin amir amit amitabh amol amrit anand "
    "anant aniket anil animesh aniruddha anirban ankit ankur ansh anthony anuj anup anurag arif arijit "
    "arjun arnab arun aravind asad ashish ashok ashwin aslam asif atul avinash ayaan ayush azhar babu "
    "badal bala balaji baldev balkrishna balram basant bharat bhaskar bhavesh bhavin bhupendra bhushan "
    "bijoy bimal binod bipin birendra biswajit brijesh chandan chandresh chetan chirag christopher "
    "clement cyril daksh daljit damodar daniel darshan david debashish deepak denis dev devang devendra "
    "dhananjay dharmesh dharmendra dhaval dhiraj dhruv dilip dinesh dipankar domnic edwin ethan faisal "
    "farhan faruk feroz francis gaurav gautam george ghanshyam girish gopal govind gulshan gurdeep "
    "gurmeet gurpreet hameed hamza hardik haresh harish harjit harpreet harsh harshad hasan hemant hitesh "
    "hriday hussain ibrahim imran inder indrajit irfan ishaan ishwar ismail iqbal jagdish jaideep jaspal "
    "jatin javed jay jayant jayesh jeevan jignesh jitendra jitesh john joseph kabir kailash kalpesh "
    "kalyan kamal kamlesh kanhaiya kapil karan kartik kaushal kaushik kedar keshav ketan kevin khalid "
    "kiran kirit kishore krishna kuldeep kunal kushal lakhan lakshman lalit lawrence lokesh madan madhav "
    "madhukar madhusudan mahavir mahendra mahesh malcolm manav mandar mangesh manish manoj manohar "
    "mansoor mayank mayur mehul melvin michael mihir milind milan mithun mohan mohit mohsin mukesh mukul "
    "mukund murali mustafa nadeem nagesh naman nandan narayan narendra naresh nasir navin nawaz neel "
    "neeraj neil nihal nikhil nilesh nimesh niraj niranjan nirmal nishant nitin nitesh nitish om omkar "
    "pankaj paresh parmesh parth partha pavan peter pinakin piyush prabhakar pradeep pradyumna prafulla "
    "prakash pramod pranav pranay prasad prashant prasun pratap pratik pravin prem prithvi puneet "
    "purushottam radheshyam raghav raghavendra raghunath rahim rahul raj raja rajat rajeev rajendra "
    "rajesh rajinder rajkumar rajnish raju rakesh ram raman ramesh ramakrishna ranbir ranjan ranjit "
    "rashid rasik ratan ravi ravindra rehan ritesh rizwan robert rohan rohit roshan rudra rupesh sachin "
    "sagar sahil salim salman samar sameer samir sampat samuel sandeep sandesh sanjay sanjeev sanjiv "
    "sanket santosh sarfaraz sarvesh satish satyajit satyam saurabh savio senthil shahid shahrukh "
    "shailesh shailendra shakil shankar shantanu sharad shashank shashi shaukat shekhar shirish shiv "
    "shreyas shyam siddharth sohail sohan somnath soumen soumya sourav sridhar srinivas subhash subodh "
    "subramaniam subrata sudarshan sudhakar sudhir sudip sudesh sujit sukhdev sukumar suman sumeet sumit "
    "sunil suraj surendra suresh surjit surya sushant sushil swapnil taher tanmay tanuj tapan tarak tarun "
    "tejas thomas tushar uday udit ujjwal umang umesh utkarsh utpal vaibhav varun vasant vasudev "
    "venkatesh victor vidyadhar vihaan vijay vikas vikram vilas vimal vinay vincent vineet vinod vipin "
    "vipul viraj virendra vishal vishnu vishwas vivek yakub yash yashwant yatin yogesh yunus yusuf zaheer "
    "zaid zakir zubin senthil murugan karthik ganesh ganesan rajan ramanathan subbu balasubramaniam "
    "chandrasekhar kannan manikandan natarajan palani raghuram saravanan selvam shanmugam siva sundar "
    "suresh thangavel velu vasudevan unnikrishnan biju shaji jose mathew abraham varghese kurian krishnan"
)
_WOMEN = (
    "aarohi aarti aayesha aditi afreen agnes aishwarya akanksha alka alpa amala ambika ameena amisha "
    "amrita amruta anamika ananya anasuya anita anjali anju ankita anuradha anusha anushree aparna apurva "
    "archana arpita aruna arundhati asha ashwini asma avani avantika ayesha babita barkha bela bharati "
    "bhavana bhavna bhumika bimla bina bindu bipasha chanda chandana chandni charu charulata chhaya "
    "chitra christina daksha damini darshana deepa deepali deepika deepti devika devyani dhara dhwani "
    "dimple dipti disha divya diya durga ekta elizabeth esha falguni farhana farida fatima firdaus gargi "
    "gauri gayatri geeta gita girija gunjan gulab hamida hansa harini harleen heena hema hemangini "
    "hemlata hetal hina ila indira indu ira isha ishita jagruti jahnavi jamila janaki jasleen jaya "
    "jayanti jayshree jigna jyoti jyotsna kajal kalavati kalpana kalyani kamala kamini kanchan kanta "
    "karishma karuna kashish kaveri kavita ketaki khadija khushi khyati kinjal kirti kokila komal krupa "
    "kriti kshama kumud kunda kusum lakshmi lalita lata laxmi leela leena lina lopa madhavi madhu "
    "madhubala madhuri mala malati malini mamta manasi manda mangala manisha manjiri manju manjula mary "
    "maya meena meenakshi meera megha mina minal mira mitali mona monika mridula mrinal mukta mumtaz "
    "nafisa naina nalini namita namrata nandini nandita nargis nasreen naina nayana neela neelam neeta "
    "neetu neha nidhi nikita nila nilima nimisha nirmala nirupama nisha nita nitya nupur padma pallavi "
    "pari parineeta parul parvati payal pinky piya pooja poonam prabha prachi pradnya pragya prajakta "
    "pramila pranali pratibha pratima preeti prerna prisha priti priya priyanka purnima pushpa rachna "
    "radha radhika ragini rajni rajshri rajeshwari rakhi rama ramila ramona rani ranjana rashmi rati "
    "ratna raziya rekha renu renuka reshma revati ria riddhi rina rinku rita ritika ritu riya rohini "
    "roshni rubina ruchi rukhsana rukmini rupa rupal rupali ruta saanvi sadhana sagarika sajida sakina "
    "sakshi salma saloni samiksha samira sandhya sangeeta sania sanjana sapna sara sarala sarika sarita "
    "saroj saroja saswati savita savitri seema shabana shabnam shaheen shaila shakuntala shalini shamim "
    "shanaya shanta shanti sharada sharmila sharvari shashikala sheela shefali sheetal shilpa shirin "
    "shobha shraddha shreya shruti shubhangi shweta simran sindhu sita smita sneha snehal sonal sonali "
    "sonam sonia suchitra sudha sugandha sujata sukanya sulochana sumana sumati sumitra sunanda sunayana "
    "sunita supriya surbhi surekha sushila sushma swapna swara swati tanu tanuja tanvi tanya tara tasneem "
    "teresa trupti tulsi tripti uma urmila urvashi usha uttara vaishali vandana vanita varsha vasanthi "
    "vasudha vasundhara veena vibha vidya vijaya vimala vineeta vrinda yamini yamuna yasmin zainab zarina "
    "zeenat bhuvaneswari kamakshi malathi mythili padmavati parvathy rajalakshmi revathi saraswati selvi "
    "sudha sumathi thenmozhi vijayalakshmi leelavathi alamelu kothai shobhana"
)
GIVEN: dict[str, int] = {
    **{fold(word): 1 for word in _MEN.split()},
    **{fold(word): -1 for word in _WOMEN.split()},
}
"""Given names that are common somewhere in India, folded: 1 mostly of men, -1 mostly of women."""

_SHORT_FORMS = (
    "mohammed md mohd mhd muhammad|raju rajesh rajendra rajkumar rajeev raj rajan|vicky vikram vikas "
    "vivek vikrant|bunty banti|sunny sunil|lucky lakshman|guddu|pappu|munna|pinky|baby|sonu sonal sonia "
    "sandeep sunil sonali|monu manoj mohan manish|bittu|chintu|rinku|tinku|bablu|babloo|bobby "
    "balbir|harry harish hari harjit harpreet|sam samir samuel sameer|nick nikhil|sid siddharth|abhi "
    "abhishek abhinav abhijit|adi aditya aditi|manu manoj manish manisha manmohan|venky venkat venkatesh "
    "venkataraman|subbu subramaniam subramanian|ramu ramesh ramakrishna ram ramachandran|kittu krishna "
    "krishnan|chandu chandra chandrakant chandrasekhar|gopi gopal gopinath|balu bala balasubramaniam "
    "balaji|raghu raghunath raghavendra raghuram raghavan|mani manikandan subramaniam|shiv shiva "
    "shivkumar shivaji|ashu ashish ashutosh|anu anuradha anupama anusha anju|nitu neetu nita neeta|gudia "
    "guddi|dimpi dimple|jassi jasbir jaspreet jasleen jaswinder|goldy gurdeep|laddi|sukhi sukhdev "
    "sukhwinder|gurpreet guri|manni manpreet|preet harpreet manpreet gurpreet|bob robert|bill "
    "william|tony anthony|joe joseph jose|tom thomas|mike michael|liz elizabeth|chris christopher|alex "
    "alexander|francis frank|rosy rosemary|poonam punam|sita seetha|laxmi lakshmi laksmi|satya "
    "satyanarayan satyam|narayan narayanan|jaya jayalakshmi jayanti|vijaya vijayalakshmi|raji rajeshwari "
    "rajalakshmi|padma padmavati padmini|saraswati saras|mahesh mahes|ganesh ganesan ganes|vishwanath "
    "viswanathan|ramanathan raman"
)


def _short_forms() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in _SHORT_FORMS.split("|"):
        short, *long = (fold(word) for word in line.split())
        for each in long:
            found.setdefault(short, set()).add(each)
            found.setdefault(each, set()).add(short)
    return {word: frozenset(others) for word, others in found.items()}


SHORT_FORMS = _short_forms()
"""Pet names and what they usually stand for, folded, both ways."""

_PET_NAMES = (
    "babi bablu babloo babli baby babu bachchu badshah banti bebo bholu bhola bittu bobby bubbly bubbles "
    "bulbul bunny bunty candy champa cheeku chhotu chhoti chiku chinki chintu chikki chotu dabbu dimpi "
    "dimpy dolly duggu gabbar gappu gattu goga golden goldie goldy goli golu googly goru gopu guddi guddu "
    "gudiya gugu happy honey jelly jhumpa jimmy jolly jojo kaka kaku kalu khoka khuku kitty kittu laadli "
    "lallu lala laddu laddoo lovely lucky lovey mannu manni micky mini minku minu mishti mithu mitthu "
    "mona montu monty monu munna munni munnu nanhe nannu nanu neetu nikki nikku ninu pappu papu pappi "
    "pinka pinki pinky pintu pinkoo polly pummy prince princess puchu puppy rajju raju rinki rinku ricky "
    "rocky romi roni rosy ruby sheru shonu shunty silky simmi simi sippy sonu soni sunny sweetie sweety "
    "tani tannu teena teetu tinka tinki tinku tinky tintin tipu titli titu tony toto tuktuk tukai tulu "
    "tunnu tutu tuntun vicky vickey bubai bapi babai buro mampi rumpa tumpa mou kuttan kuttappan ammu "
    "appu unni kunju chinnu pappan molu monkutty chinna kanna bujji"
)
PET_NAMES = frozenset(fold(word) for word in _PET_NAMES.split())
"""Names by which a family calls somebody whose name is another, folded."""

_CITIES = (
    "mumbai bombay borivali thane andheri bandra navimumbai dadar|delhi newdelhi ndelhi dilli delhincr "
    "ncr dwarka rohini|bengaluru bangalore blore banglore bengaluru|kolkata calcutta howrah saltlake "
    "cal|chennai madras|pune poona pcmc|vadodara baroda|ahmedabad amdavad ahmdabad ahemdabad "
    "abad|thiruvananthapuram trivandrum tvm|kochi cochin ernakulam|hyderabad hyd secunderabad|jaipur "
    "jpr|lucknow lko|varanasi benares banaras kashi|gurgaon gurugram ggn|prayagraj allahabad|mysuru "
    "mysore|mangaluru mangalore|panaji panjim goa margao madgaon|visakhapatnam vizag|puducherry "
    "pondicherry|kozhikode calicut|tiruchirappalli trichy|singapore spore sg|newyork nyc|newjersey nj "
    "edison|unitedkingdom uk london harrow leicester wembley|dubai uae abudhabi sharjah"
)
CITIES = {fold(word): fold(line.split()[0]) for line in _CITIES.split("|") for word in line.split()}
"""Cities under their other names and their well-known parts, folded and without spaces."""

_ABROAD = {
    "GB": "unitedkingdom uk london harrow leicester wembley birmingham manchester england",
    "US": "usa us newjersey nj edison newyork nyc california chicago houston dallas sanjose bayarea seattle "
    "boston atlanta texas",
    "CA": "canada toronto brampton mississauga vancouver surreybc calgary",
    "AE": "dubai uae abudhabi sharjah ajman",
    "SG": "singapore spore sg",
    "AU": "australia sydney melbourne perth brisbane sydneyau",
    "QA": "qatar doha",
    "OM": "oman muscat",
    "KW": "kuwait",
    "SA": "saudi riyadh jeddah",
    "NZ": "newzealand auckland",
    "NP": "nepal kathmandu",
    "MY": "malaysia kualalumpur",
    "KE": "kenya nairobi",
    "DE": "germany berlin munich frankfurt",
    "HK": "hongkong hk",
}
ABROAD = {fold(word): region for region, line in _ABROAD.items() for word in line.split()}
ABROAD |= {CITIES[city]: region for city, region in ABROAD.items() if city in CITIES}
"""Cities and countries abroad where guests live, folded and without spaces, with their ISO code."""

REGION_ENDINGS = words(
    "mh gj dl up mp ka tn ts ap wb rj pb hr br kl or jh ga uk in india maharashtra gujarat karnataka "
    "bihar rajasthan punjab",
    "haryana kerala telangana tamilnadu bengal ua ncr",
)
"""States and their letters that stand behind a city."""
