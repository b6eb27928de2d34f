"""Subjects by which out-of-office programs and auto-responders give themselves away (R36).

For answers that carry no header of their kind. A subject counts only when it is such a phrase, or begins with
one that is closed off the way programs do ("Automatic reply: parcel"). Humans write about replies and absences,
too ("Automatic reply does not work", "Absence Monday"), and answer them ("Re: Automatic reply: parcel").
"""

from __future__ import annotations

import re

_TAG = re.compile(r"(?:\[[^\]]{1,60}\] ?|\*{2,}[^*]{1,30}\*{2,} ?|#\d{1,12}:? ?)", re.IGNORECASE)
_ANSWER = re.compile(
    r"(?:re|aw|sv|antw|fwd?|wg|tr|odp|vs|ref|ynt|rv|enc|回复|答复|返信|转发)(?:\[\d{1,3}\])? ?[:：] ?",
    re.IGNORECASE,
)
_PHRASES = (
    # English
    r"(?:this is an? )?auto(?:mat(?:ic|ed))?[ -]?(?:re(?:ply|sponse|sponder)|answer|acknowledge?ment|"
    r"e?-?mail response)|"
    r"out[ -]of[ -](?:the[ -])?office(?:[ -](?:auto[ -]?reply|reply|auto[ -]?response|response|message|"
    r"notice|notification|"
    r"assistant|autoreply))?|"
    r"(?:i am |i'm )?(?:currently )?(?:out of|away from) (?:the|my) (?:e-?mail|mail|office|desk)|"
    r"(?:vacation|absence|holiday|ooo) (?:auto[ -]?(?:reply|response)|reply|response)|vacation (?:message|"
    r"notice|notification)|"
    r"(?:i am |i'm )?(?:currently )?on (?:vacation|annual leave|maternity leave|parental leave)(?= ?(?:\(|"
    r"re:|auto))|ooo|"
    # Indonesian, Malay, Tagalog
    r"(?:balasan|jawaban|respon) (?:secara )?(?:otomatis|automatik)|(?:sedang )?di luar kantor|"
    r"awtomatikong (?:tugon|sagot)|wala sa opisina|"
    # German, Dutch
    r"auto(?:matische|m\.)? ?(?:antwort|antwoord|beantwoording|rückantwort|reply|empfangsbestätigung|"
    r"eingangsbestätigung)|"
    r"automatisch (?:antwoord|generierte (?:antwort|nachricht)|erzeugte (?:antwort|nachricht)|"
    r"gegenereerd antwoord)|"
    r"abwesenheits(?:notiz|nachricht|mitteilung|benachrichtigung|meldung|assistent|hinweis|info)|"
    r"urlaubsbenachrichtigung|"
    r"(?:ich bin )?(?:derzeit |zurzeit |momentan )?(?:abwesend|nicht im (?:büro|haus)|außer haus)|"
    r"afwezigheids?(?:bericht|melding|assistent)|afwezig(?:heid)?: (?:re|antw)|(?:niet op|"
    r"buiten) (?:het )?kantoor|"
    r"out of office-antwoord|"
    # French
    r"r[ée]ponse auto(?:matique|matis[ée]e)?|r[ée]pondeur(?: automatique)?|(?:message|notification|avis|"
    r"r[ée]ponse) d['’]absence|"
    r"absen(?:ce|t|te) (?:du|de) bureau|accus[ée] de r[ée]ception automatique|"
    # Spanish, Portuguese, Catalan, Italian, Romanian
    r"(?:respuesta|contestaci[óo]n) autom[áa]tica|auto ?respuesta|respuesta de ausencia|"
    r"fuera de (?:la )?oficina|"
    r"ausente de la oficina|resposta (?:auto(?:m[áa]tica|m[àa]tica)|de aus[êe]ncia)|fora d[oe] escrit[óo]rio|"
    r"aus[êe]ncia do escrit[óo]rio|ausente do escrit[óo]rio|fora de l'oficina|"
    r"risposta automatica|(?:messaggio|risposta) di assenza|fuori (?:ufficio|sede)|(?:assente|"
    r"assenza) dall['’]ufficio|"
    r"r[ăa]spuns automat|[îi]n afara biroului|"
    # Scandinavian, Finnish, Icelandic, Baltic
    r"auto(?:matis[kc]?t?|mat)? ?svar|automaattinen (?:vastaus|poissaolo\w*)|automaattivastaus|"
    r"poissaolo(?:viesti|ilmoitus)?|"
    r"poissa (?:toimistolta|töistä)|frånvaro(?:meddelande|svar)?|fravær(?:sbesked|smelding|sassistent)?|"
    r"ikke (?:på|til stede på) kontoret|(?:ej|inte) på kontoret|sj[áa]lfvirkt svar|automaatvastus|"
    r"kontorist väljas|"
    r"autom[āa]tisk[āa] atbilde|automatinis atsakymas|"
    # Slavic
    r"(?:automatyczna )?odpowied[źz] automatyczna|automatyczna odpowied[źz]|auto[- ]?odpowied[źz]|"
    r"poza biurem|"
    r"nieobecno[śs][ćc] w biurze|"
    r"автоматический ответ|автоответ(?:чик)?|авто-ответ|автоматична відповідь|автовідповідь|"
    r"автоматичен отговор|вне офиса|"
    r"отсутств(?:ую|ие) (?:в офисе|на рабочем месте)|поза офісом|аутоматски одговор|автоматски одговор|"
    r"automatick[áa] odpov[ěe][ďd]|mimo (?:kancel[áa][řr]|kancelari[iu]|kancel[áa]rie)|automatski odgovor|"
    r"samodejni odgovor|"
    # Hungarian, Greek, Turkish, Albanian
    r"automatikus (?:v[áa]lasz|üzenet)|házon kívül|irodán kívül|αυτόματη απάντηση|εκτός γραφείου|"
    r"otomatik (?:yan[ıi]t|cevap)|ofis d[ıi][şs][ıi]nda|p[ëe]rgjigje automatike|"
    # Hebrew, Arabic, Persian, Hindi, Thai, Vietnamese
    r"(?:מענה|תשובה|תגובה) אוטומטי(?:ת)?|מחוץ למשרד|(?:رد|الرد) (?:تلقائي|آلي|التلقائي|الآلي)|خارج المكتب|"
    r"پاسخ خودکار|"
    r"स्वचालित (?:उत्तर|जवाब)|स्वतः उत्तर|(?:การ)?ตอบกลับอัตโนมัติ|ตอบอัตโนมัติ|ไม่อยู่ที่สำนักงาน|"
    r"(?:thư )?trả lời tự động|tự động trả lời|"
    # Chinese, Japanese, Korean
    r"自动(?:回复|答复|回覆|应答)|自動(?:回覆|回復|答覆|返信|応答|返答)(?:メール)?|不在(?:通知|のお知らせ|のご連絡|連絡)|外出自動回覆|假期自动回复|"
    r"休暇のお知らせ|자동 ?(?:회신|응답|답장|답변)|부재 ?중(?: ?(?:자동 ?)?(?:회신|응답|메시지|알림))?"
)
# What may follow: the end, a mark, or whose answer it is; "my" and "your" are what humans go on with.
_CLOSED = (
    r"(?=\s?(?:$|[:：;(（\[【.,，。!！/|–—-]|"
    r"(?:from|by|von|van|de|da|do|di|du|dari|daripada|fra|från|od|от|від|zu|auf|op|re|to|until|"
    r"till)\b(?! ?(?:my|your|our|the|this|"
    r"votre|vos|mon|notre|ihr\w*|mein\w*|unser\w*|uw|mijn|vostr\w|su|tu|mi|twoj\w*|wasz\w*|ваш\w*|мо\w+)\b)))"
)
_AWAY = re.compile(f"(?:{_PHRASES}){_CLOSED}", re.IGNORECASE)
_AWAY_ANSWERED = re.compile(r"out[ -]of[ -](?:the[ -])?office auto[ -]?(?:reply|response)\b", re.IGNORECASE)
_TEXT = re.compile(
    r"out of (?:the|my) office|"
    r"(?:am|be) (?:currently )?(?:away|on (?:annual |sick |parental |"
    r"maternity )?(?:leave|vacation|holidays?))|"
    r"auto(?:mat(?:ic|ed))?[ -](?:reply|response)|autoreply|balasan otomatis|sedang cuti|di luar kantor|"
    r"nicht im (?:büro|haus)|bin (?:derzeit |zurzeit )?(?:abwesend|im urlaub)|automatische antwort|"
    r"absente? (?:du bureau|jusqu)|"
    r"réponse automatique|fuera de (?:la )?oficina|respuesta automática|fora do escritório|"
    r"resposta automática|fuori ufficio|"
    r"risposta automatica|niet op kantoor|automatisch antwoord|na urlopie|nieobecn|автоматический ответ|"
    r"в отпуске|у відпустці|"
    r"εκτός γραφείου|wala sa opisina|frånvarande|fraværende|"
    r"自动回复|自動回覆|不在に|休暇|自動返信|자동 ?(?:회신|응답)|부재",
    re.IGNORECASE,
)


def is_away_subject(subject: str) -> bool:
    """Does this subject begin the way auto-responders begin theirs? Tags of lists and filters are looked away."""
    rest = _without_tags(subject[:300].strip())
    answered = _ANSWER.match(rest)
    if answered:
        return bool(_AWAY_ANSWERED.match(_without_tags(rest[answered.end() :])))
    return bool(_AWAY.match(rest)) and not rest.endswith(("?", "？"))


def _without_tags(subject: str) -> str:
    for _ in range(4):
        match = _TAG.match(subject)
        if not match:
            break
        subject = subject[match.end() :].lstrip()
    return subject


def is_away_text(text: str) -> bool:
    """Do the first words say so? Only to be asked of mails that no human's program sends (null sender)."""
    first = " ".join(line for line in text[:1_500].split("\n") if not line.startswith(">"))
    return bool(_TEXT.search(first[:700]))
