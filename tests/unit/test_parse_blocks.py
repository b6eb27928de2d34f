"""Header blocks and separators of many languages; forms that humans fill in are none (2.3)."""

from __future__ import annotations

import pytest

from helpdesk.model.mail import Emptiness
from helpdesk.parse.emptiness import judge
from helpdesk.parse.quotes import read_reply
from helpdesk.parse.separators import announcement

MINE = "Yes please, do it.\n\nToday if you can."
FIELDS = {
    "ar": "من|تاريخ الإرسال|إلى|الموضوع",
    "cs": "Od|Odesláno|Komu|Předmět",
    "da": "Fra|Sendt|Til|Emne",
    "de": "Von|Gesendet|An|Betreff",
    "el": "Από|Στάλθηκε|Προς|Θέμα",
    "en": "From|Sent|To|Subject",
    "es": "De|Enviado el|Para|Asunto",
    "et": "Saatja|Saadetud|Adressaat|Teema",
    "fa": "از|ارسال شده|به|موضوع",
    "fi": "Lähettäjä|Lähetetty|Vastaanottaja|Aihe",
    "fil": "Mula sa|Ipinadala|Kay|Paksa",
    "fr": "De|Envoyé le|À|Objet",
    "he": "מאת|נשלח|אל|נושא",
    "hi": "प्रेषक|भेजा गया|प्रति|विषय",
    "hu": "Feladó|Elküldve|Címzett|Tárgy",
    "id": "Dari|Dikirim|Kepada|Subjek",
    "it": "Da|Inviato|A|Oggetto",
    "ja": "差出人|送信日時|宛先|件名",
    "ko": "보낸 사람|보낸 날짜|받는 사람|제목",
    "lt": "Nuo|Išsiųsta|Kam|Tema",
    "lv": "No|Nosūtīts|Kam|Temats",
    "nl": "Van|Verzonden|Aan|Onderwerp",
    "pl": "Od|Wysłane|Do|Temat",
    "pt": "De|Enviada em|Para|Assunto",
    "ro": "De la|Trimis|Către|Subiect",
    "ru": "От|Отправлено|Кому|Тема",
    "sr": "Šalje|Poslato|Prima|Naslov",
    "sv": "Från|Skickat|Till|Ämne",
    "th": "จาก|ส่ง|ถึง|เรื่อง",
    "tr": "Gönderen|Gönderildi|Kime|Konu",
    "uk": "Від|Надіслано|Кому|Тема",
    "vi": "Từ|Đã gửi|Tới|Chủ đề",
    "zh": "发件人|发送时间|收件人|主题",
}
SHAPES = {
    "plain": "{f}: Anne Smith <anne@customer.example>\n{d}: Monday, 9 March 2026 10:15\n{t}: Desk\n{s}: Lamp\n\nold",
    "names only": "{f}: Anne Smith\n{d}: Monday, 9 March 2026 10:15\n{t}: Help Desk\n{s}: Lamp\n\nold",
    "bold": "*{f}:* Anne <anne@customer.example>\n*{d}:* Monday, 9 March 2026\n*{t}:* Desk\n*{s}:* Lamp\n\nold",
    "apart": "{f} : Anne <a@customer.example>\n\n{d} : 9 March 2026 10:15\n\n{t} : Desk\n\n{s} : Lamp\n\nold",
    "tight": "{f} : Anne<mailto:a@customer.example>\n{d} :9 March 2026 10:15\n{t} : Desk\n{s} :Lamp\n\nold",
    "below a rule": "________________________________\n{f}: Anne\n{d}: 9 March 2026 10:15\n{t}: Desk\n{s}: Lamp\n\nold",
    "subject first": "{s}: Lamp\n{f}: Anne <a@customer.example>\n{t}: Desk\n{d}: 9 March 2026 10:15\n\nold",
    "address below": "{f}: Anne Smith\n<anne@customer.example>\n{d}: 9 March 2026 10:15\n{t}: Desk\n{s}: Lamp\n\nold",
    "without subject": "{f}: Anne Smith\n{d}: Monday, 9 March 2026 10:15\n{t}: Desk\n\nold",
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("language", FIELDS)
def test_a_header_block_ends_the_own_text(language: str, shape: str) -> None:
    names = dict(zip("fdts", FIELDS[language].split("|"), strict=True))
    block = SHAPES[shape].format(**names)

    assert read_reply(f"{MINE}\n\n{block}").new_text == MINE
    assert judge(read_reply(block), ()) is Emptiness.EMPTY


def test_a_block_run_together_on_one_line_is_one() -> None:
    block = "From: Anne <anne@customer.example> Sent: Monday, 9 March 2026 10:15 To: Desk Subject: Lamp"

    assert read_reply(f"{MINE}\n\n{block}\nold").new_text == MINE


FORMS = [
    "From: Jakarta\nTo: Bandung\nDate: 12 March 2026\n\nTwo seats please",
    "Name: Anne\nEmail: anne@customer.example\nDate: 12 March 2026\n\nIt is broken",
    "From: the kitchen\nSubject: lamp\n\nIt is broken",
    "To: do\nCc: nobody\n\nIt is broken",
    "Von: Berlin\nNach: Bonn\nDatum: 12.03.2026\n\nZwei Plätze",
]


@pytest.mark.parametrize("text", FORMS)
def test_a_form_that_a_human_filled_in_is_text(text: str) -> None:
    reading = read_reply(text)

    assert reading.new_text == text
    assert judge(reading, ()) is Emptiness.TEXT


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("-----Original Message-----", "original"),
        ("----- Ursprüngliche Mail -----", "original"),
        ("---------- Pesan terusan ---------", "forward"),
        ("------------------ 原始邮件 ------------------", "original"),
        ("-------- Az eredeti üzenet --------", "original"),
        ("-------- Пересылаемое сообщение --------", "forward"),
        ("Begin forwarded message:", "forward"),
        ("Anfang der weitergeleiteten Nachricht:", "forward"),
        ("Début du message transféré :", "forward"),
        ("Inizio messaggio inoltrato:", "forward"),
        ("Mensaje original", "original"),
        ("________________________________", "rule"),
        ("---- my notes ----", "dashed"),
        ("Please forward the mail", ""),
        ("The original message was lost.", ""),
        ("I got your mail", ""),
        ("--", ""),
    ],
)
def test_separators_are_read_by_their_words(line: str, kind: str) -> None:
    assert announcement(line) == kind


@pytest.mark.parametrize("line", ["Original message", "Forwarded mail", "Mensaje original"])
def test_such_words_without_dashes_cut_nothing_by_themselves(line: str) -> None:
    text = f"{line}\nwas lost, please send it again"

    assert read_reply(text).new_text == text
