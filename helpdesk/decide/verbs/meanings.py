"""What each verb does, in Indonesian, for `#help` on an Indonesian desk; other desks read the rules' own English."""

from __future__ import annotations

from collections.abc import Mapping

from helpdesk.model.orders import Verb

_INDONESIAN: Mapping[Verb, str] = {
    Verb.CLAIM: "ambil tiket ini, sama seperti membalas tanpa isi",
    Verb.RELEASE: "lepaskan tiket ini; giliran operator lain",
    Verb.ASSIGN: "berikan tiket ini kepada operator lain, atau kepada Anda sendiri (me)",
    Verb.CLOSE: "tutup tiket ini; tulisan di bawahnya masuk ke surat penutup",
    Verb.PENDING: "tunggu jawaban pelanggan tanpa menulis kepadanya",
    Verb.HOLD: "simpan tiket sampai tanggal itu, lalu muncul kembali",
    Verb.NOTE: "simpan tulisan ini pada tiket; tidak dikirim kepada siapa pun",
    Verb.DELAY: "beri tahu pelanggan tanggal yang baru",
    Verb.ESCALATE: "teruskan kepada pihak ketiga",
    Verb.CANNED: "jawab dengan balasan siap pakai ini; tulisan Anda menyusul di bawahnya",
    Verb.FORM: "kirim formulir kepada pelanggan",
    Verb.TAG: "tambahkan label a, hapus label b",
    Verb.PRIORITY: "tentukan prioritas: low, normal, high, urgent",
    Verb.LANG: "mulai sekarang surat kepada pelanggan ini dalam bahasa lain",
    Verb.MERGE: "gabungkan tiket ini ke tiket N",
    Verb.SPLIT: "jadikan surat terakhir pelanggan tiket tersendiri",
    Verb.CANCEL: "minta persetujuan pelanggan untuk pembatalan",
    Verb.AWAY: "Anda dilewati dalam giliran sampai tanggal itu",
    Verb.BACK: "Anda kembali masuk giliran",
    Verb.REPORT: "laporkan pelanggan yang tidak sopan kepada PIC",
    Verb.WARN: "peringatkan pelanggan",
    Verb.BLOCK: "blokir pelanggan",
    Verb.UNBLOCK: "surat pelanggan itu diterima lagi",
    Verb.LIFT: "cabut kartu kuning seorang operator",
    Verb.STATUS: "keadaan tiket ini, atau tiket N",
    Verb.MINE: "tiket Anda yang terbuka, yang paling mendesak dulu",
    Verb.WHY: "mengapa langkah terakhir pada tiket ini terjadi",
    Verb.UNDO: "batalkan langkah terakhir pada tiket ini",
    Verb.HELP: "apa yang dapat Anda tulis, atau lebih lanjut tentang satu perintah atau topik",
    Verb.OK: "setujui penutupan",
}


def meaning_of(verb: Verb, english: str, language: str) -> str:
    """What the verb does, in the desk's language where there are words for it."""
    return _INDONESIAN.get(verb, english) if language.split("-")[0] == "id" else english
