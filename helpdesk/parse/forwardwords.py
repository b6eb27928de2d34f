"""What mail programs write above a forwarded mail, where `separators` and `fieldnames` do not know it.

Those two know a quotation's words; these are whole phrases that stand only above a forwarded mail.
"""

from __future__ import annotations

import re

FORWARD = frozenset({
    "awal pesan yang diteruskan", "başlangıç iletilen ileti", "begin van doorgestuurd bericht",
    "beginn der weitergeleiteten e-mail", "beginn der weitergeleiteten nachricht",
    "begynnelse på videresendt melding", "början på vidarebefordrat meddelande",
    "bắt đầu thư được chuyển tiếp", "comienzo del mensaje reenviado", "edasi saadetud kiri",
    "forwarded conversation", "forwarded message below", "forwarded message follows", "framsent skeyti",
    "iletilen ileti başlangıcı", "iletinin başlangıcı", "inici del missatge reenviat",
    "mesej yang dimajukan", "messaggio girato", "naipasang mensahe", "pesan yang diteruskan",
    "początek przekazywanej wiadomości", "početak prosleđene poruke", "preposielaná správa",
    "påbegynd videresendt besked", "påbegynt videresendt melding", "pārsūtītais ziņojums",
    "přeposílaná zpráva", "start på videresendt besked", "start på videresendt e-post", "thư chuyển tiếp",
    "thư được chuyển tiếp", "tin nhắn được chuyển tiếp", "továbbított levél kezdete",
    "továbbított üzenet kezdete", "vidarebefordrat mejl", "välitetty viesti alkaa",
    "wiadomość przesłana dalej", "započinje proslijeđena poruka", "započni proslijeđenu poruku",
    "začetek posredovanega sporočila", "začiatok preposlanej správy", "začátek přeposílané zprávy",
    "începe mesajul redirecționat", "început mesaj redirecționat", "έναρξη προωθημένου μηνύματος",
    "αρχή προωθημένου μηνύματος", "μήνυμα που προωθήθηκε", "започни прослеђену поруку",
    "начало на препратеното съобщение", "початок листа, що пересилається",
    "початок переадресованого повідомлення", "препратено съобщение", "הודעה שהועברה",
    "תחילת ההודעה שהועברה", "תחילת הודעה שהועברה", "الرسالة المعاد توجيهها", "بدء الرسالة المحولة",
    "بداية الرسالة المُعاد توجيهها", "رسالة محولة", "رسالة معاد توجيهها", "پیام ارسال‌شده",
    "پیام هدایت شده", "다음은 전달된 메시지입니다", "forwarded note",
})  # fmt: skip

_NAMES = {
    "from": "odosielatel|expeditorul|αποστολέας|שולח|發件人|відправник|подател|пошиљалац|remetente|nagpadala|verzender",
    "to": "παραλήπτης|получател|til dem|受信者|geadresseerde|adresat",
    "date": "發送日期|датум|gönderilme tarihi|gửi|أرسلت|تم الإرسال",
    "subject": "subiectul|subyek|หัวเรื่อง|标题",
    "cc": "в копии|skrytá kopie|v kópii|skrytá kópia",
}
FIELDS = {word: meaning for meaning, words in _NAMES.items() for word in words.split("|")}

# How the subject of a forward begins, how that of a reply, and how a forward ends.
SUBJECT = re.compile(
    r"(?:\[[^\]]{1,60}\] ?){0,3}(?:fwd?|wg|tr|trs|i|rv|enc|doorst|pd|vs|vb|fs|vl|vid|videresendt|"
    r"továbbítás|továbbítva|tovább|προωθ|πρθ|пересл\w*|пер|"
    r"fyi|ilt|ilet|înt|red(?:ir)?|prosl|pre|naprej|fwd\.|weiterleitung|inoltro|inoltra|reenv(?:iado)?|"
    r"enc\.|res\. enc|ml|diteruskan|terusan|fyrir|"
    r"转发|轉寄|轉發|转寄|転送|전달|fw|הועבר|העברה|إعادة توجيه|محولة|ส่งต่อ|chuyển tiếp) ?[:：] ?",
    re.IGNORECASE,
)
REPLY = re.compile(
    r"(?:\[[^\]]{1,60}\] ?)?(?:re|aw|sv|antw|odp|ref|res|rif|r|ynt|vá|回复|答复|回覆|返信|답장|отв|"
    r"на)(?:\[\d+\])? ?[:：]",
    re.IGNORECASE,
)
END = re.compile(
    r"[\s=*_-]{0,40}(?:end (?:of )?(?:the )?forwarded (?:message|mail)|"
    r"ende der weitergeleiteten (?:nachricht|e-mail)|fin du message (?:transféré|réexpédié)|"
    r"конец пересылаемого (?:сообщения|письма)|fine messaggio inoltrato|fin del mensaje reenviado)",
    re.IGNORECASE,
)
