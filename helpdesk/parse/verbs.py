"""The words for "wrote" and the words attribution lines begin with, in the languages mail programs speak.

Only words, never whole lines: `attribution` looks for them together with names, dates and addresses.
"""

from __future__ import annotations

# Looked up as whole words; lower case, letters only (so "napsal(a)" is found as "napsal").
WROTE = frozenset(
    "wrote writes quoting schrieb schreibt geschrieben zitat écrit ecrit écrivait écrivit citation escribió "
    "escribio escribiu escribeu escribe escreveu escrit escriure escriu escriví scritto scrisse scrive scrittu "
    "scrit scris scribite citando schreef schrijft geschreven citeren geskryf skryf skreau skriuwt schreift "
    "geschriwwen skrev skrevet skriver skreiv skrifaði skrivaði skrifar citerar citat kirjoitti kirjoittaa "
    "kirjutas kirjutab rakstīja raksta rašė parašė rašo napisał napisała napisali pisze napisana cytat napsal "
    "napsala píše napísal napísala napisa napisao napisala napisal piše pisao sporoča sporočil sporočila írta irta "
    "idatzi shkroi shkruajti shkruan scríobh sgrìobh ysgrifennodd skrivet skribis yura xutz kiteb viết menulis tulis "
    "membalas nulis nyerat sumulat isinulat nagsulat aliandika ameandika ubhale ubhalile rubuta yazdı yazmış yazıb "
    "yozdi yozgan ýazdy nivîsî nivîsand nanoratra "
    "пишет писал писала написал написала пише писав писала написав написа напишав напиша піша пісаў напісаў "
    "напісала напісаний написао жазған жазды ёзди язды бичсэн навишт έγραψε έγραψαν γράφει գրել գրեց գրում "
    "წერს დაწერა წერდა כתב כתבה כתבו נכתב מאת كتب كتبت كتبوا نوشت نوشته لکھا يازدى يازغان".split()
)
# People say so too: these count only above quoted lines or beside a date and an address.
SAID = frozenset("said says sagte a_dit dijo disse berkata said".split())
# Scripts that write without spaces or with vowel signs: looked up anywhere in the line.
WROTE_INSIDE = (
    "写道", "寫道", "寫到", "写到", "写于", "寫於", "来信", "來信", "書きました", "書いた", "のメッセージ",
    "のメール", "さんは", "より:", "より：", "쓴 글", "쓴 내용", "씀", "작성", "썼", "เขียน", "សរសេរ",
    "ຂຽນ", "ရေး", "लिखा", "लिहि", "लिही", "लेख्", "লিখ", "લખ", "ਲਿਖ", "ଲେଖ", "எழுத", "రాశా", "రాసా",
    "వ్రాశా", "ಬರೆ", "എഴുത", "ලියා", "ලිව", "ጽፏል", "ጽፈ", "كتابة", "كَتَب", "xutz'ib'aj", "בתאריך",
)  # fmt: skip
# What stands before the date or the name; lower case.
OPENERS = frozenset(
    "on am le el em en il la op den dne dňa dnia dana dne v w na u pe în vào pada noong στις kuupäev datumā þann tann "
    "в на у дня об the at ar ri di je më der die dia ved den: kl em: o a à às ob dne: missatge wiadomość je vom från "
    "în data z von from".split()
)
