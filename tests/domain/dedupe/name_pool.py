"""Names of invented guests, by where their families come from. Written apart from the tables that compare names.

A name is a word, its other spellings behind slashes, its form in another script behind an equals sign.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Region:
    """Where a family comes from: its names, its cities, what it calls its relatives, how it writes names.

    ``middle``: how often the father's or husband's name stands in the middle; ``initials``: how often it is an
    initial in front; ``fillers``: what stands beside men's and women's names.
    """

    men: str
    women: str
    families: str
    cities: str
    kin_men: str = "uncle bhaiya chacha mama tauji fufa mausa dada nana jijaji"
    kin_women: str = "aunty didi chachi mami bua mausi dadi nani bhabhi"
    fill_men: str = "Kumar Lal Prasad Raj Chand Mohan"
    fill_women: str = "Devi Kumari Rani Bala"
    middle: float = 0.05
    initials: float = 0.0
    fillers: float = 0.2
    numbers: str = ""


REGIONS = {
    "bengal": Region(
        men="Abhijit/Avijit Anirban Arindam Ashim/Asim Bikash/Vikash Biplab/Viplav Bishwajit/Biswajit "
        "Debabrata Dipak/Deepak Gautam/Goutam Indranil/Indraneel Joydeep/Jaydip Kaushik/Koushik "
        "Malay/Moloy Nilanjan Parthasarathi Pinaki Prasenjit Ranajit/Ronojit Rathin Sandip/Sandeep "
        "Sanjib/Sanjeev Saptarshi Shubhankar/Subhankar Soumitra/Saumitra Sourish Subir Sudipta Sumanta "
        "Supratim Swapan/Shwapon Tamal Tapas Tirthankar Ujjal Utpal",
        women="Aditi Aparajita Bidisha Chandrima Debjani Dolon Enakshi Gargi Indrani Jayati/Joyoti "
        "Kabita/Kavita Keya Lopamudra Madhumita Mahua/Mohua Mitali Moumita/Mousumi Nandita "
        "Paromita/Paramita Piyali Poulomi Rituparna/Ritoparna Sanchita Sharmistha Shaswati/Saswati "
        "Shreyashi/Sreyasi Shukla Sohini Sraboni/Shrabani Sudeshna Sumitra Sutapa Tanushree Tuhina",
        families="Banerjee/Bandyopadhyay/Bannerji Basu/Bose Bhattacharya/Bhattacharjee Biswas/Viswas "
        "Chakraborty/Chakravarty/Chakrabarti Chatterjee/Chattopadhyay/Chatterji Das/Dass Dasgupta De/Dey "
        "Dutta/Datta Ganguly/Gangopadhyay Ghosh Guha Kundu Lahiri Maitra/Moitra Majumdar/Mazumdar Mitra "
        "Mondal/Mandal Mukherjee/Mukhopadhyay/Mukherji Nandi/Nandy Pal/Paul Roy/Ray Saha Sanyal "
        "Sarkar/Sircar Sen Sengupta",
        cities="Kolkata/Calcutta/Kol Howrah Siliguri Durgapur Asansol",
        kin_men="kaku jethu mama mesho dadu dada jamaibabu uncle",
        kin_women="pishi mashi kakima boudi didi dida thakuma aunty",
        fill_men="Kumar Chandra Nath",
        fill_women="Rani Devi",
        numbers="33",
    ),
    "tamil": Region(
        men="Aravindan/Aravind Arumugam Balasubramanian/Balasubramaniam Baskaran/Bhaskaran Chidambaram "
        "Dhandapani Elango/Ilango Ganapathy/Ganapathi Gopalakrishnan Jagannathan Jayaraman "
        "Kalyanasundaram Karthikeyan/Kartikeyan Krishnamurthy/Krishnamoorthy Kumaresan Lakshmanan "
        "Mahadevan Manivannan Muthukumar Nagarajan Natarajan/Nataraj Padmanabhan Parthasarathy Ponnusamy "
        "Raghunathan Rajagopalan Ramachandran Ramanathan Sampath/Sampat Sankaran/Shankaran "
        "Sathyanarayanan/Satyanarayanan Senthilnathan Sivakumar/Shivakumar Srinivasan/Shrinivasan "
        "Subramaniam/Subramanian/Subramanyam=சுப்ரமணியம் Sundaresan Thiagarajan/Tyagarajan Vaidyanathan "
        "Venkataraman/Venkatraman Viswanathan/Vishwanathan",
        women="Abirami Alamelu/Alamel Anandhi/Anandi Bhanumathi/Bhanumati Chitra Devaki Gomathi/Gomati "
        "Hemalatha/Hemlata Indumathi Jayalakshmi/Jayalaxmi Kamakshi Kanchana Kokilavani Kothainayaki "
        "Lakshmi/Laxmi=லட்சுமி Lalitha/Lalita Mangai Meenakshi/Minakshi=மீனாட்சி Mythili/Maithili Nirmala "
        "Padmavathi/Padmavati Parvathi/Parvati Premalatha Rajeswari/Rajeshwari Revathi/Revati "
        "Rukmani/Rukmini Saradha/Sharada Sasikala/Shashikala Shanthi/Shanti Sivagami "
        "Subbulakshmi/Subhalaxmi Sumathi Thenmozhi Usha Vasantha/Vasanta Vijayalakshmi/Vijaylaxmi Yamuna",
        families="Iyer/Aiyar/Ayyar Iyengar/Ayyangar Mudaliar/Mudaliyar Pillai/Pillay Chettiar/Chettiyar "
        "Gounder Nadar Thevar",
        cities="Chennai/Madras Coimbatore/Kovai Madurai Trichy/Tiruchirappalli Salem Bengaluru/Bangalore",
        kin_men="mama chithappa periappa anna thatha uncle",
        kin_women="mami chithi periamma akka paati athai aunty",
        fill_men="",
        fill_women="",
        initials=0.75,
        fillers=0.0,
        numbers="44",
    ),
    "kerala": Region(
        men="Ajith/Ajit Anoop/Anup Babu Biju/Baiju Dileep/Dilip Gireesh/Girish Jayakrishnan Jijo/Gijo "
        "Joseph/Jose Kuriakose Madhusoodanan/Madhusudanan Manoj Mathew/Mathai Muraleedharan/Muralidharan "
        "Pradeep/Pradip Prakasan/Prakashan Rajeev/Rajiv Reji/Regi Sajith/Sajit Santhosh/Santosh "
        "Satheesh/Satish Shibu Sreejith/Srijit Sreekumar/Srikumar Suresh Thomas/Tomas Unnikrishnan "
        "Varghese/Verghese Vinod Xavier/Zavier",
        women="Ajitha Ambili Annamma Bindu Deepa/Dipa Elsamma Geetha/Gita Gracy/Gracie Jaya Jessy/Jessie "
        "Lathika/Latika Leelamma Mariamma/Maryamma Mini Molly/Mollie Omana Preetha/Prita Radhamani Raji "
        "Reena/Rina Remya/Ramya Sajitha Saramma Sheeba/Shiba Sheela/Shila Shyni/Shiny Sindhu/Sindu "
        "Sobha/Shobha Sreedevi/Sridevi Suja Sujatha/Sujata Valsala/Vatsala",
        families="Nair/Nayar Menon Pillai/Pillay Kurup Nambiar Panicker/Panikkar Warrier/Varier "
        "Kurian/Kuryan Chacko Thomas Mathew George Varghese Cherian Philip Eapen",
        cities="Kochi/Cochin/Ernakulam Thrissur/Trichur Kottayam Thiruvananthapuram/Trivandrum/TVM "
        "Kozhikode/Calicut Dubai",
        kin_men="chettan ammavan chittappan uncle achachan",
        kin_women="chechi ammayi kunjamma aunty ammachi",
        fill_men="",
        fill_women="",
        initials=0.3,
        fillers=0.0,
        numbers="484",
    ),
    "andhra": Region(
        men="Anjaneyulu Bhaskar Chakradhar Dasaratha/Dasharath Ganesh Hanumantha/Hanumanth Jagannadham "
        "Janardhan/Janardan Koteswara/Koteshwar Krishnamohan Madhav Mallikarjuna/Mallikarjun "
        "Nageswara/Nageshwar Narasimha/Narsimha Phanindra Prabhakar Raghu Rajasekhar/Rajashekar Ramarao "
        "Ravindranath Sambasiva/Sambashiva Seshu Sitaram/Seetharam Sreenivas/Srinivas Subbarao/Subba "
        "Sudarshan Suryanarayana Trinadh/Trinath Vamsi/Vamshi Venkateswarlu/Venkateshwarlu Vishnu Yadagiri",
        women="Anasuya Annapurna Aruna Bharathi/Bharati Bhagyalakshmi/Bhagyalaxmi Dhanalakshmi Durga "
        "Hymavathi/Haimavati Jhansi Jyothi/Jyoti Kameswari Lavanya Madhavi Mahalakshmi Manjula Nagamani "
        "Padmaja Prasanna Radhika Rajyalakshmi Ratnakumari Sarala Satyavathi/Satyavati Sirisha/Shirisha "
        "Sowjanya/Soujanya Sravani/Shravani Sujana Swarnalatha Tulasi/Tulsi Vani",
        families="Reddy/Reddi Rao/Row Naidu/Nayudu Chowdary/Choudary/Chaudhari Varma/Verma Raju Goud/Gowd "
        "Sastry/Shastri Murthy/Moorthy/Murti Prasad Sarma/Sharma Setty/Shetty Yadav",
        cities="Hyderabad/Hyd Vijayawada/Bezawada Visakhapatnam/Vizag Guntur Secunderabad/Sec'bad",
        kin_men="mamayya babai annayya tatayya uncle bava",
        kin_women="attayya pinni akka ammamma vadina aunty",
        fill_men="Rao Kumar Prasad",
        fill_women="Devi Kumari",
        initials=0.35,
        fillers=0.15,
        numbers="40",
    ),
    "gujarat": Region(
        men="Ambalal Arvindbhai/Arvind Ashokbhai/Ashok Babulal Bhadresh Bhargav Bharatbhai/Bharat "
        "Chandrakant Chimanlal Dineshbhai/Dinesh Dharmesh/Dharmes Ghanshyam Girishbhai/Girish "
        "Harshad/Hershad Hasmukh/Hasmukhbhai Himanshu/Himansu Hitendra Jagdishbhai/Jagdish "
        "Jayantilal/Jayanti Jigar Kanaiyalal Kantilal Kaushal Ketul Kiritbhai/Kirit Maulik "
        "Mayurbhai/Mayur Mukeshbhai/Mukesh=મુકેશ Natwarlal/Natvar Nileshbhai/Nilesh=નિલેશ Nitinbhai/Nitin "
        "Pareshbhai/Paresh Prakashbhai/Prakash Pravinchandra/Pravin Rameshbhai/Ramesh=રમેશ Rasiklal "
        "Rohitbhai Sanjaybhai/Sanjay Shaileshbhai/Shailesh Tejas Tushar Vinodbhai/Vinod Vipulbhai/Vipul "
        "Viren/Veeren Yagnesh/Yagnes",
        women="Alkaben/Alka Ansuya/Anasuya Arunaben/Aruna Bhartiben/Bharti/Bharati "
        "Bhavnaben/Bhavna/Bhavana Chandrikaben Chetnaben/Chetana Daxaben/Daksha/Daxa Dakshaben "
        "Diptiben/Dipti/Deepti Geetaben/Gita/Geeta=ગીતા Hansaben/Hansa Hetalben Hinaben/Heena/Hina "
        "Ilaben/Ila Jasumati/Jashumati Jyotsnaben/Jyotsna Kailashben Kalpanaben/Kalpana Kokilaben/Kokila "
        "Kusumben/Kusum Madhuben/Madhu Manjulaben/Manjula Meenaben/Mina/Meena=મીના Nayanaben/Nayna/Nayana "
        "Nishaben Parulben/Parul Pragnaben/Pragya/Pragna Pushpaben/Pushpa Ramilaben/Ramila Rekhaben/Rekha "
        "Sejal Shardaben/Sharda Sonalben/Sonal Truptiben/Trupti/Tripti Urvashi Vaishali Varshaben/Varsha "
        "Zankhana/Jhankhana",
        families="Patel/Patell=પટેલ Shah/Sah=શાહ Mehta/Mehtha=મહેતા Desai/Desaai Joshi/Joshee "
        "Parikh/Parekh/Pareekh Trivedi/Trivedy Pandya/Pandia Bhatt/Bhat Dave/Davey Vyas/Byas "
        "Thakkar/Thakker Soni Modi/Mody Gandhi/Ghandhi Amin Choksi/Chokshi Zaveri/Jhaveri/Javeri Panchal "
        "Prajapati Solanki Rathod/Rathore Chauhan/Chohan Parmar Vaghela/Waghela Gohil Contractor "
        "Kapadia/Kapadiya Sheth/Seth Kothari Doshi/Dosi Vora/Vohra Raval/Rawal Suthar",
        cities="Ahmedabad/Amdavad Surat Vadodara/Baroda Rajkot Bhavnagar Anand/Nadiad",
        kin_men="kaka mama masa fua dada nana bhai jijaji uncle",
        kin_women="kaki mami masi foi ba nani ben bhabhi aunty",
        fill_men="Kumar Lal",
        fill_women="",
        middle=0.45,
        fillers=0.05,
        numbers="79 261 265",
    ),
    "maharashtra": Region(
        men="Abhay Ajinkya Anant/Ananta Aniruddha/Anirudha Arun Avinash Balasaheb Bhalchandra "
        "Chandrashekhar Dattatray/Dattatreya Dilip=दिलीप Ganpat Gajanan Hemant=हेमंत Jayant "
        "Kishor/Kishore Laxman/Lakshman Madhukar Makarand Mangesh Milind=मिलिंद Mohan Nandkishor Narayan "
        "Nitin=नितिन Pandurang Prabhakar Pradip/Pradeep=प्रदीप Pramod Prasad Pravin/Praveen Raghunath "
        "Rajaram Ramchandra Sadashiv Sambhaji Sanjay=संजय Shantaram Sharad=शरद Shivaji Shrikant/Srikant "
        "Shripad Subhash Sudhir=सुधीर Suhas Sunil=सुनील Tukaram Uday Vasant=वसंत Vilas=विलास Vishwas "
        "Vitthal Yashwant",
        women="Alka Anjali=अंजली Aparna Archana Asha Ashwini Bharati Chhaya/Chaya Deepali/Dipali "
        "Jayashree/Jayshri Kalpana Kamal Kanchan Kunda Lata Leela/Lila Madhavi Mangal/Mangala "
        "Manisha=मनीषा Medha Meghana/Meghna Mrunal/Mrinal Nalini Nanda Neeta/Nita Padma Pallavi Prajakta "
        "Pratibha=प्रतिभा Pushpa Rajani/Rajni Rohini Sadhana Sandhya=संध्या Sangeeta/Sangita Savita=सविता "
        "Shaila/Shailaja Shalini Shobha=शोभा Shubhangi/Subhangi Smita Sneha Suhasini Sulabha Sunanda "
        "Suvarna Swati Ujwala/Ujjwala Usha Vaijayanti Vandana Varsha Vidya Vrushali/Vrishali",
        families="Apte Bapat Bhave Bhide Bhosale/Bhosle/Bhonsle Chavan/Chavhan Chitale Dandekar Date Deo "
        "Deshmukh/Deshmuk=देशमुख Deshpande=देशपांडे Dighe Gadkari Gaikwad/Gayakwad Ghatge Gokhale/Gokale "
        "Jadhav=जाधव Joglekar Joshi=जोशी Kadam Kale Kane Karandikar Kelkar Khare Kulkarni=कुलकर्णी Limaye "
        "Mahajan Mane More Mulay/Mule Nikam Paranjpe/Paranjape Patil/Patel=पाटील Pawar/Pavar=पवार "
        "Phadke/Fadke Phadnis/Fadnavis Rane Sathe Sawant/Savant Shinde/Sinde Tambe Thakre/Thakarey Wagh",
        cities="Pune/Poona Mumbai/Bombay Nagpur Nashik/Nasik Kolhapur Thane",
        kin_men="kaka mama dada ajoba kaka bhau uncle",
        kin_women="kaku mami tai aji mavshi atya vahini aunty",
        fill_men="Rao",
        fill_women="Bai",
        middle=0.4,
        fillers=0.05,
        numbers="20 22",
    ),
    "punjab": Region(
        men="Amarjit/Amarjeet Amrik Avtar Baljinder Balwinder/Balvinder Bhupinder/Bhupendra "
        "Charanjit/Charanjeet Daljeet/Daljit Davinder/Devinder Gurcharan Gurdeep/Gurdip Gurinder "
        "Gurmeet/Gurmit=ਗੁਰਮੀਤ Gurnam Gursharan Harbhajan/Harbajan Hardeep/Hardip Harinder Harjinder "
        "Harmeet Harvinder/Harwinder Inderjit/Inderjeet/Indrajit Jagdeep/Jagdip Jagjit/Jagjeet Jaspal "
        "Jaswant/Jasvant Joginder/Jogindar Karamjit Kulwant/Kulvant Lakhwinder Mandeep/Mandip "
        "Manjit/Manjeet=ਮਨਜੀਤ Mohinder/Mahendra Nirmal Paramjit/Paramjeet Parminder Prabhjot "
        "Rajinder/Rajendra Ranjit/Ranjeet Ravinder/Ravindra Sarabjit/Sarbjeet Satnam Satpal Sukhdev "
        "Sukhwinder/Sukhvinder Surinder/Surendra Surjit/Surjeet Swaran/Svaran Tejinder Tarsem/Tarsaim",
        women="Amandeep/Amandip Amarjit Baljit/Baljeet Balbir Daljit Gurpreet/Gurprit Harjit "
        "Harleen/Harlin Harpreet/Harprit=ਹਰਪ੍ਰੀਤ Harsimran Inderjit Jasbir/Jasveer Jaskiran "
        "Jasmeet/Jasmit Jaspreet/Jasprit Jaswinder Kamaljit/Kamaljeet Kirandeep Kulwinder Mandeep "
        "Maninder Manjit Manpreet/Manprit Navneet/Navnit Navjot Paramjit Parminder Prabhjot Rajwinder "
        "Ramandeep Ravneet Rupinder Sandeep Satinder Simranjit/Simranjeet Sukhpreet Surinder Surjit "
        "Sukhjit Tejinder Tavleen",
        families="Ahluwalia/Ahluvalia/Walia Anand Arora/Aroda Bajwa Batra/Bathra Bedi Bhalla "
        "Bhatia/Bhatiya Brar Chadha/Chaddha Chahal Chopra Dhaliwal/Dhalivaal Dhillon/Dhilon Gill "
        "Grewal/Garewal Gujral Juneja Kalra Kapoor/Kapur Khurana/Khorana Kohli Luthra/Loothra "
        "Malhotra/Mehrotra Mann Narula Oberoi/Uberoi Puri Sachdeva/Sachdev Sahni/Sawhney Sandhu Sekhon "
        "Sethi Sidhu/Siddhu Sodhi Suri Talwar Virk",
        cities="Ludhiana Amritsar Jalandhar Chandigarh/Chd Delhi Patiala",
        kin_men="veerji paaji chacha taya mama fuffad massad uncle",
        kin_women="bhenji bhabhi chachi tayi mami bua massi beeji aunty",
        fill_men="Singh/Sing",
        fill_women="Kaur",
        fillers=0.75,
        numbers="161 172",
    ),
    "muslim": Region(
        men="Aamir/Amir Abid Afroz/Afroze Akram Altaf Amjad Anees/Anis Aqeel/Aqil Arshad Asghar/Asgar "
        "Azeem/Azim Azhar Bashir/Basheer Danish/Daanish Ehsan/Ihsan Faizan/Faizaan Faheem/Fahim "
        "Farooq/Faruk Ghulam/Gulam Habib/Habeeb Haroon/Harun Hashim Iftikhar Imtiaz/Imtiyaz Iqbal/Ikbal "
        "Jameel/Jamil Junaid/Juned Kaleem/Kalim Kamran Karim/Kareem Liaqat/Liyaqat Mahmood/Mehmood Majid "
        "Mansoor/Mansur Maqbool/Makbul Moin/Moeen Mubarak Mujeeb/Mujib Nadeem/Nadim Naseem/Nasim "
        "Nazim/Nazeem Noman/Nauman Parvez/Pervez Qasim/Kasim Rafiq/Rafeeq/Rafik Rais/Raees Rashid/Rasheed "
        "Riyaz/Riaz Saeed/Sayeed Sajid Saleem/Salim Shafiq/Shafeeq Shakeel/Shakil Shoaib/Shoeb "
        "Sohail/Suhail Tahir/Taher Tanveer/Tanvir Tariq/Tarik Usman/Osman Wasim/Waseem Yasin/Yaseen "
        "Zafar/Jafar Zubair/Juber",
        women="Aasma/Asma Afsana Amina/Ameena Anisa/Aneesa Arshiya/Arshia Asiya/Asia Atiya "
        "Ayesha/Aisha/Aysha Bushra Farah Farzana Fatima/Fathima Firoza Gulnaz/Gulnaaz Hajra/Hajira "
        "Haseena/Hasina Heba Humaira/Humera Ishrat Jahanara Kausar/Kauser Khadija/Khatija Lubna Mahjabeen "
        "Mehrunnisa/Meherunisa Mumtaz/Mumtaaz Nagma/Naghma Naheed/Nahid Naseema/Nasima Nazneen/Naznin "
        "Nikhat/Nighat Noor/Nur Parveen/Parvin Rabia/Rabiya Razia/Raziya Rehana/Raihana Ruqaiya/Rukaiya "
        "Saba Sabiha Sadia/Sadiya Safia/Safiya Saira Sameena/Samina Shagufta Shaheen/Shahin "
        "Shamim/Shameem Shazia/Shaziya Suraiya/Suraya Tabassum Tahira Uzma Yasmeen/Yasmin Zahida "
        "Zainab/Zaynab Zakia/Zakiya Zeba/Zeeba Zubeida/Zubaida",
        families="Ahmed/Ahmad Ali/Aly Ansari/Ansaari Baig/Beg Bukhari Chaudhry/Chowdhury Chishti "
        "Farooqui/Faruqi Ghani Hashmi Hussain/Husain/Hussein Hyder/Haidar Idrisi Kazmi Khan Kidwai "
        "Lakdawala Malik/Mallik Memon Mirza Momin Mulla Naqvi/Naqwi Pathan Qadri/Kadri Qureshi/Kureshi "
        "Rahman/Rehman Rizvi/Rizwi Saifi Sayed/Syed/Saiyed Shaikh/Sheikh/Shaik Siddiqui/Siddiqi/Siddique "
        "Usmani/Osmani Warsi Zaidi/Zaydi",
        cities="Lucknow/Lko Hyderabad/Hyd Mumbai/Bombay Bhopal Aligarh Delhi",
        kin_men="chacha mamu khalu phupha bhai abba nana uncle",
        kin_women="chachi mumani khala phuphi apa baji nani bhabhi aunty",
        fill_men="Mohammed/Mohd/Md/Mohd./Mohammad Abdul Syed",
        fill_women="Begum Bano Khatoon",
        fillers=0.35,
        numbers="522 40",
    ),
    "goa": Region(
        men="Agnelo/Agnello Albert Alfred/Alfredo Allan/Alan Anthony/Antony Antonio Aubrey Basil "
        "Benedict/Benny Blaise Caetano Carlos Charles Clifford/Cliff Conrad Derek/Derrick Desmond "
        "Dominic/Domnic Edgar Edward/Eddie Elvis Errol Eugene Felix Fidelis Franklin Frederick/Freddy "
        "Gerard Gilbert Glen/Glenn Godfrey Gregory/Greg Hubert Ignatius Ivan Jerome John/Johnny Joaquim "
        "Keith Kenneth/Ken Lancelot/Lancy Leslie Lester Lloyd Marcus Mark Melvyn/Melvin Neville/Nevil "
        "Nigel Norbert Oswald Patrick/Pat Percival/Percy Peter Philip/Phillip Raymond/Ray Reginald/Reggie "
        "Robert/Bob Ronald/Ronnie Roque Rudolf/Rudolph Sebastian Stanley/Stan Stephen/Steven "
        "Terence/Terry Trevor Valentine Victor Vincent/Vince Walter Wilfred/Wilfy",
        women="Agatha Alice Angela/Angie Anita Annette Apolonia Assumpta Avila Bernadette/Bernie Blanche "
        "Bridget Carmen Carol/Caroline Cecilia/Cissy Celine Charmaine Clara Conceicao Cynthia Daisy "
        "Daphne Delia Dolores Doreen Dorothy/Dotty Edna Effie Emilia Esme Esperanca Eunice Evelyn Fatima "
        "Filomena/Philomena Flavia Flora Freda Genevieve Geraldine/Gerry Gladys Glenda Hazel Hilda Imelda "
        "Irene Ivy Jacinta Janet Jennifer/Jenny Joan Joyce Judith/Judy Juliet Lavina Linda Lorna "
        "Lourdes/Lurdes Lucia/Lucy Lydia Mabel Marcella Margaret/Maggie Maria/Mary Marina Matilda/Tilly "
        "Maureen Mercy Merlyn Monica Muriel Myra Natalia Olga Olivia Pamela/Pam Patricia/Patsy Perpetua "
        "Phyllis Rita Rosalind/Rosy Rosemary Ruth Sandra Shirley Stella Sylvia Thelma Theresa/Teresa "
        "Ursula Veronica/Vera Violet Vivian Wilma Winifred Yvonne Zelia/Zita",
        families="Almeida/D'Almeida Alvares Andrade Araujo Barreto/Barretto Braganza/Braganca Cabral "
        "Cardoz/Cardozo/Cardoso Carvalho Castelino Colaco/Colasso Cordeiro Correia/Correa Costa/Da Crasto "
        "Cunha/D'Cunha D'Costa/Dcosta D'Lima D'Mello/Dmello/D'Melo D'Silva/Dsilva D'Souza/Dsouza/D'Sousa "
        "Dias Faleiro Faria Fernandes/Fernandez/Ferns Ferreira Figueiredo Furtado Gomes/Gomez "
        "Gonsalves/Goncalves Gracias Lobo Lopes/Lopez Machado Martins/Martin Mascarenhas Mendes/Mendez "
        "Menezes/Menezis Miranda Monteiro Noronha Nunes Pacheco Pereira/Perera Pinto Quadros "
        "Rebello/Rebelo Ribeiro Rodrigues/Rodriques/Rodricks Saldanha Sequeira/Siqueira Silveira Soares "
        "Tavares/Tavora Teles/Telles Vaz Viegas",
        cities="Panaji/Panjim Margao/Madgaon Vasco Mapusa Mumbai/Bombay Mangalore/Mangaluru",
        kin_men="uncle tio",
        kin_women="aunty tia",
        fill_men="",
        fill_women="",
        fillers=0.0,
        numbers="832",
    ),
    "marwar": Region(
        men="Ajay=अजय Anil=अनिल Arvind=अरविंद Ashok/Asok=अशोक Banwari Bhanwarlal/Bhawarlal Bhagirath "
        "Bhushan Brijmohan Champalal Devkinandan Dinesh=दिनेश Gajendra Ghanshyam/Ghansyam Gopikishan "
        "Govind/Gobind Hanuman/Hanumaan Hari Jugal Kailash/Kailas=कैलाश Kamal Kanhaiyalal Ladulal "
        "Mahendra=महेंद्र Mahesh=महेश Mangilal Manoj=मनोज Mohanlal Mukesh=मुकेश Murlidhar Nandlal "
        "Naresh=नरेश Nemichand Omprakash Pawan/Pavan Prahlad/Prahalad Purushottam/Purshottam "
        "Radheshyam/Radhesyam Rajendra=राजेंद्र Rajesh=राजेश Rakesh=राकेश Ramavtar Ramesh=रमेश Ratanlal "
        "Sanjay=संजय Santosh Satyanarayan Shankarlal Shyamsundar/Shyamsunder Subhash Sunil=सुनील "
        "Suresh=सुरेश Surendra=सुरेंद्र Tarachand Vijay=विजय Vimal/Bimal Vinod=विनोद Vishnu Vivek",
        women="Anita=अनिता Anju Asha=आशा Babita Bhanwari Bimla/Vimla Chanda Chandrakanta Durga Gayatri "
        "Gita/Geeta=गीता Hemlata Indra Jamna Jyoti=ज्योति Kamla=कमला Kanta Kaushalya/Koshalya Kiran=किरण "
        "Kusum Lalita Laxmi/Lakshmi=लक्ष्मी Madhu=मधु Mamta=ममता Manju=मंजू Maina Meena/Mina=मीना Mohini "
        "Munni Nirmala=निर्मला Nisha Poonam/Punam=पूनम Prabha Premlata Pushpa=पुष्पा Rajkumari Rekha=रेखा "
        "Renu Rukmani Santosh Saroj=सरोज Sangita/Sangeeta=संगीता Sarita Savitri Seema/Sima=सीमा "
        "Shanti=शांति Sharda Shashi Shobha Snehlata Sudha Suman=सुमन Sumitra Sunita=सुनीता Sushila=सुशीला "
        "Tara Uma Urmila Usha=उषा Vandana Vidya Vijaylaxmi",
        families="Agarwal/Agrawal/Aggarwal=अग्रवाल Bagri Bajaj Bajoria Bangur Bansal=बंसल Bhandari "
        "Bhansali Bhutoria Bihani Birla Bothra Chandak Chordia/Choraria Dalmia Daga Damani Dugar Gadia "
        "Garg=गर्ग Goenka Golchha/Golcha Goyal/Goel=गोयल Gupta/Gupte=गुप्ता Jain/Jen=जैन Jajodia Jalan "
        "Jhawar/Jhanwar Jhunjhunwala/Jhunjunwala Kabra Kankaria Kanoria Karnani Kedia Kejriwal Khaitan "
        "Khandelwal/Khandelval Khemka Kothari Laddha/Ladha Lohia Lunia Maheshwari/Maheswari=माहेश्वरी "
        "Malpani Mantri Mittal/Mital Modi Mohta Mundhra/Mundra Murarka Nahata Newar Oswal Parasrampuria "
        "Patodia Poddar Ranka Rathi Ruia Rungta Saraf/Saraff Sarda Sarawgi/Saraogi Sethia Sharma=शर्मा "
        "Singhal/Singhel Singhania Somani Surana Taparia Todi Tulsian Vaid",
        cities="Jaipur/JPR Jodhpur Bikaner Kolkata/Calcutta Surat Udaipur",
        fill_men="Kumar Lal Prasad Chand Mal",
        numbers="141 33",
    ),
    "hindi": Region(
        men="Abhinav Achal Ajay=अजय Alok=आलोक Amarnath Ambuj Amresh Anil=अनिल Anurag=अनुराग Arun=अरुण "
        "Ashutosh/Asutosh Awadhesh/Avdhesh Bhagwan Brajesh/Brijesh Chandrabhan Dharmveer/Dharamvir "
        "Dhirendra/Dheerendra Digvijay Durgesh Ganga Gyanendra/Gyanender Harendra Hariom Indrapal "
        "Jagdamba Jainendra Jitendra/Jeetendra=जितेंद्र Kaushlendra Kripa Lalan Mithilesh Mrityunjay "
        "Mukesh=मुकेश Nagendra Narendra/Narender=नरेंद्र Om Parmanand Pramod=प्रमोद Pushpendra "
        "Raghvendra/Raghavendra Rajiv/Rajeev=राजीव Ramakant Ramashish Ramnaresh Ravishankar Sachchidanand "
        "Sanjay=संजय Sarvesh Satendra/Satyendra Shambhu Shatrughan/Shatrughna Shivendra Shiv "
        "Shreekant/Shrikant Sudhanshu Sudhir=सुधीर Sunil=सुनील Upendra Vijendra/Bijendra Vikrant "
        "Vinay=विनय Virendra/Veerendra=वीरेंद्र Vishwanath/Bishwanath Yogendra/Yogender Deepak/Dipak=दीपक "
        "Amit/Ameet=अमित Rahul=राहुल Rohit=रोहित Vikas=विकास Ashish=आशीष Gaurav=गौरव Manish=मनीष Nitin "
        "Pankaj=पंकज Sandeep/Sandip=संदीप Vivek=विवेक",
        women="Abha Alka=अल्का Anamika Archana=अर्चना Aradhana Asha Beena/Bina Bharti Chhavi/Chavi "
        "Deepmala Ekta Garima Indu Jaishree Kalawati/Kalavati Kamini Kanak Kavita=कविता Kiran=किरण Kumkum "
        "Lalmani Leelawati/Lilavati Madhuri=माधुरी Malti Manorama Meenu/Minu Mridula Neelam/Nilam=नीलम "
        "Neeraja Nirupama Nutan/Nootan Pratima=प्रतिमा Priti/Preeti=प्रीति Punita Rachna/Rachana=रचना "
        "Ragini Rama Ranjana=रंजना Rashmi=रश्मि Reeta/Rita=रीता Ritu Ruchi Sadhna/Sadhana Sandhya=संध्या "
        "Sarojini Savita=सविता Shail Shakuntala Shashibala Shikha Shipra Shraddha/Sraddha "
        "Shweta/Sweta=श्वेता Sonam Sudha=सुधा Sulekha Sunaina Supriya Sushma=सुषमा Tanuja Urmila "
        "Vibha=विभा Vimlesh Vineeta/Vinita Neha=नेहा Pooja/Puja=पूजा Priya=प्रिया Swati=स्वाति Nidhi=निधि "
        "Anjali=अंजलि",
        families="Asthana Awasthi/Avasthi Bajpai/Vajpayee/Bajpayee Bharadwaj/Bhardwaj Bhatnagar "
        "Chaturvedi=चतुर्वेदी Chaudhary/Choudhary/Chaudhari=चौधरी Chauhan/Chouhan=चौहान "
        "Dixit/Dikshit=दीक्षित Dubey/Dube/Dwivedi=दुबे Gautam Giri Jaiswal/Jayaswal Jha=झा Katiyar Khare "
        "Kulshrestha Kushwaha/Kushvaha Mathur=माथुर Maurya Mishra/Misra=मिश्रा Nigam Nishad Ojha/Ojhha "
        "Pandey/Pande/Pandeya=पांडे Pathak=पाठक Rai/Ray Rajput Rastogi Rawat/Ravat Saxena/Saksena=सक्सेना "
        "Sahay Sengar Shahi Sharma/Sarma=शर्मा Shrivastava/Srivastava/Srivastav=श्रीवास्तव "
        "Shukla/Sukla=शुक्ला Singh/Sing=सिंह Sinha/Sinhaa=सिन्हा Thakur/Thakoor=ठाकुर "
        "Tiwari/Tewari/Tiwary=तिवारी Tomar Tripathi/Tripathy=त्रिपाठी Upadhyay/Upadhyaya=उपाध्याय "
        "Verma/Varma=वर्मा Yadav/Yadava=यादव Gupta=गुप्ता",
        cities="Lucknow/Lko Kanpur Varanasi/Banaras/Benares Patna Allahabad/Prayagraj Delhi/New Gwalior Ranchi",
        numbers="522 512 11",
    ),
    "abroad": Region(
        men="Aarav Aditya Akhil Aman Ankit Anuj Arjun Dev Dhruv Dylan Ishaan/Ishan Jai/Jay Karan Kavi "
        "Krish/Krishna Kunal Mihir Neel/Neal/Neil Nikhil/Nick Niraj Raj Ravi Ritesh Rohan Roshan Sahil "
        "Sameer/Samir Samit Sanjay Shaan/Shawn Shiv Sidharth/Siddharth/Sid Sunny Tejas Varun Veer Vijay "
        "Vik/Vikram Viraj Vishal Yash",
        women="Aisha Alisha Amisha Anika Anjali Anya Asha Avani Devika Diya Esha Hema Ishani Jasmine "
        "Kavya Kira/Kiran Leela/Lila Mala Maya Meera/Mira Mona Monica/Monika Natasha Neela Neha Nikita "
        "Nina Nisha Pooja/Puja Priya Radhika Rani Reena Riya/Rhea/Ria Roma Roshni Sabrina Sarika Sejal "
        "Shivani Simran Sonia/Sonya Tania/Tanya Tara Trisha Uma Veena Zara",
        families="Patel Shah Desai Mehta Amin Kapoor/Kapur Malhotra Chopra Khanna Gupta Sharma Singh Gill "
        "Sandhu Dhillon Rao Reddy Iyer Nair Menon Mukherjee Banerjee Sen Fernandes Pinto Khan Ahmed "
        "Lakhani Gidwani Mirchandani Hinduja Advani Kirpalani/Kripalani Chugani Melwani Daswani Vaswani "
        "Sadarangani Ramchandani Mahtani Bhojwani Lalwani",
        cities="London/London UK Leicester Harrow Edison/Edison NJ Houston Toronto Brampton Dubai/DXB "
        "Singapore/SG Sydney",
        kin_men="uncle mama kaka chacha",
        kin_women="aunty masi mami foi",
        fillers=0.05,
        middle=0.1,
    ),
}
