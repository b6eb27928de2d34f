"""Attribution lines of many clients in many languages: the shapes are theirs, the people ours (2.3, T15)."""

from __future__ import annotations

import pytest

from helpdesk.model.mail import Emptiness
from helpdesk.parse.emptiness import judge
from helpdesk.parse.quotes import read_reply

WHO = "Anne Smith <anne@customer.example>"
GMAIL = {
    "en": f"On Mon, Mar 9, 2026 at 10:15 AM {WHO} wrote:",
    "de": f"Am Mo., 9. März 2026 um 10:15 Uhr schrieb {WHO}:",
    "fr": f"Le lun. 9 mars 2026 à 10:15, {WHO} a écrit :",
    "es": "El lun, 9 mar 2026 a las 10:15, Anne Smith (<anne@customer.example>) escribió:",
    "pt-br": f"Em seg., 9 de mar. de 2026 às 10:15, {WHO} escreveu:",
    "pt": f"{WHO} escreveu (segunda, 9/03/2026 à(s) 10:15):",
    "it": f"Il giorno lun 9 mar 2026 alle ore 10:15 {WHO} ha scritto:",
    "nl": f"Op ma 9 mrt 2026 om 10:15 schreef {WHO}:",
    "pl": f"pon., 9 mar 2026 o 10:15 {WHO} napisał(a):",
    "ru": f"пн, 9 мар. 2026 г. в 10:15, {WHO}:",
    "uk": f"пн, 9 бер. 2026 р. о 10:15 {WHO} пише:",
    "cs": f"po 9. 3. 2026 v 10:15 odesílatel {WHO} napsal:",
    "sk": f"po 9. 3. 2026 o 10:15 {WHO} napísal(a):",
    "hu": f"{WHO} ezt írta (időpont: 2026. márc. 9., H, 10:15):",
    "ro": f"lun., 9 mar. 2026 la 10:15, {WHO} a scris:",
    "bg": f"На пн, 9.03.2026 г. в 10:15 {WHO} написа:",
    "hr": f"pon, 9. ožu 2026. u 10:15 {WHO} napisao je:",
    "sr": f"пон, 9. мар 2026. у 10:15 {WHO} је написао/ла:",
    "sl": f"V V pon., 9. mar. 2026 ob 10:15 je oseba {WHO} napisala:",
    "el": f"Στις Δευ 9 Μαρ 2026 στις 10:15 π.μ., ο χρήστης {WHO} έγραψε:",
    "tr": f"{WHO}, 9 Mar 2026 Pzt, 10:15 tarihinde şunu yazdı:",
    "sv": f"Den mån 9 mars 2026 kl 10:15 skrev {WHO}:",
    "da": f"Den man. 9. mar. 2026 kl. 10.15 skrev {WHO}:",
    "no": f"man. 9. mar. 2026 kl. 10:15 skrev {WHO}:",
    "fi": "ma 9. maalisk. 2026 klo 10.15 Anne Smith (anne@customer.example) kirjoitti:",
    "et": f"Kuupäev E, 9. märts 2026 kell 10:15 kirjutas {WHO}:",
    "lv": "pirmd., 2026. g. 9. marts, plkst. 10:15 — lietotājs Anne Smith (<anne@customer.example>) rakstīja:",
    "lt": f"2026-03-09, pr, 10:15 {WHO} rašė:",
    "is": f"mán., 9. mar. 2026 kl. 10:15 skrifaði {WHO}:",
    "ja": f"2026年3月9日(月) 10:15 {WHO}:",
    "zh": f"{WHO} 于2026年3月9日周一 10:15写道：",
    "zh-tw": f"{WHO} 於 2026年3月9日 週一 上午10:15寫道：",
    "ko": f"2026년 3월 9일 (월) 오전 10:15, {WHO}님이 작성:",
    "th": f"ในวันที่ จ. 9 มี.ค. 2026 เวลา 10:15 {WHO} เขียนว่า:",
    "vi": f"Vào Th 2, 9 thg 3, 2026 vào lúc 10:15 {WHO} đã viết:",
    "id": f"Pada Sen, 9 Mar 2026 pukul 10.15 {WHO} menulis:",
    "ms": f"Pada Isn, 9 Mac 2026 pada 10:15 PG {WHO} menulis:",
    "tl": f"Noong Lun, Mar 9, 2026 nang 10:15 AM, sumulat si {WHO}:",
    "ar": f"في الاثنين، ٩ مارس ٢٠٢٦ في ١٠:١٥ ص تمت كتابة ما يلي بواسطة {WHO}:",
    "he": "\u202bבתאריך יום ב׳, 9 במרץ 2026 ב-10:15 מאת \u202aAnne\u202c <\u202aanne@a.example\u202c\u200f>:\u202c",
    "fa": f"در تاریخ دوشنبه ۹ مارس ۲۰۲۶، ۱۰:۱۵ {WHO} نوشت:",
    "hi": f"सोम, 9 मार्च 2026 को 10:15 am बजे को {WHO} ने लिखा:",
    "bn": f"সোম, ৯ মার্চ, ২০২৬ তারিখে ১০:১৫ AM টায় {WHO} লিখেছেন:",
    "ta": f"திங்., 9 மார்., 2026, முற்பகல் 10:15 அன்று, {WHO} எழுதியது:",
    "ca": f"Missatge de {WHO} del dia dl., 9 de març 2026 a les 10:15:",
    "eu": "Erabiltzaileak (Anne <anne@customer.example>) hau idatzi du (2026 mar. 9, al. (10:15)):",
    "gl": "O lun, 9 mar 2026 ás 10:15, Anne (<anne@customer.example>) escribiu:",
    "af": f"Op Ma., 9 Mar. 2026 om 10:15 het {WHO} geskryf:",
    "sw": f"Mnamo Jum, 9 Mac 2026 saa 10:15 {WHO} aliandika:",
    "hy": "Anne <anne@customer.example>-ը երկ, 9 մրտ, 2026 թ., ժ. 10:15-ին գրեց.",
}
APPLE = {
    "en": f"On 9 Mar 2026, at 10:15, {WHO} wrote:",
    "en-us": f"On Mar 9, 2026, at 10:15\u202fAM, {WHO} wrote:",
    "de": f"Am 09.03.2026 um 10:15 schrieb {WHO}:",
    "fr": f"Le 9 mars 2026 à 10:15, {WHO} a écrit :",
    "es": f"El 9 mar 2026, a las 10:15, {WHO} escribió:",
    "it": f"Il giorno 9 mar 2026, alle ore 10:15, {WHO} ha scritto:",
    "nl": f"Op 9 mrt. 2026, om 10:15 heeft {WHO} het volgende geschreven:",
    "sv": f"9 mars 2026 kl. 10:15 skrev {WHO}:",
    "fi": f"{WHO} kirjoitti 9.3.2026 kello 10.15:",
    "pt": f"Em 9 de mar. de 2026, à(s) 10:15, {WHO} escreveu:",
    "pl": f"Wiadomość napisana przez {WHO} w dniu 9 mar 2026, o godz. 10:15:",
    "ru": f"9 марта 2026 г., в 10:15, {WHO} написал(а):",
    "cs": f"9. 3. 2026 v 10:15, {WHO}:",
    "sk": f"Dňa 9. 3. 2026 o 10:15 {WHO} napísal:",
    "hu": f"2026. márc. 9. dátummal, 10:15 időpontban {WHO} írta:",
    "ro": f"Pe 9 mar. 2026, la 10:15, {WHO} a scris:",
    "tr": f"{WHO} şunları yazdı (9 Mar 2026 10:15):",
    "zh": f"在 2026年3月9日，10:15，{WHO} 写道：",
    "ja": f"2026/03/09 10:15、{WHO}のメール:",
    "ko": f"2026. 3. 9. 오전 10:15, {WHO} 작성:",
    "th": f"เมื่อวันที่ 9 มี.ค. 2569 BE เวลา 10:15, {WHO} เขียนว่า:",
    "vi": f"Vào 10:15, 9 thg 3, 2026, {WHO} đã viết:",
    "he": "\u200fב-9 במרץ 2026, בשעה 10:15, \u200f\u200fAnne \u200f<\u200f\u202aanne@a.example\u202c\u200f> כתב/ה:",
    "ar": "\u202bفي ٩ مارس ٢٠٢٦، الساعة ١٠:١٥، كتب/ت Anne <anne@customer.example>:\u202c",
    "hr": f"Dana 09.03.2026., u 10:15, {WHO} je napisao/la:",
    "ca": f"El 9 març 2026, a les 10:15, {WHO} va escriure:",
    "uk": f"9 бер. 2026 р. о 10:15 {WHO} пише:",
}
OTHERS = {
    "yahoo": f"On Monday, March 9, 2026 at 10:15:00 AM GMT+7, {WHO} wrote:",
    "yahoo german": f"{WHO} schrieb am 10:15 Montag, 9.März 2026:",
    "yahoo french": f"Le lundi 9 mars 2026 à 10:15:00 UTC+1, {WHO} a écrit :",
    "zoho": f"---- On Mon, 09 Mar 2026 10:15:00 +0700 {WHO} wrote ----",
    "lotus": f"-----{WHO} wrote: -----",
    "evolution": "On Mon, 2026-03-09 at 10:15 +0700, Anne Smith wrote:",
    "evolution german": "Am Montag, dem 09.03.2026 um 10:15 +0100 schrieb Anne Smith:",
    "kmail": "On Monday, 9 March 2026 10:15:00 WIB Anne Smith wrote:",
    "mutt": "On Mon, Mar 09, 2026 at 10:15:00AM +0700, Anne Smith wrote:",
    "mutt german": "* Anne Smith <anne@customer.example> [2026-03-09 10:15]:",
    "yandex": '09.03.2026, 10:15, "Anne" <anne@customer.example>:',
    "mail.ru": "Понедельник, 9 марта 2026, 10:15 +03:00 от Anne <anne@customer.example>:",
    "tuta": "9 Mar 2026, 10:15 by anne@customer.example:",
    "spark": "On 9 Mar 2026, 10:15 +0700, Anne <anne@customer.example>, wrote:",
    "proton": f"On Monday, March 9th, 2026 at 10:15, {WHO} wrote:",
    "roundcube": "Am 09.03.2026 10:15 schrieb anne@customer.example:",
    "roundcube indonesian": "Pada 2026-03-09 10:15, Anne Smith menulis:",
}
CLIENTS = {
    f"{program} {language}": line
    for program, lines in {"gmail": GMAIL, "apple": APPLE, "other": OTHERS}.items()
    for language, line in lines.items()
}
ABOVE_QUOTES_ONLY = {
    "gnus": "Anne Smith <anne@customer.example> writes:",
    "imp": "Quoting Anne Smith <anne@customer.example>:",
    "imp german": "Zitat von Anne Smith <anne@customer.example>:",
    "thunderbird": "Anne Smith wrote:",
    "thunderbird german": "Anne Smith schrieb:",
    "thunderbird date alone": "2026-03-09 10:15, Anne Smith:",
    "news": "In article <1@customer.example>, Anne wrote:",
}
MINE = "Please restart it."


def _wrap(line: str, width: int) -> str:
    """As mail programs do it at the last space before `width`."""
    rows = [""]
    for word in line.split(" "):
        if rows[-1] and len(rows[-1]) + len(word) >= width:
            rows.append(word)
        else:
            rows[-1] = f"{rows[-1]} {word}".strip()
    return "\n".join(rows)


@pytest.mark.parametrize("client", [*CLIENTS, *ABOVE_QUOTES_ONLY])
def test_an_attribution_above_quoted_lines_is_cut(client: str) -> None:
    line = {**CLIENTS, **ABOVE_QUOTES_ONLY}[client]

    assert read_reply(f"{MINE}\n\n{line}\n\n> Help\n> me\n").new_text == MINE
    assert read_reply(f"{line}\n> Help\n\n{MINE}").new_text == MINE


@pytest.mark.parametrize("client", CLIENTS)
def test_an_attribution_without_quotation_marks_ends_the_own_text(client: str) -> None:
    assert read_reply(f"{MINE}\n\n{CLIENTS[client]}\n\nHelp\nme\n").new_text == MINE


@pytest.mark.parametrize("width", [76, 60, 45])
@pytest.mark.parametrize("client", CLIENTS)
def test_an_attribution_over_several_lines_is_one(client: str, width: int) -> None:
    wrapped = _wrap(CLIENTS[client], width)

    assert read_reply(f"{MINE}\n\n{wrapped}\n\n> Help\n").new_text == MINE


@pytest.mark.parametrize("client", CLIENTS)
def test_a_reply_without_words_is_empty_in_every_language(client: str) -> None:
    reading = read_reply(f"\n\n{CLIENTS[client]}\n\n> Help\n> me\n")

    assert reading.new_text == ""
    assert judge(reading, ()) is Emptiness.EMPTY


SENTENCES = [
    "My boss said:\n> do it today",
    "Please look at this line:\n> error 5",
    "As I wrote on 9 March:\nit does not start",
    "The log of 10:15 said:\nerror 5",
    "We met on 9/3/2026 at 10:15.\nSince then nothing.",
    "Write to bart@staff.example please:\nhe knows",
]


@pytest.mark.parametrize("text", SENTENCES)
def test_human_sentences_make_no_mail_empty(text: str) -> None:
    reading = read_reply(text)

    assert judge(reading, ()) is not Emptiness.EMPTY
    assert read_reply(f"{MINE}\n{text}").new_text.startswith(MINE)


def test_last_words_and_attribution_on_one_line_are_parted() -> None:
    reading = read_reply(f"Yes please --- On Mon, Mar 9, 2026 at 10:15 AM, {WHO} wrote:\n> Shall I?")

    assert reading.new_text == "Yes please"


def test_a_bracket_on_lines_of_its_own_belongs_to_the_attribution() -> None:
    lines = f"On Mon, Mar 9, 2026 at 10:15 AM Anne Smith\n\n<\nmailto:{WHO}\n> wrote:\nold words"

    assert read_reply(f"{MINE}\n\n{lines}").new_text == MINE


def test_a_date_in_the_own_line_above_belongs_to_the_writer() -> None:
    own = "Call me at 10:30 on 9/3/2026"

    assert read_reply(f"{own}\nOn Mar 9, 2026 8:05 AM, {WHO} wrote:\n\n> x").new_text == own
