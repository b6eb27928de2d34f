"""The words by which mail programs announce a quotation, in the languages they speak.

Only words, no patterns: `attribution` and `quotes` look them up as whole words of short lines.
"""

from __future__ import annotations

# "... wrote:", the verb at the end or near the start of an attribution line; lower case.
WROTE = frozenset(
    "wrote writes wrote: said menulis tulis membalas sumulat isinulat schrieb schreibt écrit ecrit écrivait escribió "
    "escribio escribiu escribeu escreveu scritto scrit schreef skrev skreiv skreau schreift napisał napisał(a) "
    "napisał/a napisała pisze napisal napisal(a) napísal napísal(a) piše je napisao napisao/la napisao(la) "
    "пишет писал писал(а) написал написал(а) написала написа написав напісаў піша пише έγραψε έγραψες kirjoitti "
    "kirjutas rakstīja rašė parašė scris scrisse skrifaði skrivaði írta yazdı yazmış yazıb viết scríobh sgrìobh "
    "ysgrifennodd skrivet skribis scribite shkroi idatzi escriure escrit scrittu писав жазған yozdi yozgan sporoča "
    "כתב נכתב كتب كَتَب نوشت نوشته წერს დაწერა napisa yura xutz'ib'aj գրել գրեց "
    "เขียนว่า เขียนเมื่อ 写道 寫道 寫到 写于 書きました のメッセージ より 쓴 작성 씀 작성함".split()
)
# Scripts that put no space before the verb: looked up anywhere in the line.
WROTE_INSIDE = (
    "写道", "寫道", "寫到", "写于", "書きました", "のメッセージ", "より:", "쓴 글", "쓴 내용", "이 씀", "작성",
    "เขียน", "បាន\u200bសរសេរ", "ने लिखा", "ने लिहीले", "എഴുതി", "எழுத", "গল্প", "na leanas",
)  # fmt: skip

# Between dashes above a quoted mail, or alone on a line above a header block; lower case.
ORIGINAL = frozenset({
    "original message", "original-message", "originalmessage", "reply message", "message original",
    "message d'origine", "message d’origine", "courriel original", "courriel initial", "message initial",
    "original-nachricht", "originalnachricht", "ursprüngliche nachricht", "ursprungliche nachricht",
    "urspr. nachricht", "pesan asli", "pesan orisinal", "mensaje original", "correo original", "mensagem original",
    "messaggio originale", "oorspronkelijk bericht", "oorspronkelijke bericht", "origineel bericht",
    "orgineel bericht", "wiadomość oryginalna", "oryginalna wiadomość", "treść oryginalnej wiadomości",
    "исходное сообщение", "пересылаемое сообщение", "αρχικό μήνυμα", "πρωτότυπο μήνυμα", "orihinal na mensahe",
    "mesej asal", "oprindelig meddelelse", "original besked", "oprindelig besked", "ursprungligt meddelande",
    "originalmeddelande", "opprinnelig melding", "original melding", "opphavleg melding", "alkuperäinen viesti",
    "původní zpráva", "puvodni zprava", "pôvodná správa", "eredeti üzenet", "mesaj original", "mesajul original",
    "оригинално писмо", "оригінальне повідомлення", "початкове повідомлення", "özgün ileti", "orijinal mesaj",
    "izvorna poruka", "originalna poruka", "оригинална порука", "izvirno sporočilo", "izvorno sporočilo",
    "missatge original", "thư gốc", "原始邮件", "原始郵件", "原始消息", "元のメッセージ", "元メール", "원본 메시지",
    "הודעה מקורית", "الرسالة الأصلية", "ข้อความต้นฉบับ",
})  # fmt: skip
FORWARD = frozenset({
    "forwarded message", "begin forwarded message", "forwarded mail", "forward message", "message transféré",
    "message transmis", "début du message transféré", "début du message réexpédié", "weitergeleitete nachricht",
    "anfang der weitergeleiteten nachricht", "anfang der weitergeleiteten e-mail", "pesan diteruskan",
    "pesan terusan", "awal pesan terusan", "mensaje reenviado", "inicio del mensaje reenviado",
    "mensagem encaminhada", "mensagem reencaminhada", "início da mensagem reencaminhada",
    "início da mensagem encaminhada", "messaggio inoltrato", "inizio messaggio inoltrato", "doorgestuurd bericht",
    "begin doorgestuurd bericht", "przekazana wiadomość", "treść przekazanej wiadomości", "wiadomość przekazana",
    "перенаправленное сообщение", "пересылаемое сообщение", "начало переадресованного сообщения",
    "προωθημένο μήνυμα", "ipinasang mensahe", "mesej dikirim semula", "videresendt meddelelse",
    "vidarebefordrat meddelande", "vidarebefordrat brev", "videresendt melding", "vidaresend melding",
    "välitetty viesti", "přeposlaná zpráva", "preposlaná správa", "továbbított üzenet", "mesaj redirecționat",
    "переслане повідомлення", "препратено писмо", "iletilen ileti", "iletilmiş mesaj", "proslijeđena poruka",
    "прослеђена порука", "posredovano sporočilo", "missatge reenviat", "tin nhắn đã được chuyển tiếp",
    "转发的消息", "轉寄郵件", "转发邮件", "전달된 메시지", "转发的邮件", "הודעה שהועברה", "رسالة ممرّرة", "ข้อความที่ส่งต่อ",
})  # fmt: skip

# Field names of a quoted header block, by what they mean; lower case.
FIELDS: dict[str, str] = {
    word: meaning
    for meaning, words in {
        "from": "from|von|de|da|van|od|от|від|από|dari|mula sa|mula "
        "kay|fra|frå|från|lähettäjä|gönderen|kimden|feladó|"
        "expeditor|отправитель|от кого|remitente|remitente|mittente|afzender|expéditeur|absender|pengirim|avsender|"
        "da parte di|odesílatel|发件人|寄件者|差出人|보낸 사람|보낸사람|מאת|من|จาก",
        "to": "to|an|à|a|para|per|aan|naar|do|dla|кому|до|προς|kepada|ke|til|till|vastaanottaja|kime|alıcı|címzett|"
        "către|收件人|宛先|받는 사람|받는사람|komu|pro|para|kay|untuk|destinatário|destinatario|destinataire|"
        "empfänger|penerima|אל|إلى|ถึง",
        "date": "date|sent|datum|gesendet|gesendet am|envoyé|envoye|fecha|enviado|enviado el|enviada em|enviado em|"
        "enviada|data|inviato|verzonden|verzonden op|wysłano|wysłane|data wysłania|отправлено|дата|надіслано|"
        "στάλθηκε|ημερομηνία|εστάλη|dikirim|tanggal|terkirim|pada|sendt|dato|skickat|skickat den|lähetetty|"
        "päivämäärä|päiväys|tarih|gönderme|gönderilen|gönderildi|dátum|elküldve|trimis|odesláno|odoslané|poslano|"
        "发送时间|日期|傳送日期|寄件日期|送信日時|日時|보낸 날짜|날짜|dátum|petsa|ipinadala|נשלח|تاريخ|วันที่|"
        "envoyée|sent at|"
        "when",
        "subject": "subject|betreff|objet|asunto|assunto|oggetto|onderwerp|temat|тема|θέμα|perihal|subjek|emne|"
        "ämne|aihe|konu|tárgy|subiect|předmět|predmet|主题|主旨|件名|제목|paksa|tema|judul|נושא|הנדון|الموضوع|เรื่อง",
        "cc": "cc|kopie|copie|kopia|копия|копія|κοιν|κοινοποίηση|κοιν.|tembusan|kopi|kopya|抄送|副本|참조|bcc|"
        "tembusan|salinan|copia|cópia|másolat|kopio|dw|ud",
        "other": "importance|reply-to|reply to|attachments|priority|organization|anlagen|anhänge|pièces jointes|"
        "adjuntos|anexos|allegati|bijlagen|załączniki|lampiran|wichtigkeit|priorität|importancia|importância|"
        "message-id|newsgroups|list-post|mailing list|mailed-by",
    }.items()
    for word in words.split("|")
}

# "reply above this line" of other desks, anywhere in a line; lower case.
REPLY_ABOVE = (
    "reply above this line", "type your reply above", "reply above the line", "write above this line",
    "respond above this line", "above this line to reply", "reply above this", "balas di atas baris ini",
    "tulis balasan anda di atas", "antworten sie oberhalb", "antwort bitte oberhalb", "oberhalb dieser zeile",
    "au-dessus de cette ligne", "por encima de esta línea", "encima de esta línea", "acima desta linha",
    "sopra questa riga", "boven deze regel", "powyżej tej linii", "выше этой строки", "πάνω από αυτή τη γραμμή",
    "sa itaas ng linyang ito",
)  # fmt: skip

# Lines that mail programs and phones add by themselves: how they begin; lower case.
TAGLINES = (
    "sent from my ", "sent via ", "sent from mail", "sent from outlook", "sent from yahoo", "sent from gmail",
    "sent from samsung", "sent from a ", "sent using ", "sent by ", "sent wirelessly", "sent on the ", "sent with ",
    "get outlook for", "download outlook", "von meinem ", "gesendet von", "gesendet mit", "diese nachricht wurde von",
    "envoyé de mon", "envoyé depuis", "envoyé à partir", "envoyé sans fil", "télécharger outlook", "enviado desde",
    "enviado do", "enviado de", "enviado por", "enviado via", "enviado a partir", "enviado con", "inviato da",
    "inviato dal", "inviato con", "verzonden vanaf", "verstuurd vanaf", "verzonden met", "verstuurd met",
    "outlook voor", "wysłane z", "wysłano z", "отправлено с ", "отправлено из", "отправлено от",
    "надіслано з", "στάλθηκε από", "εστάλη από", "dikirim dari", "dikirim melalui", "terkirim dari",
    "ipinadala mula", "ipinadala sa", "sendt fra", "skickat från", "skickat via", "lähetetty ", "odesláno z",
    "odoslané z", "poslano iz", "küldve az", "trimis de pe", "iphone'umdan", "ipad'imden", "отправено от",
    "發自我的", "发自我的", "iphoneから送信", "iphone에서 보냄", "나의 iphone", "nachricht von meinem",
    "unable to view or ", "yahoo mail:", "sendt med", "этo письмо отправлено",
)  # fmt: skip

# The last words before a name: a line that is (or begins, when short, with) one of these; lower case.
SIGN_OFFS = (
    "best regards", "kind regards", "warm regards", "regards", "with regards", "best wishes", "all the best",
    "many thanks", "thanks", "thank you", "thanks and regards", "thanks & regards", "thanks again", "cheers",
    "sincerely", "yours sincerely", "yours truly", "yours faithfully", "yours", "respectfully", "best", "warmly",
    "cordially", "greetings", "kindest regards", "take care", "rgds", "br", "with best regards", "kind regard",
    "salam", "salam hormat", "hormat saya", "hormat kami", "terima kasih", "terimakasih", "wassalam",
    "mit freundlichen grüßen", "mit freundlichem gruß", "mit freundlichen grüssen", "mit freundlichen gruessen",
    "freundliche grüße", "freundliche grüsse", "viele grüße", "viele grüsse", "liebe grüße", "beste grüße",
    "schöne grüße", "herzliche grüße", "gruß", "grüße", "lg", "vg", "mfg", "cordialement", "bien cordialement",
    "bien à vous", "sincères salutations", "salutations", "amicalement", "merci", "saludos", "un saludo",
    "saludos cordiales", "atentamente", "gracias", "atenciosamente", "abraços", "obrigado", "obrigada", "att",
    "cumprimentos", "com os melhores cumprimentos", "cordiali saluti", "distinti saluti", "saluti", "grazie",
    "met vriendelijke groet", "met vriendelijke groeten", "vriendelijke groet", "vriendelijke groeten", "groet",
    "groeten", "mvg", "met hartelijke groeten", "hartelijke groet", "pozdrawiam", "z poważaniem",
    "z wyrazami szacunku",
    "z powazaniem", "hilsen", "kh", "vh", "hälsningar", "с уважением", "με εκτίμηση", "φιλικά", "ευχαριστώ",
    "salamat", "lubos na gumagalang", "mvh",
    "med vänlig hälsning", "med vänliga hälsningar", "vänliga hälsningar", "venlig hilsen", "med venlig hilsen",
    "vennlig hilsen", "med vennlig hilsen", "ystävällisin terveisin", "s pozdravem", "s pozdravom", "lep pozdrav",
    "srdačan pozdrav", "pozdrav", "üdvözlettel", "saygılarımla", "cu stima", "cu respect", "з повагою",
)  # fmt: skip

# Of those, the ones that say something by themselves.
THANKS = frozenset({
    "many thanks", "thanks", "thank you", "thanks again", "terima kasih", "terimakasih", "merci", "gracias",
    "obrigado", "obrigada", "grazie", "salamat", "ευχαριστώ", "cheers", "best wishes", "all the best", "greetings",
})  # fmt: skip

# How the small print of lists and companies begins; lower case.
FOOTERS = (
    "you received this message because", "you are receiving this", "you're receiving this", "to unsubscribe",
    "unsubscribe:", "unsubscribe from this", "to stop receiving", "this message and any attach",
    "this e-mail and any", "this email and any", "this e-mail message", "this email message",
    "this message is confidential",
    "this communication is", "this e-mail is confidential", "this email is confidential",
    "confidentiality notice", "confidentiality note", "disclaimer", "the information contained in this",
    "the information in this e", "the contents of this e", "the content of this e", "le contenu de cet e",
    "die information in dieser", "diese e-mail enthält", "diese e-mail kann", "this mail is ",
    "privileged/confidential",
    "please consider the environment", "before printing", "think before you print", "este mensaje y sus",
    "este correo electr", "este e-mail", "this transmission", "ce message et toutes", "ce courriel",
    "de informatie in dit e-mail", "dit e-mailbericht", "dit bericht", "questo messaggio",
    "le informazioni contenute",
    "email ini dan", "e-mail ini dan", "pesan ini dan", "to view this discussion", "reply to this email directly",
    "you can view, comment on", "for more options, visit", "mailing list:", "virus-free", "this email was sent to",
)  # fmt: skip
