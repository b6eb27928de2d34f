"""Forwarded mails: every program's way to put them, in the languages of its users."""

from __future__ import annotations

import pytest

from helpdesk.parse.forwards import read_forwarded
from helpdesk.parse.message import read
from helpdesk.parse.mime import read_tree

ANNE = "Anne Smith <anne@customer.example>"
INNER = "Where is my parcel?\n\nAnne"
SHAPES = {
    "gmail": ("Fwd: Parcel", (
f"---------- Forwarded message ---------\nFrom: {ANNE}\n"
"Date: Mon, Mar 9, 2026 at 10:00 AM\nSubject: Parcel\nTo: <desk@desk.example>\n\n\n"
)),
    "gmail de": ("Fwd: Parcel", (
f"---------- Forwarded message ---------\nVon: {ANNE}\n"
"Date: Mo., 9. März 2026 um 10:00 Uhr\nSubject: Parcel\nTo: <desk@desk.example>\n\n"
)),
    "apple": ("Fwd: Parcel", (
f"Begin forwarded message:\n\n> From: {ANNE}\n> Subject: Parcel\n"
"> Date: 9 March 2026 at 10:00:00\n> To: desk@desk.example\n> \n> "
)),
    "apple de": ("Fwd: Parcel", (
f"Anfang der weitergeleiteten Nachricht:\n\nVon: {ANNE}\nBetreff: Parcel\n"
"Datum: 9. März 2026 um 10:00:00 MEZ\nAn: desk@desk.example\n\n"
)),
    "apple fr": ("Tr : Parcel", (
f"Début du message réexpédié :\n\nDe: {ANNE}\nObjet: Parcel\nDate: 9 mars 2026\n"
"À: desk@desk.example\n\n"
)),
    "apple pl": ("Fwd: Parcel", (
f"Początek przekazywanej wiadomości:\n\nOd: {ANNE}\nTemat: Parcel\nData: 9 marca 2026\n"
"Do: desk@desk.example\n\n"
)),
    "apple gaps": ("Fwd: Parcel", (
f"Begin forwarded message:\n\n*From: *{ANNE}\n\n*Subject: **Parcel*\n\n"
"*Date: *9 March 2026\n\n*To: *desk@desk.example\n\n"
)),
    "outlook": ("FW: Parcel", (
f"From: {ANNE}\nSent: Monday, March 9, 2026 10:00 AM\nTo: Desk <desk@desk.example>\n"
"Subject: Parcel\n\n"
)),
    "outlook rule": ("FW: Parcel", (
f"________________________________\nFrom: {ANNE}\nSent: 09 March 2026 10:00\n"
"To: desk@desk.example\nSubject: Parcel\n\n"
)),
    "outlook mailto": ("WG: Parcel", (
"Von: Anne Smith [mailto:anne@customer.example]\n"
"Gesendet: Montag, 9. März 2026 10:00\nAn: Desk\nBetreff: Parcel\n\n"
)),
    "outlook es": ("RV: Parcel", (
f"De: {ANNE}\nEnviado el: lunes, 9 de marzo de 2026 10:00\nPara: desk@desk.example\n"
"Asunto: Parcel\n\n"
)),
    "outlook pt": ("ENC: Parcel", (
f"De: {ANNE}\nEnviada em: segunda-feira, 9 de março de 2026 10:00\n"
"Para: desk@desk.example\nAssunto: Parcel\n\n"
)),
    "outlook sv": ("VB: Parcel", (
f"Från: {ANNE}\nSkickat: den 9 mars 2026 10:00\nTill: desk@desk.example\n"
"Ämne: Parcel\n\n"
)),
    "outlook cs": ("FW: Parcel", (
f"Od: {ANNE}\nOdesláno: pondělí 9. března 2026 10:00\nKomu: desk@desk.example\n"
"Předmět: Parcel\n\n"
)),
    "outlook tr": ("İLT: Parcel", (
f"Kimden: {ANNE}\nGönderildi: 9 Mart 2026 Pazartesi 10:00\nKime: desk@desk.example\n"
"Konu: Parcel\n\n"
)),
    "yahoo": ("Fw: Parcel", (
"----- Forwarded Message -----\nFrom: \"Anne Smith\" <anne@customer.example>\n"
"To: \"desk@desk.example\" <desk@desk.example>\nSent: Monday, March 9, 2026\n"
"Subject: Parcel\n\n"
)),
    "thunderbird": ("Fwd: Parcel", (
"-------- Forwarded Message --------\nSubject: \tParcel\n"
f"Date: \tMon, 9 Mar 2026 10:00:00 +0100\nFrom: \t{ANNE}\nTo: \tdesk@desk.example\n\n\n"
)),
    "thunderbird nl": ("Fwd: Parcel", (
"-------- Doorgestuurd bericht --------\nOnderwerp: \tParcel\n"
f"Datum: \tMon, 9 Mar 2026\nVan: \t{ANNE}\nAan: \tdesk@desk.example\n\n"
)),
    "thunderbird ru": ("Fwd: Parcel", (
"-------- Перенаправленное сообщение --------\nТема: \tParcel\n"
f"Дата: \tMon, 9 Mar 2026\nОт: \t{ANNE}\nКому: \tdesk@desk.example\n\n"
)),
    "k-9": ("Fwd: Parcel", (
f"-------- Original Message --------\nFrom: {ANNE}\n"
"Sent: March 9, 2026 10:00:00 AM GMT+01:00\nTo: desk@desk.example\n"
"Subject: Parcel\n\n"
)),
    "zoho": ("Fwd: Parcel", (
f"============ Forwarded message ============\nFrom: {ANNE}\n"
"To: <desk@desk.example>\nDate: Mon, 09 Mar 2026\nSubject: Parcel\n"
"============ Forwarded message ============\n\n"
)),
    "qq": ("转发：Parcel", (
f"------------------ 原始邮件 ------------------\n发件人: {ANNE}\n发送时间: 2026年3月9日 10:00\n"
"收件人: desk@desk.example\n主题: Parcel\n\n"
)),
    "netease": ("转发:Parcel", (
f"-------- 转发邮件信息 --------\n发件人：{ANNE}\n发送日期：2026-03-09 10:00:00\n"
"收件人：desk@desk.example\n主题：Parcel\n\n"
)),
    "yandex": ("Fwd: Parcel", (
"-------- Пересылаемое сообщение --------\n"
"09.03.2026, 10:00, \"Anne Smith\" <anne@customer.example>:\n\n"
)),
    "lotus": ("Fw: Parcel", (
f"----- Forwarded by Bart/Staff on 09.03.2026 10:00 -----\n\nFrom:\t{ANNE}\n"
"To:\tdesk@desk.example\nDate:\t09.03.2026 10:00\nSubject:\tParcel\n\n"
)),
    "mutt": ("[anne@customer.example: Parcel]", (
f"----- Forwarded message from {ANNE} -----\n\nDate: Mon, 9 Mar 2026 10:00:00 +0000\n"
f"From: {ANNE}\nTo: desk@desk.example\nSubject: Parcel\n\n"
)),
    "proton": ("Fw: Parcel", (
f"------- Forwarded Message -------\nFrom: {ANNE}\n"
"Date: On Monday, March 9th, 2026 at 10:00\nSubject: Parcel\n"
"To: desk@desk.example\n\n"
)),
    "unknown tongue": ("Fwd: Parcel", (
f"---------- Forwarded message ---------\nXyz: {ANNE}\nQwe: 9 Mar 2026\n"
"Subject: Parcel\n\n"
)),
    "wrapped": ("Fwd: Parcel", (
"---------- Forwarded message ---------\nFrom: Anne Smith\n<anne@customer.example>\n"
"Date: Mon, Mar 9, 2026\nSubject: Parcel\nTo: Desk <desk@desk.example>,\n"
" bart@staff.example\n\n"
)),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("above", ["", "Please answer her.\n\nBart\n\n"])
def test_each_program_s_forward_names_its_writer(shape: str, above: str) -> None:
    subject, head = SHAPES[shape]
    body = INNER.replace("\n", "\n> ") if shape == "apple" else INNER

    forwarded = read_forwarded(f"{above}{head}{body}", subject)

    assert forwarded is not None
    assert forwarded.sender is not None
    assert (forwarded.sender.name, forwarded.sender.address) == ("Anne Smith", "anne@customer.example")
    assert forwarded.text == INNER
    assert "Parcel" in forwarded.subject


def test_a_name_without_address_is_still_a_name() -> None:
    text = "From: Anne Smith\nSent: Monday, March 9, 2026 10:00 AM\nTo: Desk\nSubject: Parcel\n\nHello"

    forwarded = read_forwarded(text, "FW: Parcel")

    assert forwarded is not None
    assert forwarded.sender is not None
    assert (forwarded.sender.name, forwarded.sender.address) == ("Anne Smith", "")


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Re: Parcel", (
f"yes\n\n-----Original Message-----\nFrom: {ANNE}\nSent: 9 March 2026\nTo: y\n"
"Subject: x\n\nold"
)),
        ("Re: Parcel", (
"yes\n\nOn Monday Bart wrote:\n> ---------- Forwarded message ---------\n"
f"> From: {ANNE}\n> Date: x\n> Subject: y\n>\n> old"
)),
        ("Parcel", "To: the desk\nFrom: my heart\nThank you: all"),
        ("Fwd: Parcel", "I wanted to forward something.\nNote: nothing here\nFrom: now on I wait."),
        ("Fwd: Parcel", ""),
    ],
)  # fmt: skip
def test_what_is_no_forward(subject: str, text: str) -> None:
    assert read_forwarded(text, subject) is None


def test_a_mail_forwarded_as_attachment() -> None:
    raw = (
        "From: bart@staff.example\nSubject: Fwd: Parcel\n"
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nplease\n--b\n"
        f"Content-Type: message/rfc822\n\nFrom: {ANNE}\nSubject: Parcel\n\n{INNER}\n--b--\n"
    ).encode()

    forwarded = read_forwarded("please", "Fwd: Parcel", read_tree(raw))

    assert forwarded is not None
    assert forwarded.sender is not None
    assert forwarded.sender.address == "anne@customer.example"
    assert (forwarded.subject, forwarded.text) == ("Parcel", INNER)


def test_forwards_are_read_in_linear_time() -> None:
    """T15"""
    text = "From: a@b.example\n" * 2_000 + "---- Forwarded message ----\n" * 2_000

    assert read(f"Subject: Fwd: x\n\n{text}".encode()).subject == "Fwd: x"
