"""How taglines, sign-offs, small print and "reply above this line" begin, in many languages; lower case."""

from __future__ import annotations

# "reply above this line" of other desks, anywhere in a line.
REPLY_ABOVE = (
    "reply above this line", "type your reply above", "reply above the line", "write above this line",
    "respond above this line", "above this line to reply", "reply above this", "reply above to ",
    "add your reply above", "enter your reply above", "please reply above", "balas di atas baris ini",
    "tulis balasan anda di atas", "antworten sie oberhalb", "antwort bitte oberhalb", "antwort oberhalb",
    "oberhalb dieser zeile", "über dieser zeile", "au-dessus de cette ligne", "au dessus de cette ligne",
    "por encima de esta línea", "encima de esta línea", "sobre esta línea", "acima desta linha",
    "sopra questa riga", "sopra questa linea", "boven deze regel", "boven deze lijn", "powyżej tej linii",
    "nad tą linią", "выше этой строки", "над этой строкой", "вище цього рядка", "πάνω από αυτή τη γραμμή",
    "sa itaas ng linyang ito", "ovanför denna rad", "över denna rad", "over denne linje",
    "over denne linjen", "tämän rivin yläpuolelle", "nad tento řádek", "nad tímto řádkem",
    "nad týmto riadkom", "e sor fölé", "deasupra acestei linii", "bu satırın üst", "iznad ove linije",
    "damunt d'aquesta línia", "请在此行上方", "請在此行上方", "この行より上", "이 줄 위에",
    "phía trên dòng này", "מעל שורה זו", "فوق هذا السطر", "इस पंक्ति के ऊपर", "เหนือบรรทัดนี้",
)  # fmt: skip

# One of these stands in each of those phrases that is ASCII: most lines are, and hold none.
ABOVE_STEMS = (
    "above", "balas", "oberhalb", "cette ligne", "desta linha", "sopra quest", "boven deze", "ng linyang", "over denne",
    "acestei", "iznad ove",
)  # fmt: skip

# "Sent" as phones put it, at the start of the line; a device or a program must be named in the same line.
SENT_WITH = (
    "sent from", "sent via", "sent using", "sent by", "sent wirelessly", "sent on the", "sent with",
    "sent through", "sent-from", "powered by", "composed on my", "typed on my", "gesendet von",
    "gesendet mit", "gesendet über", "gesendet aus", "verschickt von", "verschickt mit", "envoyé de",
    "envoyé depuis", "envoyé à partir", "envoyé avec", "envoyé sans fil", "envoyé via", "envoye de",
    "expédié de", "enviado desde", "enviado do", "enviado de", "enviado da", "enviado por", "enviado via",
    "enviado a partir", "enviado com", "enviado con", "enviado pelo", "enviada do", "enviada desde",
    "enviat des", "inviato da", "inviato con", "inviato tramite", "inviata da", "verzonden vanaf",
    "verzonden vanuit", "verzonden met", "verzonden via", "verzonden van", "verstuurd vanaf",
    "verstuurd vanuit", "verstuurd met", "verstuurd via", "verstuurd van", "wysłano z", "wysłane z",
    "wysłana z", "wyslano z", "отправлено с", "отправлено из", "отправлено от", "отправлено через",
    "надіслано з", "надіслано із", "надіслано через", "відправлено з", "адпраўлена з", "изпратено от",
    "изпратено с", "испратено од", "послато са", "στάλθηκε από", "στάλθηκε με", "εστάλη από",
    "απεστάλη από", "dikirim dari", "dikirim melalui", "dikirim via", "dikirim menggunakan",
    "dikirim dengan", "terkirim dari", "dihantar dari", "dihantar melalui", "ipinadala mula",
    "ipinadala sa", "ipinadala gamit", "naipadala mula", "sendt fra", "sendt med", "sendt via",
    "skickat från", "skickat via", "skickat med", "skickades från", "lähetetty ", "odesláno z",
    "odesláno pomocí", "odeslané z", "odoslané z", "odoslane z", "poslano s ", "poslano z", "poslano iz",
    "poslano sa", "poslata sa", "elküldve ", "trimis de ", "trimis din ", "trimis cu ", "saadetud minu",
    "nosūtīts no", "išsiųsta iš", "dërguar nga", "bidalita ", "đã gửi từ", "gửi từ", "được gửi từ", "发自",
    "發自", "来自我的", "來自我的", "נשלח מ", "أرسلت من", "أُرسلت من", "مرسل من", "تم الإرسال من",
    "ارسال شده از", "ส่งจาก", "yahoo mail:", "imetumwa kutoka",
)  # fmt: skip
# "Get Outlook for Android": only with the name of a mail program.
GET_WITH = (
    "get ", "download ", "holen sie sich", "laden sie", "télécharger", "obtenir", "obtener", "descargar",
    "obter", "baixar", "baixe", "ottieni", "scarica", "pobierz", "скачать", "получить", "отримати",
    "αποκτήστε", "dapatkan", "unduh", "kunin", "hent ", "hämta ", "hanki ", "získat", "preuzmite",
    "obțineți", "descărcați", "获取", "取得", "הורד", "الحصول على", "ดาวน์โหลด",
)  # fmt: skip
# "Sent" at the end of the line, in the languages that put it there, and how such a line begins.
SENT_LAST = (
    "gesendet", "verschickt", "küldve", "gönderildi", "gönderilmiştir", "から送信", "から送信されました",
    "보냄", "보냈습니다", "傳送", "发送", "發送", "寄出", "भेजा गया", "পাঠানো", "beziehen", "downloaden",
    "herunterladen", "edinin", "を入手", "ถูกส่ง", "siųsta",
)  # fmt: skip
BEFORE_SENT = (
    "von meine", "vom ", "mit der mobilen", "diese nachricht wurde", "nachricht von meinem", "az iphone",
    "iphone", "ipad", "android", "samsung", "outlook", "मेरे", "আমার", "从我的", "從我的", "나의", "내 ",
    "galaxy",
)  # fmt: skip
PROGRAMS = (
    "outlook", "gmail", "yahoo", "hotmail", "aol", "gmx", "web.de", "mailbox", "thunderbird", "protonmail",
    "proton mail", "tutanota", "k-9", "fairemail", "superhuman", "zimbra", "zoho", "mail.ru", "mail app",
    "mail-app", "bluemail", "typeapp", "mailspring", "spark", "яндекс", "почт", "네이버", "邮箱",
)  # fmt: skip
BRANDS = (
    "iphon", "ipad", "ipod", "android", "blackberry", "samsung", "galaxy", "huawei", "xiaomi", "redmi",
    "oppo", "vivo", "realme", "oneplus", "nokia", "htc", "xperia", "motorola", "pixel", "wiko", "lumia",
    "windows", "smartphone", "айфон", "андроид", "смартфон", "スマートフォン", "手机", "手機", "אנדרואיד",
    "آيفون", "أندرويد", "มือถือ", "di động",
)  # fmt: skip
GADGETS = (
    "palm", "treo", "smart phone", "phone", "handy", "mobil", "móvil", "movil", "celular", "cellulare",
    "telefon", "téléphone", "teléfono", "telefone", "telefoon", "telefono", "ponsel", "cellphone", "telpon",
    "telepon", "tablet", "handheld", "wireless", "verizon", "t-mobile", "телефон", "κινητό", "携帯",
    "핸드폰", "휴대폰", "טלפון", "هاتف", "جوال", "โทรศัพท์", "điện thoại", "device", "appareil", "apparaat",
    "gerät", "dispositivo", "perangkat", "terminal", "matkapuhelin", "puhelim", "my mac",
)  # fmt: skip

# The last words before a name: a line that is (or begins, when short, with) one of these.
SIGN_OFFS = (
    "best regards", "kind regards", "warm regards", "regards", "with regards", "best wishes",
    "all the best", "many thanks", "thanks", "thank you", "thanks and regards", "thanks & regards",
    "thanks again", "cheers", "thanks in advance", "thank you in advance", "with thanks",
    "thank you very much", "thanks so much", "best regard", "sincerely", "sincerely yours",
    "yours sincerely", "yours truly", "yours faithfully", "yours", "respectfully", "best", "warmly",
    "cordially", "greetings", "kindest regards", "warmest regards", "take care", "rgds", "br", "kr",
    "with best regards", "with kind regards", "with warm regards", "kind regard", "very best", "talk soon",
    "ttyl", "salam", "salam hormat", "hormat saya", "hormat kami", "terima kasih", "terimakasih",
    "wassalam", "salam sejahtera", "terima kasih banyak", "yang benar", "sekian", "sekian terima kasih",
    "matur nuwun", "yang ikhlas", "mit freundlichen grüßen", "mit freundlichem gruß",
    "mit freundlichen grüssen", "mit freundlichen gruessen", "mit freundlichem gruss", "freundliche grüße",
    "freundliche grüsse", "freundlichen gruß", "viele grüße", "viele grüsse", "vielen dank", "liebe grüße",
    "beste grüße", "besten gruß", "beste grüsse", "schöne grüße", "herzliche grüße", "herzlichst",
    "hochachtungsvoll", "gruß", "gruss", "grüße", "lg", "vg", "mfg", "danke", "cordialement",
    "bien cordialement", "très cordialement", "bien à vous", "bien à toi", "sincères salutations",
    "salutations", "salutations distinguées", "meilleures salutations", "amicalement", "merci",
    "merci d'avance", "bonne journée", "bonne réception", "cdlt", "saludos", "un saludo",
    "saludos cordiales", "un cordial saludo", "atentamente", "atte", "gracias", "muchas gracias",
    "un abrazo", "cordialmente", "atenciosamente", "abraços", "abraço", "obrigado", "obrigada", "att",
    "grato", "grata", "cumprimentos", "com os melhores cumprimentos", "melhores cumprimentos",
    "cordiais saudações", "cordiali saluti", "distinti saluti", "saluti", "un saluto", "un cordiale saluto",
    "grazie", "grazie mille", "salutacions", "atentament", "salutacións", "agur", "met vriendelijke groet",
    "met vriendelijke groeten", "vriendelijke groet", "vriendelijke groeten", "groet", "groeten",
    "groetjes", "mvg", "met hartelijke groeten", "hartelijke groet", "hoogachtend", "bedankt",
    "alvast bedankt", "vriendelike groete", "pozdrawiam", "pozdrawiam serdecznie", "z poważaniem",
    "z wyrazami szacunku", "dziękuję", "z powazaniem", "hilsen", "kh", "vh", "hälsningar", "с уважением",
    "с наилучшими пожеланиями", "спасибо", "всего доброго", "з павагай", "με εκτίμηση", "φιλικά",
    "ευχαριστώ", "με φιλικούς χαιρετισμούς", "salamat", "maraming salamat", "lubos na gumagalang",
    "gumagalang", "mvh", "tack", "tak", "takk", "med vänlig hälsning", "med vänliga hälsningar",
    "vänliga hälsningar", "vänlig hälsning", "bästa hälsningar", "venlig hilsen", "med venlig hilsen",
    "bedste hilsner", "mange hilsner", "de bedste hilsner", "på forhånd tak", "vennlig hilsen",
    "med vennlig hilsen", "beste hilsen", "ystävällisin terveisin", "terveisin", "terv", "kiitos", "yt",
    "parhain terveisin", "s pozdravem", "s přátelským pozdravem", "děkuji", "s pozdravom", "ďakujem",
    "s úctou", "lep pozdrav", "lp", "hvala", "srdačan pozdrav", "s poštovanjem", "pozdrav", "с поштовањем",
    "поздрав", "со почит", "üdvözlettel", "tisztelettel", "üdv", "köszönettel", "köszönöm", "saygılarımla",
    "saygılarımızla", "iyi çalışmalar", "teşekkürler", "hörmətlə", "cu stima", "cu stimă", "cu respect",
    "mulțumesc", "o zi bună", "з повагою", "дякую", "с уважение", "поздрави", "благодаря", "lugupidamisega",
    "parimate soovidega", "tervitades", "ar cieņu", "pagarbiai", "me respekt", "faleminderit", "trân trọng",
    "thân ái", "cảm ơn", "此致", "敬上", "谢谢", "謝謝", "祝好", "顺祝商祺", "よろしくお願いします",
    "よろしくお願いいたします", "敬具", "감사합니다", "בברכה", "תודה", "مع التحية", "مع تحياتي", "شكرا",
    "تحياتي", "با احترام", "با تشکر", "सादर", "धन्यवाद", "ขอแสดงความนับถือ", "ขอบคุณครับ", "ขอบคุณค่ะ",
    "dengan hormat kami",
)  # fmt: skip

# Of those, the ones that say something by themselves.
THANKS = frozenset({
    "many thanks", "thanks", "thank you", "thanks again", "thanks in advance", "thank you very much",
    "terima kasih", "terimakasih", "terima kasih banyak", "merci", "gracias", "muchas gracias", "obrigado",
    "obrigada", "grazie", "salamat", "maraming salamat", "ευχαριστώ", "cheers", "best wishes",
    "all the best", "greetings", "danke", "vielen dank", "bedankt", "tack", "tak", "takk", "kiitos",
    "спасибо", "дякую", "dziękuję", "hvala", "cảm ơn", "谢谢", "謝謝", "감사합니다", "תודה", "شكرا",
    "धन्यवाद", "take care", "bonne journée", "teşekkürler", "köszönöm",
})  # fmt: skip

# How the small print of lists and companies begins.
FOOTERS = (
    "you received this message because", "you are receiving this", "you're receiving this",
    "to unsubscribe", "unsubscribe:", "unsubscribe from this", "to stop receiving",
    "this message and any attach", "you received this email because", "you have received this",
    "this is an automatically generated", "this e-mail and any", "this email and any",
    "this e-mail message", "this email message", "this mail and any", "this message is confidential",
    "this message may contain", "this message contains confidential", "this communication is",
    "this e-mail is confidential", "this email is confidential", "this email is intended",
    "this e-mail is intended", "this message is intended", "this email may contain",
    "this e-mail may contain", "confidentiality notice", "confidentiality note", "confidentiality:",
    "legal notice", "disclaimer:", "disclaimer\n", "notice: this", "important notice: this",
    "important: this e", "caution: this e", "warning: this e", "the information contained in this",
    "the information in this e", "the information transmitted", "the contents of this e",
    "the content of this e", "if you are not the intended recipient", "if you have received this e",
    "le contenu de cet e", "ce message est confidentiel", "avis de confidentialité",
    "die information in dieser", "diese e-mail enthält", "diese e-mail kann",
    "diese nachricht ist vertraulich", "der inhalt dieser e", "vertraulichkeitshinweis",
    "bitte denken sie an die umwelt", "bitte prüfen sie der umwelt", "this mail is ",
    "privileged/confidential", "please consider the environment", "before printing",
    "think before you print", "save a tree", "pensez à l'environnement", "pensez à l’environnement",
    "antes de imprimir", "prima di stampare", "este mensaje y sus", "este mensaje va dirigido",
    "este mensaje contiene", "aviso legal", "aviso de confidencialidad", "este correo electr",
    "este e-mail", "esta mensagem", "aviso legal:", "this transmission", "ce message et toutes",
    "ce message et ses", "ce courriel", "cet e-mail", "cet email", "de informatie in dit e-mail",
    "de informatie verzonden", "dit e-mailbericht", "dit bericht is", "dit bericht kan",
    "questo messaggio e", "questo messaggio è", "le informazioni contenute", "le informazioni trasmesse",
    "avviso di riservatezza", "ta wiadomość", "niniejsza wiadomość", "treść tej wiadomości",
    "данное сообщение", "это сообщение и", "настоящее сообщение", "denna e-post", "detta e-postmeddelande",
    "denne e-mail", "denne e-posten", "tämä viesti", "tento e-mail", "táto správa", "ez az üzenet",
    "acest mesaj", "acest e-mail", "bu e-posta", "bu mesaj ve", "το παρόν μήνυμα",
    "αυτό το μήνυμα ηλεκτρονικού", "本邮件", "此邮件", "本郵件", "このメールには", "본 메일",
    "email ini dan", "e-mail ini dan", "pesan ini dan", "pesan ini bersifat", "surel ini", "emel ini dan",
    "ang email na ito", "to view this discussion", "reply to this email directly",
    "you can view, comment on", "for more options, visit", "mailing list:", "mailing list -", "virus-free",
    "virenfrei", "libre de virus", "garanti sans virus", "mentes a vírusoktól", "this email was sent to",
    "this message was sent to", "this email has been checked", "diese e-mail wurde von avast", "scanned by",
    "click here to report this", "cloud services by", "visit the topic", "[visit the topic]", "archives:",
    "list info:", "posting guide",
)  # fmt: skip
