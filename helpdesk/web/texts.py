"""The words of the survey page, in every language a customer may read. `{desk}` is the desk's name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Texts:
    """One language. `scores` goes from 1 to 5."""

    language: str
    title: str
    question: str
    lead: str
    ticket: str
    scores: tuple[str, str, str, str, str]
    comment: str
    comment_hint: str
    send: str
    voted: str
    score_missing: str
    comment_too_long: str
    not_saved: str
    thanks: str
    thanks_lead: str
    your_answer: str
    change: str
    gone: str
    gone_lead: str
    busy: str
    busy_lead: str
    failed: str
    failed_lead: str


ENGLISH = Texts(
    language="en",
    title="How did we do?",
    question="How was our help?",
    lead="It takes half a minute, and the people of {desk} read every answer.",
    ticket="Ticket",
    scores=("Bad", "Not good", "Okay", "Good", "Excellent"),
    comment="Would you like to tell us more?",
    comment_hint="What went well, what could we do better? You may leave this empty.",
    send="Send my answer",
    voted="You have answered before. You may change it: your last answer counts.",
    score_missing="Please choose one of the five answers first.",
    comment_too_long="Your comment is longer than 4,000 characters. Please shorten it a little.",
    not_saved=(
        "We could not save your answer just now. Nothing is lost: please press the button again in a minute."
    ),
    thanks="Thank you!",
    thanks_lead="Your answer has reached us. It helps us to help you, and others, better.",
    your_answer="Your answer",
    change="Change my answer",
    gone="This link does not work",
    gone_lead="It may be incomplete, or too old. We would still like to hear from you: write to",
    busy="One moment, please",
    busy_lead="There were many tries from your connection. Please wait a minute and open the link again.",
    failed="Please try again",
    failed_lead="We cannot show this page just now. Please open the link again in a minute, or write to",
)

INDONESIAN = Texts(
    language="id",
    title="Bagaimana layanan kami?",
    question="Bagaimana bantuan kami?",
    lead="Hanya perlu setengah menit, dan tim {desk} membaca setiap jawaban.",
    ticket="Tiket",
    scores=("Buruk", "Kurang baik", "Cukup", "Baik", "Sangat baik"),
    comment="Ada yang ingin Anda sampaikan?",
    comment_hint="Apa yang sudah baik, apa yang bisa kami perbaiki? Boleh dikosongkan.",
    send="Kirim jawaban",
    voted="Anda sudah pernah menjawab. Jawaban boleh diubah: yang terakhir yang berlaku.",
    score_missing="Silakan pilih dulu salah satu dari lima jawaban.",
    comment_too_long="Komentar Anda lebih dari 4.000 karakter. Mohon dipersingkat sedikit.",
    not_saved=(
        "Jawaban Anda belum dapat kami simpan. Tidak ada yang hilang: silakan tekan tombolnya lagi "
        "sebentar lagi."
    ),
    thanks="Terima kasih!",
    thanks_lead="Jawaban Anda sudah kami terima dan membantu kami melayani dengan lebih baik.",
    your_answer="Jawaban Anda",
    change="Ubah jawaban",
    gone="Tautan ini tidak berlaku",
    gone_lead=(
        "Mungkin tautannya tidak lengkap atau sudah terlalu lama. Kami tetap ingin mendengar "
        "dari Anda: tulis ke"
    ),
    busy="Mohon tunggu sebentar",
    busy_lead="Terlalu banyak percobaan dari koneksi Anda. Tunggu satu menit, lalu buka lagi tautannya.",
    failed="Silakan coba lagi",
    failed_lead="Halaman ini belum dapat kami tampilkan. Buka lagi tautannya sebentar lagi, atau tulis ke",
)

GREEK = Texts(
    language="el",
    title="Πώς τα πήγαμε;",
    question="Πώς ήταν η βοήθειά μας;",
    lead="Θα χρειαστείτε μισό λεπτό, και η ομάδα του {desk} διαβάζει κάθε απάντηση.",
    ticket="Αίτημα",
    scores=("Κακή", "Όχι καλή", "Μέτρια", "Καλή", "Εξαιρετική"),
    comment="Θέλετε να μας πείτε κάτι περισσότερο;",
    comment_hint="Τι πήγε καλά, τι μπορούμε να κάνουμε καλύτερα; Μπορείτε να το αφήσετε κενό.",
    send="Αποστολή απάντησης",
    voted="Έχετε ήδη απαντήσει. Μπορείτε να το αλλάξετε: μετράει η τελευταία απάντηση.",
    score_missing="Παρακαλούμε επιλέξτε πρώτα μία από τις πέντε απαντήσεις.",
    comment_too_long="Το σχόλιό σας ξεπερνά τους 4.000 χαρακτήρες. Παρακαλούμε συντομέψτε το λίγο.",
    not_saved=(
        "Δεν μπορέσαμε να αποθηκεύσουμε την απάντησή σας. Δεν χάθηκε τίποτα: πατήστε ξανά το "
        "κουμπί σε ένα λεπτό."
    ),
    thanks="Ευχαριστούμε!",
    thanks_lead="Λάβαμε την απάντησή σας. Μας βοηθά να σας εξυπηρετούμε καλύτερα.",
    your_answer="Η απάντησή σας",
    change="Αλλαγή απάντησης",
    gone="Ο σύνδεσμος δεν λειτουργεί",
    gone_lead=("Ίσως δεν είναι πλήρης ή είναι πολύ παλιός. Θέλουμε πάντα να σας ακούσουμε: γράψτε στο"),
    busy="Μια στιγμή, παρακαλούμε",
    busy_lead=(
        "Έγιναν πολλές προσπάθειες από τη σύνδεσή σας. Περιμένετε ένα λεπτό και ανοίξτε ξανά τον σύνδεσμο."
    ),
    failed="Παρακαλούμε δοκιμάστε ξανά",
    failed_lead=(
        "Δεν μπορούμε να δείξουμε τη σελίδα αυτή τη στιγμή. Ανοίξτε ξανά τον σύνδεσμο σε λίγο ή γράψτε στο"
    ),
)

TAGALOG = Texts(
    language="tl",
    title="Kumusta ang serbisyo namin?",
    question="Kumusta ang tulong namin?",
    lead="Kalahating minuto lang ito, at binabasa ng {desk} ang bawat sagot.",
    ticket="Tiket",
    scores=("Masama", "Hindi maganda", "Ayos lang", "Maganda", "Napakaganda"),
    comment="May gusto pa ba kayong sabihin?",
    comment_hint="Ano ang maganda, ano ang puwede pa naming pagbutihin? Maaaring iwanang blangko.",
    send="Ipadala ang sagot",
    voted="Nakasagot na kayo dati. Puwede itong palitan: ang huling sagot ang bibilangin.",
    score_missing="Pumili muna ng isa sa limang sagot.",
    comment_too_long="Lampas sa 4,000 karakter ang inyong komento. Pakiiklian nang kaunti.",
    not_saved=(
        "Hindi pa namin na-save ang sagot ninyo. Walang nawala: pakipindot ulit ang button "
        "makalipas ang isang minuto."
    ),
    thanks="Salamat po!",
    thanks_lead=(
        "Natanggap na namin ang sagot ninyo. Malaking tulong ito para mas mapabuti ang serbisyo namin."
    ),
    your_answer="Ang sagot ninyo",
    change="Palitan ang sagot",
    gone="Hindi gumagana ang link na ito",
    gone_lead="Baka kulang ang link o masyado nang luma. Gusto pa rin namin kayong marinig: sumulat sa",
    busy="Sandali lang po",
    busy_lead=(
        "Maraming pagsubok mula sa koneksiyon ninyo. Maghintay ng isang minuto at buksan ulit ang link."
    ),
    failed="Pakisubukan ulit",
    failed_lead="Hindi maipakita ang pahinang ito ngayon. Buksan ulit ang link mamaya, o sumulat sa",
)

TEXTS = {texts.language: texts for texts in (ENGLISH, INDONESIAN, GREEK, TAGALOG)}


def texts_in(*languages: str) -> Texts:
    """Return the first language of these that we speak, English if none; 'id-ID' is 'id'."""
    codes = (language.lower().replace("_", "-").split("-")[0] for language in languages)
    return next((TEXTS[code] for code in codes if code in TEXTS), ENGLISH)
