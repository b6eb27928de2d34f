"""What the fields of a quoted header block are called: From, Sent, To, Subject in the languages of mail programs.

Lower case; the particle behind a participle ("Envoyé le", "Gesendet am", "Enviado el") is looked away.
"""

from __future__ import annotations

import unicodedata

_PARTICLES = (" le", " am", " el", " em", " on", " at", " op", " den", " dne", " dňa", " il", " o", " la")

_NAMES = {
    "from": "from|von|de|da|van|od|от|од|від|ад|από|dari|daripada|mula sa|mula kay|fra|frå|från|frá|lähettäjä|gönderen|"
    "kimden|feladó|küldő|expeditor|de la|отправитель|от кого|від кого|remitente|remitent|mittente|da parte di|"
    "afzender|expéditeur|absender|pengirim|avsender|avsändare|afsender|odesílatel|odesilatel|odosielateľ|pošiljatelj|"
    "pošiljalac|šalje|salje|шаље|nadawca|saatja|no|sūtītājs|nuo|siuntėjas|nga|dërguesi|nork|igorlea|kutoka|từ|"
    "người gửi|发件人|寄件者|寄件人|差出人|送信者|보낸 사람|보낸사람|보낸이|발신|발신자|מאת|من|المرسل|از|فرستنده|"
    "منجانب|จาก|ผู้ส่ง|प्रेषक|से|প্রেরক|থেকে|அனுப்புநர்|పంపినవారు|ಇಂದ|പ്രേഷകൻ|ពី|ຈາກ|кімнен|kimdən|kimdan|ումից|"
    "գումից|ուղարկող|ვისგან|გამომგზავნი|du|oddo|gan|ó|bho|oddi wrth|от:|afz|from address|von:",
    "to": "to|an|à|a|para|per|per a|aan|naar|do|dla|кому|каму|до|προς|kepada|ke|til|till|vastaanottaja|kime|alıcı|"
    "címzett|către|destinatar|收件人|收件者|宛先|받는 사람|받는사람|받는이|수신|komu|prejemnik|primatelj|prima|prima:|"
    "прима|за|za|pro|kay|untuk|destinatário|destinatario|destinatari|destinataire|destination|odbiorca|empfänger|"
    "penerima|mottagare|modtager|mottaker|ontvanger|saaja|adressaat|kam|kellele|gavėjas|kam:|adresāts|për|marrësi|"
    "nori|hartzailea|kwa|đến|tới|người nhận|אל|נמען|إلى|الى|المستلم|به|گیرنده|بنام|ถึง|ผู้รับ|प्रति|को|প্রতি|"
    "பெறுநர்|ವರೆಗೆ|ទៅ|ເຖິງ|кімге|kimə|kimga|ում|ստացող|ვის|მიმღები|получатель|одержувач|at|chuig",
    "date": "date|sent|sent at|datum|gesendet|verschickt|zeit|envoyé|envoye|envoyée|fecha|enviado|enviada|enviat|data|"
    "data/hora|data e hora|date/heure|inviato|inviata|verzonden|gestuur|datums|wysłano|wysłane|data wysłania|"
    "отправлено|отправлен|дата|дата и время|дата отправки|надіслано|адпраўлена|изпратено|испратено|послато|στάλθηκε|"
    "ημερομηνία|εστάλη|απεστάλη|dikirim|dihantar|tanggal|tarikh|terkirim|pada|waktu|sendt|dato|skickat|lähetetty|"
    "päivämäärä|päiväys|tarih|gönderme|gönderme tarihi|gönderilen|gönderildi|gönderim tarihi|dátum|elküldve|küldve|"
    "idő|időpont|trimis|dată|odesláno|odoslané|odoslané:|poslano|poslato|poslané|saadetud|kuupäev|nosūtīts|datums|"
    "išsiųsta|dërguar|dërguar më|bidaltze-data|bidalita|imetumwa|ngày|ngày gửi|đã gửi|发送时间|发送日期|日期|时间|時間|"
    "傳送日期|傳送時間|寄件日期|寄件時間|送信日時|日付|日時|보낸 날짜|보낸날짜|날짜|일시|date sent|petsa|ipinadala|"
    "naipadala|נשלח|תאריך|تاريخ|التاريخ|تاريخ الإرسال|أرسل|أُرسلت|مرسل|تاریخ|ارسال شده|ارسال|بھیجا گیا|วันที่|ส่ง|"
    "ส่งเมื่อ|เวลา|भेजा गया|दिनांक|तारीख|তারিখ|পাঠানো|அனுப்பியது|தேதி|తేదీ|ದಿನಾಂಕ|തീയതി|ថ្ងៃ|ວັນທີ|жіберілді|күні|"
    "tarix|göndərildi|sana|yuborilgan|ուղարկված|ամսաթիվ|გაგზავნილია|თარიღი|when|received|empfangen|dyddiad|anfonwyd|"
    "dáta|seolta|dagsetning|dags",
    "subject": "subject|betreff|betr|objet|sujet|asunto|assunto|oggetto|onderwerp|temat|тема|тэма|относно|предмет|"
    "θέμα|perihal|subjek|hal|emne|ämne|aihe|otsikko|konu|tárgy|subiect|předmět|predmet|zadeva|naslov|наслов|主题|主旨|"
    "標題|主題|件名|제목|paksa|tema|teema|temats|tēma|judul|subjekti|lënda|gaia|mada|chủ đề|tiêu đề|נושא|הנדון|"
    "الموضوع|موضوع|موضوع:|เรื่อง|หัวข้อ|विषय|বিষয়|பொருள்|విషయం|ವಿಷಯ|വിഷയം|ប្រធានបទ|ຫົວຂໍ້|тақырып|mövzu|mavzu|թեմա|"
    "առարկա|თემა|assumpte|efni|pwnc|ábhar|cuspair|re|onderwerp:",
    "cc": "cc|kopie|copie|copie à|kopia|kopi|копия|копіє|копія|κοιν|κοινοποίηση|κοιν.|tembusan|kopya|bilgi|抄送|副本|"
    "참조|bcc|salinan|copia|cópia|másolat|másolatot kap|kopio|koopia|kopija|dw|ud|ccn|cci|cco|kopie an|a/c|sk|kp|cc:|"
    "c/c|com cópia|con copia|sao gửi|עותק|نسخة|رونوشت|สำเนา|प्रतिलिपि|hidden copy|blind copy",
    "other": "importance|reply-to|reply to|répondre à|responder a|antwort an|attachments|attachment|priority|"
    "organization|anlagen|anlage|anhänge|pièces jointes|pj|adjuntos|datos adjuntos|anexos|allegati|bijlagen|bijlage|"
    "załączniki|вложения|вкладення|lampiran|bilagor|vedlegg|vedhæftede filer|liitteet|wichtigkeit|priorität|"
    "importancia|importância|importanza|urgentie|message-id|newsgroups|list-post|mailing list|mailed-by|signed-by|"
    "sensitivity|vertraulichkeit|categories|kategorien|resent-from|return-path|sender|x-mailer|附件|添付ファイル|"
    "첨부파일",
}
FIELDS: dict[str, str] = {
    word.rstrip(":"): meaning for meaning, words in _NAMES.items() for word in words.split("|")
}


def meaning_of(name: str) -> str:
    """'from', 'to', 'date', 'subject', 'cc', 'other', or '' for a word that names no field."""
    name = unicodedata.normalize("NFC", " ".join(name.lower().split()))
    if name in FIELDS:
        return FIELDS[name]
    for particle in _PARTICLES:
        if name.endswith(particle):
            return FIELDS.get(name.removesuffix(particle), "")
    return ""
