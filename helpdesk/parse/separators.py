"""Lines such as `-----Original Message-----` and `Begin forwarded message:`, in any language.

Read by two word stems at once, one for "message" and one for "original" or "forwarded", so that every
translator's turn of phrase is found. Dashes stand in for the first of the two.
"""

from __future__ import annotations

import re
import unicodedata

_RULE = re.compile(r"[ \t>]{0,4}(?:_{10,}|-{10,}|={10,}|\*{10,}|—{5,}|─{5,}|━{5,})[ \t]*")
_MOST_WORDS, _BARE_WORDS, _BARE_WIDTH = 8, 6, 60
_INVISIBLE = dict.fromkeys(
    map(ord, "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u2066\u2067\u2069\ufeff")
)

_MESSAGE = (
    "messag", "mensa", "missatge", "messad", "nachricht", "bericht", "boodskap", "berjocht", "powěsć",
    "meddelelse", "meddelande", "besked", "melding", "brev", "viesti", "zpráva", "zprava", "správa",
    "sprava", "poruka", "порука", "порака", "сообщени", "повідомленн", "паведамленн", "писмо", "письмо",
    "ліст", "лист", "хабар", "xabar", "xat", "məktub", "mektup", "ileti", "mesaj", "üzenet", "uzenet",
    "levél", "wiadomoś", "kiri", "teade", "sõnum", "ziņa", "vēstul", "laišk", "tekst", "žinut", "pranešim",
    "sporočilo", "mezua", "mesaĝ", "mesazh", "μήνυμα", "pesan", "mesej", "surel", "mensahe", "sulat",
    "tin nhắn", "thư", "mail", "courriel", "correo", "correu", "email", "post", "boð", "neges",
    "teachtaireacht", "teachdaireachd", "kemennadenn", "izen", "qitzij", "rutzijol", "peyam", "ujumbe",
    "邮件", "郵件", "消息", "讯息", "訊息", "信件", "メッセージ", "メール", "메시지", "메일", "편지",
    "הודעה", "رسالة", "پیام", "پیغام", "نامه", "خەت", "संदेश", "मैसेज", "সন্দেশ", "বার্তা", "தகவல்",
    "செய்தி", "సందేశ", "ಸಂದೇಶ", "സന്ദേശ", "સંદેશ", "ਸੁਨੇਹ", "ข้อความ", "จดหมาย", "សារ", "ຂໍ້ຄວາມ",
    "შეტყობინება", "წერილ", "მესიჯ", "հաղորդագր", "նամակ", "መልእክት",
)  # fmt: skip
_ASCII_MESSAGE = tuple(filter(str.isascii, _MESSAGE))
_ORIGINAL = (
    "origin", "orig.", "orijin", "orijînal", "orîjînal", "orygin", "origjin", "orixi", "orizj", "orgine",
    "orisinal", "ursprüng", "ursprung", "urspr", "oorspronk", "oarspronk", "opprinnelig", "oprindelig",
    "opphavleg", "alkuper", "původní", "puvodni", "pôvodn", "pierwotn", "исходн", "первоначальн",
    "початков", "зыходн", "изворн", "оригинал", "оригінал", "арыгінал", "izvirn", "izvorn", "eredeti",
    "özgün", "asli", "asal", "asl ", "түпнұсқа", "jatorri", "upprun", "upphaf", "algne", "αρχικ",
    "πρωτότυπ", "sākotnēj", "pirminis", "gốc", "原始", "原郵件", "原邮件", "元の", "元メ", "원본", "원래",
    "מקורי", "الأصل", "الأساس", "اصلی", "نخستین", "ئەسلى", "मूल", "पुराना", "खरा", "মূল", "உண்மை", "அசல்",
    "అసలు", "ಮೂಲ", "യഥാ", "મૂળ", "ਅਸਲ", "ต้นฉบับ", "เดิม", "ដើម", "ორიგინალ", "საწყის", "առաջին", "բնօրին",
    "բնաւրին", "նախորդ", "rutzijol", "anezli", "initial", "wreiddiol", "bhunaidh", "bunteach", "thùsail",
    "orin", "reply message", "quoted message", "awali", "zitierte", "previous message",
    "vorherige nachricht",
)  # fmt: skip
_FORWARD = (
    "forwarded", "fwd", "transféré", "transfere", "transmis", "réexpédi", "weitergeleit", "reenvia",
    "reexpedid", "reenvi", "reunvi", "encaminhad", "reencaminhad", "inoltrat", "doorgestuur", "deurgestuur",
    "trochstjoerd", "przekazan", "przesłan", "переадресован", "перенаправ", "пересыла", "пересл",
    "перанакір", "препратен", "проследен", "прослеђ", "proslijeđ", "prosleđ", "proslij", "posredov",
    "videresend", "vidaresend", "vidarebefor", "välitet", "edastatud", "přeposlan", "preposlan", "továbbít",
    "redirecț", "redirect", "retrimis", "iletilen", "iletilmiş", "yönlendiril", "diteruskan", "terusan",
    "dimajukan", "dikirim semula", "ipinasa", "chuyển tiếp", "转发", "轉寄", "轉發", "转寄", "転送", "전달",
    "הועבר", "ממורסל", "ممرّر", "ممرر", "معاد توجيه", "فوروارد", "अग्रेषित", "फ़ॉरवर्ड", "ส่งต่อ", "បន្ត",
    "გადაგზავნ", "გადამისამართ", "փոխանց", "persiųst", "pārsūt", "përcjell", "birbidal", "áframsend",
    "uzatilgan", "жіберілген", "air adhart", "ar aghaidh", "yettwawelhen", "taqon", "sposrědkowana",
    "pósrědnjona", "renvià", "inviate ultra", "προωθημέν", "imetumwa", "plusendet",
)  # fmt: skip
_BY = (
    "forwarded by ", "forwarded message from ", "weitergeleitet von ", "réexpédié par ", "transféré par ",
    "reenviado por ", "encaminhado por ", "inoltrato da ", "doorgestuurd door ", "diteruskan oleh ",
)  # fmt: skip
_FILLERS = frozenset(
    "begin beginning start of the begin: anfang der des die début du de la inicio del início da do inizio messaggio "
    "awal początek treść начало mulai simula ng na an a tha ’ga shìneadh air adhart ar aghaidh ultra semula "
    "asl d'origine d’origine đã được ieșit -i i / --- chik".split()
)


_DASHES = "-_=*–—─"
_MAY_OPEN_RULE = f"{_DASHES}━>"


def announcement(line: str) -> str:
    """'original' or 'forward' for `-----Original Message-----` and its kin, 'rule' for a bare line, else ''.

    'dashed' are other words between dashes: they announce only what looks like a header block.
    """
    stripped = line.strip()
    if not stripped or len(stripped) > 120:
        return ""
    dashed = stripped[0] in _MAY_OPEN_RULE
    if dashed and _RULE.fullmatch(stripped):
        return "rule"
    words = between_dashes(stripped) if dashed else ""
    if not words and len(stripped) > _BARE_WIDTH:
        return ""
    told = (words or stripped.strip("* ")).lower()
    if not told.isascii():
        told = unicodedata.normalize("NFC", told.translate(_INVISIBLE).replace("i\u0307", "i"))
    if told.startswith(_BY):
        return "forward"
    kind = _kind(told, dashed=bool(words))
    return kind or ("dashed" if words and len(words) < 60 else "")


def is_announced(line: str) -> bool:
    """Between dashes: no human writes "Original Message" like that in the middle of their own words."""
    return bool(between_dashes(line.strip()))


def _kind(told: str, *, dashed: bool) -> str:
    told = told.strip(" :：.-_=*")
    words = told.split()
    if not words or len(words) > (_MOST_WORDS if dashed else _BARE_WORDS) or told.endswith(("?", "!")):
        return ""
    message = any(stem in told for stem in (_ASCII_MESSAGE if told.isascii() else _MESSAGE))
    if not (message or dashed) or not (dashed or all(map(_belongs, words))):
        return ""
    if any(stem in told for stem in _FORWARD):
        return "forward"
    return "original" if any(stem in f"{told} " for stem in _ORIGINAL) else ""


def _belongs(word: str) -> bool:
    """Without dashes every word must be one that such lines are made of: humans write these words too."""
    if word in _FILLERS or word.startswith(_ORIGINAL) or word.startswith(_FORWARD):
        return True
    return any(stem in word for stem in _MESSAGE) or any(len(stem) > 4 and stem in word for stem in _ORIGINAL)


def between_dashes(stripped: str) -> str:
    left = stripped.lstrip(f"{_DASHES} ")
    if len(stripped) - len(left) < 2:
        return ""
    words = left.rstrip(f"{_DASHES} ")
    return words if len(left) - len(words) >= 2 else ""
