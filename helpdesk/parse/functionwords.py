"""The small words that betray a language written in Latin letters, and a few that customers always use.

Lower case. A word may stand in several languages; it then counts less for each. The lists of languages
that this page names only to tell them from their neighbours (Swedish from German) are shorter. Malay
counts as Indonesian; Greek stands here as those write it who have no Greek keyboard.
"""

from __future__ import annotations

FUNCTION_WORDS = {
    "en": "the a an of to and in is it you that he was for on are with as his they i at be this have from or had"
    " by not but what some we can were there when your which their said if will each about how up out them"
    " then she many would these so her him has my more could been who its now did get our me am do does just"
    " any please still where why because should need want don didn hello hi hey dear thanks thank order received"
    " yet after before only again help us since when here yes new like know see cannot",
    "id": "yang dan di ke dari untuk dengan pada ini itu saya anda kami kita mereka dia adalah tidak bukan akan"
    " sudah belum bisa dapat ada juga atau jika kalau karena oleh dalam sebagai tetapi tapi lebih masih hanya"
    " mohon tolong terima kasih selamat pagi siang sore malam apa apakah bagaimana kapan kenapa mengapa mana"
    " dimana siapa berapa pesanan barang bantuannya bapak ibu pak bu min kak saja aja gak nggak ga tak udah yg"
    " dgn utk tdk sdh blm kok dong sih nya lagi sama mau ingin telah tersebut sampai hari para agar supaya"
    " dikirim dibantu begitu seperti semua banyak harus jadi pun lah kan saat setelah sebelum minta tanya"
    " boleh perlu kemarin besok bulan aku kamu nomor salam hormat permisi cara alamat ingin bagian silakan",
    "tl": "ang ng mga sa na at ay ko mo po ako ikaw siya kami tayo kayo sila namin natin ninyo nila niya ito iyon"
    " iyan yung yong hindi wala walang may mayroon meron lang naman pa ba kung pero kasi dahil para nang si ni"
    " kay kina din rin daw raw nga din opo oho paano bakit kailan saan nasaan sino ano alin magkano ilan aking"
    " akin inyo inyong kanya kanila atin salamat maraming magandang umaga hapon gabi araw kumusta kamusta pasensya"
    " pakiusap gusto kong kailangan puwede pwede dapat nasa noong ngayon bukas kahapon dito doon diyan natanggap"
    " dumating nakuha ninyong sana ulit muna lahat bago pagkatapos hanggang mula tungkol muli niyo nyo yun"
    " dumarating naming aming bayad nagbayad binayaran isang ka kita nako mong siyang akong kaming paki patulong",
    "el": "kai einai mou sas den gia pou apo thelo thelw exo exw tha tin thn ston stin sthn ton twn tis ti pos pws"
    " mas mporeite mporo boreite kalispera kalhspera kalimera kalhmera efxaristo eyxaristo euxaristo euxaristw"
    " parakalo parakalw paraggelia paraggeleia akoma akomh akomi geia sto me oti alla eimai exei yparxei opos"
    " ena mia otan giati pote",
    "de": "der die das und ist nicht ich sie es wir ihr ein eine einen einem einer zu mit von auf für im den dem des"
    " auch wie aber oder wenn noch nur nach bei aus durch bitte danke vielen dank hallo guten tag mein meine"
    " meiner meinen ihre ihren ihnen mir mich uns habe haben hat war wird werden kann können sind sich dass als"
    " schon bis wann wo warum bestellung bekommen sehr geehrte damen herren grüße gruß liebe keine kein über",
    "fr": "le la les de des du un une et est en je vous nous il elle ils que qui ne pas pour dans sur avec ce cette"
    " mon ma mes votre vos notre au aux par plus mais ou où si tout bien fait été suis avez ai avons bonjour"
    " merci cordialement commande quand comment pourquoi encore toujours se son sa ses leur être avoir depuis"
    " reçu toute sont très aussi comme l d j n qu c s",
    "es": "el la los las de del un una y es en yo usted que no por para con su mi mis se lo le como más pero o si ya"
    " muy está son fue ha he tengo puede quiero hola gracias buenos días buenas tardes pedido cuando cuándo"
    " dónde por qué todavía aún saludos este esta esto al sin sobre también hay nos me te porque ser desde"
    " recibido necesito ustedes",
    "pt": "o a os as de do da dos das um uma e é em no na nos nas eu você vocês que não por para com meu minha seu"
    " sua se como mais mas ou já muito está são foi tem tenho pode quero olá obrigado obrigada bom dia boa tarde"
    " pedido quando onde porque ainda ao à pelo pela isso este esta até também me lhe ser sem sobre cumprimentos"
    " recebi atenciosamente estou gostaria",
    "it": "il lo la i gli le di del della dei delle un una e è in io lei che non per con su mio mia suo si come più ma"
    " o se già molto sono ho ha hanno abbiamo può vorrei ciao salve buongiorno buonasera grazie ordine quando"
    " dove perché ancora al alla dal dalla nel nella questo questa anche mi ci vi da saluti cordiali ricevuto"
    " stato gentile cosa",
    "nl": "de het een en is niet ik u je jij wij we hij zij ze van te in op aan met voor dat die dit er maar of als"
    " nog ook al bij naar uit om over mijn uw ons onze heb heeft hebben ben was zijn wordt worden kan kunt hallo"
    " beste bedankt dank goedemorgen goedendag bestelling wanneer waar waarom geen graag groeten vriendelijke"
    " ontvangen alvast mij meer wat hoe",
    "pl": "i w z na do nie się jest to że o jak ale czy po od za dla przez tylko już jeszcze mnie mi ja mój moja moje"
    " pan pani państwo proszę dziękuję dzień dobry witam pozdrawiam zamówienie kiedy gdzie dlaczego są był była"
    " było mam nie mogę bardzo co ten ta te tego tej który która które lub więc jestem został została przy ze"
    " cześć mojego moją",
    "tr": "ve bir bu da de için ile ne çok ama mi mı mu mü ben sen siz biz o benim sizin bizim değil var yok olarak"
    " gibi daha en kadar sonra önce nasıl neden nerede zaman hangi merhaba teşekkürler teşekkür ederim lütfen"
    " sipariş siparişim iyi günler kolay gelsin henüz hala hâlâ bana size ancak veya ki her şey olan oldu ettim"
    " istiyorum aldım gelmedi saygılar saygılarımla rica",
    "vi": "và của là không có được cho tôi bạn anh chị em này đó với các những một trong đã sẽ đang khi nào ở từ"
    " đến thì mà nhưng vì nếu như cũng rất xin chào cảm ơn vui lòng đơn hàng chưa nhận mình giúp ạ hỏi vẫn ra"
    " về sao tại gì đâu nhé",
    "sv": "och att det är jag inte på för med som en ett av den har till om du vi ni men eller från när var min mitt"
    " mina hej tack vänliga hälsningar beställning mig kan så här ännu ej varför",
    "da": "og at det er jeg ikke på for med som en et af den har til om du vi men eller fra når hvor min mit mine hej"
    " tak venlig hilsen bestilling mig kan så her endnu hvorfor hvornår også",
    "nb": "og at det er jeg ikke på for med som en et av den har til om du vi men eller fra når hvor min mitt mine"
    " hei takk vennlig hilsen bestilling meg kan så her ennå hvorfor også dere",
    "fi": "ja on ei että se en minun tilaus tilaukseni kiitos hei mutta tai jos kun missä milloin miksi ole olen oli"
    " ovat voi myös vielä mitä tämä joka teidän terveisin ystävällisin päivää minä te",
    "cs": "a je se na v že to s z do pro ale by jako za tak jsem není po už od jsou mám ještě dobrý den děkuji prosím"
    " objednávka kdy kde proč nebo který která které moje můj jste pozdravem",
    "ro": "și si în este nu la cu de pe că ca din pentru mai un o am sunt dar sau unde când bună ziua mulțumesc comanda"
    " vă rog mea meu dacă încă fost ce care",
    "hu": "a az és nem hogy egy is van ez de meg már csak én mert vagy ha mikor hol miért még köszönöm kérem"
    " rendelésem rendelés üdvözlettel jó napot volt lesz nekem mit",
}
