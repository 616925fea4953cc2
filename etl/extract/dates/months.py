"""The names of the months in some seventy languages, in the forms that dates use."""

from __future__ import annotations

import re
import unicodedata

# From January to December, folded as fold() does. Names that mean different months in two languages are only in
# _NUMBERS_BY_LANGUAGE.
# fmt: off
MONTH_NAMES = (
    "djan djanuari ean eanair ene enero gen gener genn gennaio genver ian ianuarie ion ionawr jaan jaanuar jan "
    "janar janeiro janner januar januara januari januarie january janv janvaris janvier led leden ledna lednu oca "
    "ocak saus sausio sausis sij sijecanj sijecnja sijecnjem sijecnju sty styczen stycznia styczniu tammi tammik "
    "tammikuu tammikuussa tammikuuta urt urtarrila urtarrilaren xan xaneiro yan yanvar ιαν ιανουαριοσ ιανουαριου "
    "стд сту студзень студзеня січ січень січня янв январь января яну януари јан јануар јануари қаң қаңтар հնվ "
    "հունվար հունվարի בינואר ינו ינואר לינואר جانفي جنوری يناير ژانویه ژانویهٔ जनवरी जाने जानेवारी জানু জানুয়ারি "
    "জানুয়ারী ਜਨ ਜਨਵਰੀ જાન્યુ જાન્યુઆરી ஜன ஜனவரி జన జనవరి ಜನ ಜನವರಿ ജനു ജനുവരി ජන ජනවාරි มกรา มกราคม มค "
    "เดือนมกราคม ມກ ມັງກອນ ဇန် ဇန်နဝါရီ იან იანვარი ጃን ጃንዋሪ ጃንዩ ጃንዩወሪ មករា",
    "chw chwef chwefror feabh feabhra feb febbraio feber febr febreiro febrer febrero februar februara februari "
    "februarie februaris february fev fevereiro fevr fevral fevrier helmi helmik helmikuu helmikuussa helmikuuta "
    "lut lutego luty lutym ots otsaila peb pebrero pebruari shk shkurt sub subat uno unor unora unoru unr vas "
    "vasario vasaris veebr veebruar velj veljaca veljace veljaci veljacom φεβ φεβρουαριοσ φεβρουαριου ақп ақпан "
    "лют лютага лютии лютого люты феб фебруар фев февр февраль февраля февруари փետրվար փետրվարի փտվ בפברואר "
    "לפברואר פבר פברואר شباط فبراير فبروری فروری فوریه فوریهٔ فيفري फ़रवरी फेब्रु फेब्रुअरी फेब्रुवारी ফেব "
    "ফেব্রুয়ারি ফেব্রুয়ারী ਫ਼ਰ ਫ਼ਰਵਰੀ ફેબ્રુ ફેબ્રુઆરી பிப் பிப்ரவரி ఫిబ్ర ఫిబ్రవరి ಫೆಬ್ರ ಫೆಬ್ರವರಿ ഫെബ്രു "
    "ഫെബ്രുവരി පෙබ පෙබරවාරි กพ กุมภา กุมภาพันธ์ เดือนกุมภาพันธ์ ກພ ກຸມພາ ဖေ ဖေဖော်ဝါရီ თებ თებერვალი ፌብ ፌብሩ ፌብሩወሪ "
    "ፌብሩዋሪ កុម្ភៈ",
    "bre brezen brezna breznu kov kovas kovo maalis maalisk maaliskuu maaliskuussa maaliskuuta maart mac machi "
    "maerz mar marc marca march marcius marco marcu marec maret mars marso mart marta martie marts martxoa marz "
    "marzec marzo maw mawrth meur meurzh mrt mrz ozu ozujak ozujka ozujkom ozujku μαρ μαρτιοσ μαρτιου бер берез "
    "березень березня мар март марта нау наурыз сак сакавік сакавіка մարտ մարտի մրտ במארס במרס במרץ למארס למרס "
    "למרץ מארס מרס מרץ آذار مارس مارچ मार्च মার্চ ਮਾਰਚ માર્ચ மார் மார்ச் మార్చి ಮಾರ್ಚ್ മാർ മാർച്ച് මාර් මාර්තු "
    "มีค มีนา มีนาคม เดือนมีนาคม ມນ ມີນາ မတ် მარ მარტი ማርች មីនា",
    "abr abrell abril aib aibrean api apirila apr aprel april aprila aprile aprili aprilie aprilis aprill avr "
    "avril bal balandis balandzio dub duben dubna dubnu ebr ebrel ebrill huhti huhtik huhtikuu huhtikuussa "
    "huhtikuuta kwi kwie kwiecien kwietnia kwietniu nis nisan pri prill tra travanj travnja travnjem travnju απρ "
    "απριλιοσ απριλιου апр апрель апреля април кві квіт квітень квітня кра красавік красавіка крс сәу сәуір ապր "
    "ապրիլ ապրիլի אפר אפריל באפריל לאפריל آوریل أبريل أفريل ابريل اپریل نيسان अप्रिल अप्रैल एप्रि एप्रिल এপ্রি "
    "এপ্রিল ਅਪ੍ਰੈ ਅਪ੍ਰੈਲ એપ્રિલ ஏப் ஏப்ரல் ఏప్రి ఏప్రిల్ ಏಪ್ರಿ ಏಪ್ರಿಲ್ ഏപ്രി ഏപ്രിൽ අප්‍රේල් เดือนเมษายน เมย เมษา "
    "เมษายน ມສ ເມສາ ဧပြီ აპრ აპრილი ኤፕሪ ኤፕሪል មេសា",
    "beal bealtaine geg geguze geguzes kve kveten kvetna kvetnu mag maggio mai maiatza maig maijs maio maj maja "
    "maju majus may mayis mayo mee mei svi svibanj svibnja svibnjem svibnju touko toukok toukokuu toukokuussa "
    "toukokuuta μαι μαιοσ μαιου маи мам мамыр мая мај тра трав травень травня трауня մայիս մայիսի մյս במאי למאי "
    "מאי أيار مئی ماي مايو مه مهٔ می मई मे মে ਮਈ મે மே మే ಮೇ മേയ് මැයි พค พฤษภา พฤษภาคม เดือนพฤษภาคม ພພ ພຶດສະພາ "
    "မေ მაი მაისი ሜይ ឧសភា",
    "birz birzelio birzelis cer cerven cervna cervnu cvn cze czerwca czerwcu czerwiec djuni eka ekaina giu giugno "
    "haz haziran hun hunyo iun iunie iyn iyun juin jun juna june junho juni junie junij junijs junio junius juny "
    "juuni kesa kesak kesakuu kesakuussa kesakuuta lipanj lipnja lipnjem lipnju meh mehefin meith meitheamh mezh "
    "mezheven qer qershor xuno ιουν ιουνιοσ ιουνιου июн июнь июня мау маусым чер черв червень червня чэр чэрвень "
    "чэрвеня юни јун јуни հնս հունիս հունիսի ביוני יונ יוני ליוני جوان جون حزيران يونية يونيه يونيو ژوئن जुन जून "
    "জুন ਜੂਨ જૂન ஜூன் జూన్ ಜೂನ್ ജൂൺ ජූනි มิถุนา มิถุนายน มิย เดือนมิถุนายน ມິຖ ມິຖຸນາ ဇွန် ივნ ივნისი ጁን មិថុនា",
    "cervence cervenci cervenec crc crv cvc djuli gor gorff gorffennaf goue gouere heina heinak heinakuu "
    "heinakuussa heinakuuta hul hulyo iuil iul iulie iyl iyul juil juillet jul jula julai julho juli julie julij "
    "julijs julio juliol julius july juuli kor korr korrik liep liepa liepos lipca lipcu lipiec lug luglio srpanj "
    "srpnja srpnjem srpnju tem temmuz uzt uztaila xul xullo ιουλ ιουλιοσ ιουλιου июл июль июля лип липень липня "
    "ліп ліпень ліпеня шіл шілде юли јул јули հլս հուլիս հուլիսի ביולי יול יולי ליולי تموز جولائی جولای جويلية "
    "يولية يوليه يوليو ژوئیه ژوئیهٔ जुलाई जुलै জুল জুলাই ਜੁਲਾ ਜੁਲਾਈ જુલાઈ ஜூலை జులై ಜುಲೈ ജൂലൈ ජූලි กค กรกฎา "
    "กรกฎาคม เดือนกรกฏาคม ກລ ກໍລະກົດ ဇူ ဇူလိုင် ივლ ივლისი ጁላይ កក្កដា",
    "abu abuztua ago agost agosti agosto agt agu agust agustos agustus aou aout aug august augusta augusti "
    "augusts augustus augusztus avg avgust avq avqust awst elo elok elokuu elokuussa elokuuta eost gsh gush gusht "
    "kol kolovoz kolovoza kolovozom kolovozu lun lunasa ogo ogos rugp rugpjucio rugpjutis sie sierpien sierpnia "
    "sierpniu srpen srpna srpnu αυγ αυγουστοσ αυγουστου авг август августа ауг аугуст жнв жні жнівень жнівеня "
    "жніуня сер серп серпень серпня там тамыз օգոստոս օգոստոսի օգս אוג אוגוסט באוגוסט לאוגוסט آب آگست أغسطس أوت "
    "اغسطس اوت اگست अगस्ट अगस्त ऑग ऑगस्ट আগ আগস্ট ਅਗ ਅਗਸਤ ઑગસ્ટ ஆக ஆகஸ்ட் ఆగ ఆగస్టు ಆಗ ಆಗಸ್ಟ್ ഓഗ ഓഗസ്റ്റ് අගෝ "
    "අගෝස්තු สค สิงหา สิงหาคม เดือนสิงหาคม ສຫ ສິງຫາ ဩဂုတ် აგვ აგვისტო ኦገስ ኦገስት សីហា",
    "eyl eylul gwen gwengolo ira iraila irailaren medi mfomh rugs rugsejis rugsejo ruj rujan rujna rujnom rujnu "
    "sen sentabr sentyabr sep sept septemba septembar september septembra septembre septembrie septembris "
    "septembro septiembre set setembre setembro setiembre settembre setyembre sht shtator syys syysk syyskuu "
    "syyskuussa syyskuuta szept szeptember wrz wrzesien wrzesnia wrzesniu zar zari σεπ σεπτεμβριοσ σεπτεμβριου "
    "вер верасень верасня верес вересень вересня врс сен сент сентябрь сентября сеп септ септембар септембра "
    "септември септм қыр қыркүиек սեպ սեպտեմբեր սեպտեմբերի בספטמבר לספטמבר ספט ספטמבר أيلول سبتمبر ستمبر سپتامبر "
    "سپتمبر सप्टें सप्टेंबर सितंबर सितम्बर सेप्टेम्बर সেপ সেপ্টেম্বর ਸਤੰ ਸਤੰਬਰ સપ્ટે સપ્ટેમ્બર செப் செப்டம்பர் "
    "సెప్టెం సెప్టెంబర్ ಸೆಪ್ಟೆಂ ಸೆಪ್ಟೆಂಬರ್ സെപ്റ്റം സെപ്റ്റംബർ සැප් සැප්තැම්බර් กย กันยา กันยายน เดือนกันยายน ກຍ "
    "ກັນຍາ စက် စက်တင်ဘာ სექ სექტემბერი ሴፕቴ ሴፕቴምበር កញ្ញា",
    "dfomh eki ekim hyd hydref listopadom loka lokak lokakuu lokakuussa lokakuuta oct october octobre octombrie "
    "octubre okt oktabr oktoba oktobar oktober oktobra oktobris oktoober oktubre oktyabr ott ottobre out outubro "
    "paz pazdziernik pazdziernika pazdzierniku rij rijen rijna rijnu spal spalio spalis tet tetor urr urria οκτ "
    "οκτωβριοσ οκτωβριου жов жовт жовтень жовтня кас кастрычнік кастрычніка кст окт октобар октобра октомври "
    "октябрь октября қаз қазан հոկ հոկտեմբեր հոկտեմբերի אוק אוקטובר באוקטובר לאוקטובר أكتوبر اكتوبر اکتبر اکتوبر "
    "अक्टूबर अक्टोबर अक्तूबर ऑक्टो ऑक्टोबर অক্টো অক্টোবর ਅਕਤੂ ਅਕਤੂਬਰ ઑક્ટો ઑક્ટોબર அக் அக்டோபர் అక్టో అక్టోబర్ "
    "ಅಕ್ಟೋ ಅಕ್ಟೋಬರ್ ഒക്ടോ ഒക്‌ടോബർ ඔක් ඔක්තෝබර් ตค ตุลา ตุลาคม เดือนตุลาคม ຕລ ຕຸລາ အောက် အောက်တိုဘာ ოქტ ოქტომბერი "
    "ኦክቶ ኦክቶበር តុលា",
    "aza azaroa kas kasim lapkr lapkricio lapkritis listopadzie marras marrask marraskuu marraskuussa marraskuuta "
    "nen nentor nob nobyembre noiem noiembrie nop nopember nov novemba novembar november novembra novembre "
    "novembris novembro noviembre noy noyabr samh samhain stu studeni studenim studenog studenoga studenom "
    "studenome studenomu tach tachwedd νοε νοεμβριοσ νοεμβριου лис лист листоп листопад листопада ліс лістапад "
    "лістапада нов новембар новембра ное ноем ноември ноя нояб ноябрь ноября қар қараша նոյ նոյեմբեր նոյեմբերի "
    "בנובמבר לנובמבר נוב נובמבר نوامبر نوفمبر نومبر नवंबर नवम्बर नोभेम्बर नोव्हें नोव्हेंबर নভে নভেম্বর ਨਵੰ ਨਵੰਬਰ "
    "નવે નવેમ્બર நவ நவம்பர் నవం నవంబర్ ನವೆಂ ನವೆಂಬರ್ നവം നവംബർ නොවැ නොවැම්බර් พย พฤศจิ พฤศจิกายน เดือนพฤศจิกายน ພຈ "
    "ພະຈິກ နို နိုဝင်ဘာ ნოე ნოემბერი ኖቬም ኖቬምበር វិច្ឆិកា",
    "abe abendua ara aralik dec decembar december decembra decembre decembrie decembris decembro dek dekabr des "
    "desemba desember desembre dets detsember dez dezember dezembro dhj dhjetor dic dicembre diciembre dis "
    "disember disyembre gru grudnia grudniu grudzien gruod gruodis gruodzio joulu jouluk joulukuu joulukuussa "
    "joulukuuta ker kerzu kzu noll nollaig prosinac prosinca prosince prosincem prosinci prosincu prosinec rhag "
    "rhagfyr δεκ δεκεμβριοσ δεκεμβριου гру груд грудень грудня дек декабрь декабря декември дец децембар децембра "
    "жел желтоқсан сне снежань снежня снж դեկ դեկտեմբեր դեկտեմբերի בדצמבר דצמ דצמבר לדצמבר دسامبر دسمبر ديسمبر "
    "डिसें डिसेंबर डिसेम्बर दिसंबर दिसम्बर ডিসে ডিসেম্বর ਦਸੰ ਦਸੰਬਰ ડિસે ડિસેમ્બર டிச டிசம்பர் డిసెం డిసెంబర్ "
    "ಡಿಸೆಂ ಡಿಸೆಂಬರ್ ഡിസം ഡിസംബർ දෙසැ දෙසැම්බර් ธค ธันวา ธันวาคม เดือนธันวาคม ທວ ທັນວາ ဒီ ဒီဇင်ဘာ დეკ დეკემბერი "
    "ዲሴም ዲሴምበር ធ្នូ",
)
# fmt: on
_NUMBERS_BY_LANGUAGE = {
    "hr": {"lip": 6, "srp": 7, "lis": 10, "listopad": 10, "listopada": 10},
    "pl": {"lip": 7, "lis": 11, "listopad": 11, "listopada": 11},
    "cs": {"srp": 8, "lis": 11, "listopad": 11, "listopadu": 11},
}
_NUMBERS_BY_LANGUAGE["bs"] = _NUMBERS_BY_LANGUAGE["hr"]
_ACCENTS = re.compile("[\u0300-\u036f]")


def fold(word: str) -> str:
    """Return a word in lower case, without the accents of Latin, Greek and Cyrillic letters and without final dots."""
    if word.isascii():
        return word.lower().rstrip(".")
    without_accents = _ACCENTS.sub("", unicodedata.normalize("NFD", word.casefold())).replace("\u0131", "i")
    return unicodedata.normalize("NFC", without_accents).rstrip(".")


_NUMBERS = {name: number for number, names in enumerate(MONTH_NAMES, 1) for name in names.split()}


def month_number(word: str, language: str | None = None) -> int | None:
    """Return the number of the month that a word names: 9 for `septembre`.

    Null if the word names no month, or different months in two languages of which `language` (ISO 639-1) is neither.
    """
    name = fold(word)
    return _NUMBERS_BY_LANGUAGE.get(language or "", {}).get(name) or _NUMBERS.get(name)
