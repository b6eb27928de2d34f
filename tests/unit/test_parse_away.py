"""Out-of-office subjects in many languages, and the subjects of humans that look like them (R36)."""

from __future__ import annotations

import pytest

from helpdesk.parse.away import is_away_subject

ROBOTS = (
    "Automatic reply: Parcel", "Automatic reply", "Auto Reply: Re: Parcel", "AutoReply: Parcel",
    "Auto-response: Parcel", "Out of Office: Parcel", "Out of Office AutoReply: Parcel",
    "Out of the office", "Out of office - back on Monday", "[milis] Out of Office: Parcel",
    "Re: [milis] Out of office AutoReply: Back next week", "OOO: Parcel", "Vacation reply",
    "Away from my mail", "This is an automatic reply", "*** SPAM *** Automatic reply: Parcel",
    "Automated response from Desk", "Automatic reply from Anne", "Balasan otomatis: Paket",
    "Jawaban Otomatis: Paket", "Balasan automatik: Paket", "Awtomatikong tugon: Padala",
    "Automatische Antwort: Paket", "Abwesenheitsnotiz: Paket", "Abwesenheitsnachricht",
    "Automatische Antwort von Anne", "Nicht im Büro: Paket", "Automatisch antwoord: Pakket",
    "Automatische beantwoording: Pakket", "Afwezigheidsbericht", "Réponse automatique : Colis",
    "Réponse automatique: Colis", "Message d'absence", "Absence du bureau : Colis",
    "Respuesta automática: Paquete", "Fuera de la oficina: Paquete", "Fuera de oficina Re: Paquete",
    "Resposta automática: Encomenda", "Fora do escritório: Encomenda",
    "Resposta automàtica: Paquet",
    "Risposta automatica: Pacco", "Fuori ufficio: Pacco",
    "Răspuns automat: Colet", "Autosvar: Pakke",
    "Automatisk svar: Pakke", "Automatiskt svar: Paket", "Frånvaromeddelande",
    "Automaattinen vastaus: Paketti", "Odpowiedź automatyczna: Paczka",
    "Automatyczna odpowiedź: Paczka",
    "Autoodpowiedź: Paczka", "Автоматический ответ: Посылка", "Автоответ: Посылка",
    "Автоматична відповідь: Посилка", "Автоматичен отговор: Пакет", "Automatická odpověď: Balík",
    "Automatická odpoveď: Balík", "Automatski odgovor: Paket", "Samodejni odgovor: Paket",
    "Automatikus válasz: Csomag", "Αυτόματη απάντηση: Δέμα", "Εκτός γραφείου: Δέμα",
    "Otomatik yanıt: Paket", "Otomatik Cevap: Paket", "מענה אוטומטי: חבילה", "رد تلقائي: طرد",
    "الرد التلقائي: طرد", "स्वचालित उत्तर: पार्सल", "ตอบกลับอัตโนมัติ: พัสดุ",
    "Trả lời tự động: Bưu kiện",
    "自动回复: 包裹", "自动答复：包裹", "自動回覆: 包裹", "自動返信: 荷物", "不在通知", "자동 회신: 소포",
    "부재 중: 소포", "Automaatvastus: Pakk",
)  # fmt: skip
HUMANS = (
    "Automatic reply does not work", "Auto reply settings",
    "Automatic reply to my question was wrong",
    "Automatic replies", "Re: Automatic reply: Parcel", "AW: Automatische Antwort: Paket",
    "Fwd: Automatic reply: Parcel", "RE: Out of Office: Parcel", "The auto reply you sent me",
    "Why do I get an automatic reply?", "Automatic reply?", "Out of office hours support",
    "Out of office supplies", "I am out of office supplies", "Out of officer training",
    "Office is out of paper", "Vacation", "Vacation request", "Vacation notices of your hotel",
    "On vacation until Monday, please keep my parcel", "Leave message with the neighbour",
    "Holiday booking", "Absence Monday", "Absence: my son is ill", "Absences", "Away on Monday",
    "Automatic payment failed", "Automatic update", "Autobahn",
    "Thank you for your email about ticket 5",
    "Automatische Zahlung", "Automatische Antworten abschalten",
    "Automatische Antwort von Ihrem System ist falsch", "Abwesend waren alle",
    "Abwesenheit am Montag",
    "Urlaub buchen", "Eingangsbestätigung fehlt", "Kantoor gesloten",
    "Congé annuel", "Absence de réponse",
    "Réponse à ma question", "Réponse automatique de votre service incorrecte",
    "Sin respuesta automática",
    "Vacaciones", "Ausencia de respuesta", "Resposta errada",
    "Risposta sbagliata", "Ferie", "Cuti bersama",
    "Balasan", "Jawaban salah", "Urlop", "Nieobecność kuriera", "Ответ", "Автоматическое списание",
    "В отпуске ли вы?", "Απουσία", "İzin", "חופשה", "إجازة", "回复", "自动扣款", "休暇届",
    "返信がない", "부재", "Ooops",
    "OOOps", "Autoreplying", "Auto repair", "",
)  # fmt: skip


@pytest.mark.parametrize("subject", ROBOTS)
def test_a_robot_gives_itself_away(subject: str) -> None:
    assert is_away_subject(subject)


@pytest.mark.parametrize("subject", HUMANS)
def test_a_human_is_not_taken_for_one(subject: str) -> None:
    assert not is_away_subject(subject)
