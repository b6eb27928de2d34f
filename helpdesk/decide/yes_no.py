"""Does a customer's reply say yes or no? Word lists in the languages people write in, not a model.

A wrong yes would cancel what nobody wanted cancelled: one unknown word, a question or a contradiction, and the
reply is not clear.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_MOST_WORDS = 25
_POLITE = frozenset({"please", "po", "tolong"})
_BARE_NO = frozenset({"no", "nope", "οχι"})


def _words(text: str) -> frozenset[str]:
    return frozenset(_plain(text).split())


def _plain(text: str) -> str:
    """Small letters without accents; the same for what is read and for the lists."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("’", "'").replace("n't", " not"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


_YES = _words(
    """
    yes yeah yep yup ok okay oke okey agree agreed agrees confirm confirmed confirming consent sure
    ya iya yaa setuju sepakat boleh silakan silahkan baik betul
    ναι συμφωνώ εντάξει βεβαίως επιβεβαιώνω οκ δέχομαι
    oo opo sige pumapayag payag kinukumpirma
    """
)
_CANCEL = _words(
    """
    cancel cancelled canceled cancelling
    batalkan dibatalkan batal dibatalin batalin
    ακυρώστε ακυρωθεί ακυρώσετε ακυρώσεις ακύρωσε
    kanselahin ikansela icancel makansela kinakansela
    """
)
_CANCELLATION = _words("cancellation cancelation pembatalan ακύρωση ακύρωσης ακύρωσή kanselasyon pagkansela")
_NO = _words(
    """
    no not never nope dont
    tidak jangan nggak enggak gak ga tak bukan
    όχι μη μην δεν ποτέ
    hindi huwag wag ayaw
    """
)
_ANYWAY = _words(
    """
    i we you it the this that a my your our to with may can do am is please kindly hereby thanks thank hello hi dear
    order request parcel booking subscription number and of for go ahead proceed regards best kind
    saya aku kami kamu anda itu ini pesanan permintaan nomor tolong mohon saja dengan untuk atas bahwa bisa terima
    kasih makasih halo pak bu bapak ibu mas mbak kak salam hormat dan nya lanjutkan
    την το τη τον της του μου σας να θα παρακαλώ παραγγελία αίτημα ευχαριστώ με και γεια είμαι μπορείτε
    po ako kami ko na ang ito iyon aking order kahilingan numero paki pakiusap salamat ninyo niyo inyo sa lang ng
    """
)
_EVERY = _YES | _CANCEL | _CANCELLATION | _NO | _ANYWAY
_TOKEN = re.compile(r"[^\W\d_]+")


def says_yes(text: str, names: str = "") -> bool | None:
    """True for "Yes, please cancel it", False for "No, do not cancel", None for anything that leaves a doubt.

    `names` of people and the desk may stand in it. Digits (an order's number) do not matter.
    """
    plain = _plain(text)
    words = _TOKEN.findall(plain)
    known = _EVERY.union(_TOKEN.findall(_plain(names)))
    if not words or len(words) > _MOST_WORDS or "?" in text or ";" in text or not known.issuperset(words):
        return None
    yes, cancel, no, noun = (not group.isdisjoint(words) for group in (_YES, _CANCEL, _NO, _CANCELLATION))
    if no:
        return None if yes or noun or (cancel and not _denied(words)) else False
    return True if (yes or cancel) and not (cancel and noun) else None


def _denied(words: Sequence[str]) -> bool:
    """Does a "not" stand right before every "cancel"? "No, cancel it" is not clear."""
    bare = [word for word in words if word not in _POLITE]
    return all(i and bare[i - 1] in _NO - _BARE_NO for i, word in enumerate(bare) if word in _CANCEL)
