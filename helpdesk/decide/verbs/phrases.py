"""What receipts say, in the languages of staff: English, Indonesian. Other desks read English."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from helpdesk.model.policy import Policy

# each: English, Indonesian
_PHRASES: Mapping[str, tuple[str, str]] = {
    "noted": (
        "The note stands on the ticket; it is sent to nobody.",
        "Catatan sudah tersimpan pada tiket; tidak dikirim kepada siapa pun.",
    ),
    "noted_in_view": (
        "Note that your mail went to the customer too: they have read these words.",
        "Perhatikan: surat Anda juga terkirim kepada pelanggan, jadi mereka sudah membacanya.",
    ),
    "tags": ("Tags: {tags}.", "Label: {tags}."),
    "no_tags": ("The ticket has no tags now.", "Tiket ini sekarang tanpa label."),
    "priority": ("Priority: {priority}.", "Prioritas: {priority}."),
    "language": (
        "Letters to the customer are written in {language} now.",
        "Surat kepada pelanggan kini dalam {language}.",
    ),
    "merged": (
        "#{number} is part of #{target} now and is closed; what the customer writes on it comes to #{target}.",
        "#{number} kini bagian dari #{target} dan ditutup; balasan pelanggan akan masuk ke #{target}.",
    ),
    "no_tickets": ("You have no open tickets.", "Anda tidak punya tiket yang terbuka."),
    "your_tickets": (
        "Your open tickets, the most urgent first:",
        "Tiket Anda yang terbuka, yang paling mendesak dulu:",
    ),
    "due": ("due {when}", "batas {when}"),
    "no_due": ("nothing due", "tanpa batas waktu"),
    "customer": ("customer: {who}", "pelanggan: {who}"),
    "operator": ("operator: {who}", "operator: {who}"),
    "nobody": ("nobody", "belum ada"),
    "waits": ("{status}, waits for {whom}", "{status}, menunggu {whom}"),
    "last_words": ("{when}, {who}: {text}", "{when}, {who}: {text}"),
    "why": ("{when}: {event}, by {by}: {reason}", "{when}: {event}, oleh {by}: {reason}"),
    "nothing_yet": ("Nothing has been decided on this ticket yet.", "Belum ada keputusan pada tiket ini."),
    "undone": ("Taken back: {event} of {when} ({reason}).", "Dibatalkan: {event} dari {when} ({reason})."),
    "restored": ("The ticket is {status} again, with {operator}.", "Tiket kembali {status}, pada {operator}."),
    "letters_stay": (
        "What cannot be taken back: the customer was sent {letters}.",
        "Yang tidak bisa ditarik: pelanggan sudah dikirimi {letters}.",
    ),
    "card_stays": (
        "The yellow card stays; a PIC may lift it.",
        "Kartu kuning tetap berlaku; PIC dapat mencabutnya.",
    ),
    "verbs": (
        "You may write these on top of a reply, one to a line:",
        "Anda dapat menulis ini di atas balasan, satu per baris:",
    ),
    "also": ("also {names}", "juga {names}"),
    "topics": ("#help TOPIC sends a page: {topics}", "#help TOPIK mengirim halaman: {topics}"),
    "several": (
        "Several tickets in one mail: write to {address} with a line #ticket N before the verbs of each.",
        "Beberapa tiket dalam satu surat: tulis ke {address}, dengan baris #ticket N sebelum perintah tiap tiket.",
    ),
    "on_hold": (
        "#{number} is on hold; it comes back by itself on {day}, or when the customer writes.",
        "#{number} ditunda; tiket kembali sendiri pada {day}, atau begitu pelanggan menulis.",
    ),
    "promised": (
        "The customer of #{number} is told: {day}. Solved by then, the promise is kept.",
        "Pelanggan #{number} dikabari: {day}. Kalau selesai sebelum itu, janji ditepati.",
    ),
    "date_was_over": (
        "The date that they had been told, {day}, was over already; the letter says that we are sorry.",
        "Tanggal yang sudah dijanjikan, {day}, ternyata sudah lewat; suratnya berisi permintaan maaf.",
    ),
    "lifted": (
        "Yellow cards of {who} lifted: {number}; the rota counts on {who} again.",
        "Kartu kuning {who} yang dihapus: {number}; {who} kembali masuk giliran.",
    ),
    "appealed": (
        "Your words about the yellow card are on record and have gone to PIC. The customer does not see them.",
        "Kata-kata Anda tentang kartu kuning sudah dicatat dan diteruskan ke PIC. Pelanggan tidak melihatnya.",
    ),
    "away_until": (
        "You are away until {day}: the rota passes you over. #back brings you back earlier.",
        "Anda tidak bertugas sampai {day}: giliran Anda dilewati. Dengan #back Anda kembali lebih awal.",
    ),
    "away": (
        "You are away until you write #back: the rota passes you over.",
        "Anda tidak bertugas sampai Anda menulis #back: giliran Anda dilewati.",
    ),
    "none_due_meanwhile": (
        "None of your tickets is due before that.",
        "Tidak ada tiket Anda yang jatuh tempo sebelum itu.",
    ),
    "due_meanwhile": (
        "These stay with you and are due while you are away:",
        "Tiket-tiket ini tetap pada Anda dan jatuh tempo selama Anda tidak bertugas:",
    ),
    "hand_on": (
        "Reply to a letter about one with #release, or with #assign and a name, to hand it on.",
        "Untuk menyerahkannya, balas surat tentang tiket itu dengan #release, atau #assign dan sebuah nama.",
    ),
    "not_away": ("You were not away; the rota counts on you.", "Anda memang sedang bertugas; giliran Anda berjalan."),
    "back": ("Welcome back: the rota counts on you again.", "Selamat datang kembali: giliran Anda berjalan lagi."),
    "released": (
        "#{number} is yours no longer: {who} has it now. The customer was told politely.",
        "#{number} bukan milik Anda lagi: sekarang pada {who}. Pelanggan sudah dikabari dengan sopan.",
    ),
    "released_free": (
        "#{number} is yours no longer: it is free for your colleagues. The customer was told politely.",
        "#{number} bukan milik Anda lagi: rekan Anda boleh mengambilnya. Pelanggan sudah dikabari dengan sopan.",
    ),
    "assigned": ("{who} has #{number} now and was told.", "#{number} sekarang pada {who}, yang sudah dikabari."),
    "back_by_mail": (
        "Your mail program had said that you are away. You wrote, so the rota counts on you again; or write #away.",
        "Menurut balasan otomatis, Anda tidak di kantor. Anda menulis, jadi giliran berjalan lagi; atau tulis #away.",
    ),
    "passed_on": (
        "The question has gone to {who}; the ticket is on hold until they answer.",
        "Pertanyaan sudah diteruskan ke {who}; tiket ditunda sampai mereka menjawab.",
    ),
    "form_sent": ("The form {form} was sent to the customer.", "Formulir {form} sudah dikirim kepada pelanggan."),
    "reported": (
        "PIC have your report and decide what happens.",
        "Laporan Anda sudah sampai pada PIC, yang akan memutuskan.",
    ),
    "warned": ("{who} has got the warning.", "{who} sudah menerima peringatan."),
    "blocked": (
        "{who} is blocked and was told. What they write is kept in the inbox.",
        "{who} sudah diblokir dan dikabari. Surat mereka selanjutnya tetap disimpan di kotak masuk.",
    ),
    "unblocked": ("{who} may write again.", "{who} boleh menulis lagi."),
    "left_out": (
        "Too large to go with it: {names}. They may ask for it.",
        "Terlalu besar untuk disertakan: {names}. Mereka dapat memintanya.",
    ),
    "done": ("done", "selesai"),
}  # fmt: skip


def say(policy: Policy, name: str, **values: object) -> str:
    """The phrase in the desk's language."""
    english, indonesian = _PHRASES[name]
    words = indonesian if policy.language.split("-")[0] == "id" else english
    return words.format(**values)


def moment(policy: Policy, when: datetime) -> str:
    """An instant on the desk's wall: `2026-12-24 08:00`."""
    return f"{when.astimezone(policy.calendar.timezone):%Y-%m-%d %H:%M}"
