"""How mail systems say that a letter did not arrive, or not yet, in the languages they are installed in.

Only words. `notice` looks for them in what a mail system wrote; by themselves they make no mail a bounce (R44).
"""

from __future__ import annotations

import re

FAILED = re.compile(
    # English
    r"undeliver(?:able|ed)|un-deliverable|non[- ]?deliver|not (?:be |been )?(?:successfully )?delivered|"
    r"(?:un|not )able to (?:be )?deliver|delivery (?:\w+ ){0,6}(?:failed|failure|has failed|error|problem)|"
    r"failed (?:to be delivered|to deliver|delivery|recipient|address)|fail(?:ed|ure)? (?:to )?deliver|"
    r"(?:could|can|did|was|has|have|were|is|are)(?: ?n[o']t|not) (?:\w+ ){0,4}(?:deliver|reach|sen[dt]|"
    r"accept|transmit|relay|rout|received)|"
    r"permanent (?:fatal )?error|fatal error|following (?:recipient|address)|returned (?:mail|message|"
    r"to sender)|"
    r"return(?:ing|ed)? (?:your |the )?(?:mail|message|e-?mail|to sender)|"
    r"(?:no such|unknown|invalid|bad|not a valid|unrecogni[sz]ed|non-?existent) "
    r"(?:user|recipient|mailbox|address|account|host|domain|person|destination|local)|"
    r"(?:user|recipient|mailbox|address|account|host|domain)(?: name)?(?: is| was)? "
    r"(?:unknown|not found|invalid|unavailable|full|disabled|inactive|not exist|not listed|rejected)|"
    r"(?:does|did) not exist|no mailbox|qmail-send|not accepting|doesn'?t exist|(?:over|"
    r"exceed\w*) (?:\w+ ){0,3}quota|quota (?:is |has been )?(?:exceeded|violat)|mailbox (?:is )?full|"
    r"(?:was|been|is) (?:automatically )?(?:rejected|refused|blocked|bounced|returned)|reject(?:ed|"
    r"s) (?:your|the|this) (?:mail|message|e-?mail)|"
    r"problem (?:\w+ ){0,3}deliver|error (?:\w+ ){0,4}deliver|while (?:delivering|sending|talking to)|"
    r"transcript of session|"
    r"unsent message|message status|giv(?:en|ing) up|unreachable|no longer (?:\w+ ){0,4}(?:valid|active|"
    r"exist|available|here)|"
    r"is not a (?:valid|known) (?:\w+ )?(?:user|mailbox|address|recipient)|delivery status|"
    # Indonesian, Malay, Tagalog
    r"(?:tidak|gagal|tak)(?: dapat| bisa)? (?:di)?(?:kirim|sampai|antar)|pengiriman (?:\w+ ){0,3}gagal|"
    r"hindi (?:\w+ ){0,3}naihatid|"
    # German, Dutch, Scandinavian, Finnish
    r"unzustellbar|(?:nicht|konnte) (?:\w+ ){0,6}(?:zugestellt|übermittelt|ausgeliefert|gesendet)|"
    r"zustell\w+ (?:\w+ ){0,4}fehl|"
    r"fehlgeschlagen|existiert nicht|empfänger unbekannt|onbestelbaar|(?:niet|"
    r"kon) (?:\w+ ){0,5}(?:afgeleverd|bezorgd|afleveren)|"
    r"kunne ikke leveres|ikke (?:\w+ ){0,3}lever|kan inte (?:\w+ ){0,4}levereras|(?:ej|inte) levere|"
    r"olevererbar|toimitus epäonnistui|"
    r"ei voi(?:tu|da) toimittaa|"
    # French, Italian, Spanish, Portuguese, Romanian
    r"non (?:remis|distribu|délivr|livr|acheminé)|n['’](?:a|ont) pas (?:\w+ ){0,3}(?:été )?(?:remis|"
    r"distribu|délivr|livr|achemin|transmis|aboutir|atteint)|"
    r"échec de (?:la )?(?:remise|livraison|distribution)|impossible de (?:remettre|distribuer|délivrer|"
    r"livrer)|"
    r"non (?:è stato possibile |può essere |è stato )?(?:recapitat|consegnat|recapitabile|inoltrat)|"
    r"mancato recapito|mancata consegna|"
    r"no (?:se )?(?:\w+ ){0,4}(?:entreg|pudo (?:\w+ )?(?:entreg|enviar)|lleg|alcanz)|error (?:de|"
    r"en la) entrega|"
    r"não (?:\w+ ){0,4}(?:entreg|enviad)|falha (?:na|de) entrega|devolvid[ao]|devuelto|nu a (?:putut|"
    r"fost) (?:\w+ ){0,2}livrat|"
    # Slavic, Greek, Turkish, Hungarian
    r"не\s?(?:\w+ ){0,3}доставлен|недоставлен|не удалось (?:\w+ ){0,2}достав|не (?:может|могло|"
    r"был\w*) (?:\w+ ){0,2}доставлен|"
    r"не вдалося (?:\w+ ){0,2}достав|nie (?:\w+ ){0,4}dostarcz|niedostarcz|nedoruč|"
    r"nemohl\w+ (?:\w+ ){0,3}doruč|"
    r"αποτυχία παράδοσης|δεν (?:\w+ ){0,3}(?:παραδόθηκε|παραδοθεί)|teslim edile?me|iletilemedi|"
    r"kézbesíthetetlen|kézbesítés|nem (?:\w+ ){0,3}kézbesíthet|"
    # Hebrew, Arabic, Thai, Vietnamese, Chinese, Japanese, Korean
    r"לא ניתן (?:\S+ ){0,3}למסור|تعذر (?:\S+ ){0,2}تسليم|فشل التسليم|ไม่สามารถส่ง|"
    r"không (?:thể )?(?:\S+ )?(?:gửi|chuyển)|"
    r"退信|无法(?:投递|送达|发送|傳送)|無法(?:投遞|傳遞|傳送|送達)|投递失败|未(?:能)?(?:送达|送達|投递|傳遞)|配信(?:不能|できません|エラー)|"
    r"配送(?:不能|できません|エラー|に失敗)|送信(?:できません|エラー)|届きません|お届けでき|宛先不明|"
    r"전달(?:되지|할 수 없|하지 못|실패| 실패)|배달되지|반송",
    re.IGNORECASE,
)  # fmt: skip
DELAYED = re.compile(
    r"\bdelay(?:ed)?\b|\bwarning[: ]|will (?:keep|continue|be re-?tried|re-?try|try again|be attempted|"
    r"make (?:\w+ ){0,2}attempts)|still (?:being|trying|retrying|undelivered)|"
    r"not (?:yet )?(?:been )?delivered (?:yet|after|for)|not yet been|no (?:action|need) (?:is required|"
    r"to re-?send)|"
    r"(?:do not|need not|don't) (?:need to )?re-?send|continu\w+ (?:to )?(?:try|be attempted|delivery)|"
    r"attempts? (?:to deliver \w+ )?will (?:be|continue)|"
    r"verzöger|wird weiter(?:hin)? versucht|retardé|retrasad|en retard|in ritardo|vertraag|opóźni|задерж|"
    r"延迟|延遲|遅延|遅れ|지연",
    re.IGNORECASE,
)
STILL = re.compile(
    r"attempts? (?:\w+ ){0,4}will (?:be |continue)|will (?:keep|continue|be re-?tried|re-?try)|"
    r"still (?:being|trying|retrying)|"
    r"(?:has|have) not yet been|warning message only|wird weiter(?:hin)? versucht",
    re.IGNORECASE,
)
NO_USER = re.compile(
    r"(?:user|recipient|mailbox|address)(?: is)? (?:unknown|not found|invalid)|(?:unknown|no such|"
    r"invalid) (?:user|recipient|mailbox|address)",
    re.IGNORECASE,
)
ANNOUNCED = re.compile(
    r"did not reach|qmail-send program|this is the (?:mail system|mail delivery|postfix)|"
    r"created automatically by mail delivery|automatically generated delivery|(?:the|these|your|to|for|"
    r"with) (?:\w+ ){0,3}(?:recipient|address|user|mailbox|account|"
    r"person|addressee)s?(?:\(e?s\))?(?: or (?:distribution lists|groups))?"
    r"(?: (?:\w+ ){0,8}(?:failed|fail|errors?|delivered|because|rejected))?[ :.]*$|"
    r"following (?:\w+ ){0,3}(?:recipient|address|user|mailbox|account|person)|undeliverable to|"
    r"not (?:be )?delivered to|"
    r"(?:folgende|an die folgenden|an folgende)\w* (?:\w+ )?(?:empfänger|adress)|(?:destinataires?|"
    r"destinatarios?|destinatari|destinatários?|aux? (?:adresses?|personnes?)) (?:suivant|siguient|seguent|"
    r"seguint)|"
    r"(?:volgende|følgende|följande|seuraav\w+) (?:\w+ )?(?:geadresseerde|ontvanger|adress|modtager|"
    r"mottaker|mottagare|vastaanotta)|"
    r"следующ\w+ (?:\w+ )?(?:получател|адресат|адрес)|następując\w+ (?:\w+ )?(?:odbiorc|adres)|"
    r"penerima berikut|alamat berikut|以下(?:收件人|宛先|の)|下列|다음 (?:받는|수신)",
    re.IGNORECASE | re.MULTILINE,
)
GAVE_UP = re.compile(
    r"permanent|giv(?:en|ing) up|fatal|final|has failed|no (?:further|more) attempts|cannot be delivered|"
    r"could not be delivered|"
    r"returned to (?:the )?sender|\b5\.\d\.\d\b|expired",
    re.IGNORECASE,
)
SUBJECT = re.compile(
    r"(?:\*+|\[[^\]]{0,40}\] ?|auto(?:matic)?: ?|non-?urgent: )?(?:"
    r"undeliver|un-deliver|non[- ]?deliver|non[- ]remis|delivery (?:status|fail|notif|problem|error|report|"
    r"to |has|delay|unsuccess|attempt|time|final)|"
    r"(?:mail|message|e-?mail)(?: \w+)? (?:deliver|status|undeliver|could not|not deliver|has not|delayed|"
    r"failure|rejected|returned|error|system error|routing)|"
    r"mail (?:delivery )?(?:system )?(?:fail|error|returned)|returned (?:e?-?mail|message|to sender|"
    r"undeliver)|return(?:ed)? to sender|"
    r"failure (?:notice|delivery|to deliver)|failed (?:mail|delivery|message|to)|"
    r"(?:could|can) ?not (?:be )?(?:send|deliver)|(?:unable|unsuccessful|problem|"
    r"error) (?:\w+ ){0,3}(?:deliver|send)|warning: (?:could|message)|"
    r"permanent (?:delivery|fail|error)|your (?:message|mail|e-?mail) (?:\w+ ){0,4}(?:could|was|not|"
    r"deliver|reject|block)|bounced?\b|nondeliverable|"
    r"message you sent blocked|automatically rejected|ndn:|ndr:|dsn:|status report|user unknown|unknown user|"
    r"tidak terkirim|pesan tidak|gagal (?:ter)?kirim|pengiriman gagal|unzustellbar|nicht zustellbar|"
    r"zustellung|mail konnte nicht|fehler bei der|onbestelbaar|niet bestelbaar|"
    r"kan ikke leveres|ikke levert|leveringsfejl|meddelelsen kunne|olevererbart|kan inte levereras|"
    r"toimittamaton|ei voida toimittaa|"
    r"échec|non remis|non distribu|courrier non|message non|notification d.état de remise|avis de non|"
    r"mancato recapito|non recapitabile|impossibile recapitare|"
    r"mensaje (?:no|devuelto)|no se (?:puede|pudo) entregar|no entregado|correo devuelto|devuelto|"
    r"error de entrega|aviso de no entrega|notificación de estado de entrega|"
    r"não (?:foi )?(?:possível )?entreg|não é possível entregar|mensagem não|falha (?:na|de) entrega|"
    r"não entregue|nu s-a livrat|nelivrat|"
    r"недоставлен|не доставлен|не удается достав|не удалось достав|уведомление о недостав|ошибка доставки|"
    r"неможливо достав|не вдалося|"
    r"niedostarcz|nie można dostarczyć|nie dostarczono|nedoruč|kézbesíthetetlen|sikertelen kézbesítés|"
    r"teslim edilemedi|iletilemedi|δεν είναι δυνατή|αποτυχία|"
    r"לא נמסר|تعذر|ไม่สามารถ|không thể|退信|系统退信|系統退信|无法投递|無法投遞|无法送达|未送达|未傳遞|投递失败|"
    r"配信不能|配信エラー|配信できません|配送不能|"
    r"送信エラー|반송|배달되지|전달되지)",
    re.IGNORECASE,
)  # fmt: skip

# Lines after which the returned letter follows; what stands there is ours, not the mail system's.
RETURNED = re.compile(
    r"[\s>|*=#_.+~-]{0,80}(?:"
    r"below this line is a copy|this is a copy of (?:the|your) (?:message|body)|(?:start of )?(?:original|"
    r"returned|unsent|undelivered|rejected|failed) "
    r"(?:message|mail|headers?|text|e-?mail)(?: text)?(?: follows| header| headers| begins?| details|"
    r" information| received)?[\s:.>|*=#_+~-]{0,80}$|"
    r"(?:the |your |a copy of )?(?:original |returned |unsent |undelivered |rejected )?(?:message|mail|"
    r"header|text)s?(?: text| header| headers| body| content)? "
    r"(?:is |are )?(?:follow|below|attached below|returned below|begins?)|(?:the )?(?:header|text|body|"
    r"contents?) (?:of|from) (?:the|your|returned|this) |"
    r"unsent message below|(?:old|your|original|returned) message[ :]*$|message (?:header|text|contents?|"
    r"body)s?[ :]*$|"
    r"(?:ursprüngliche|original)(?:e)? ?(?:nachricht|mail|nachrichten)|message d.origine|message original|"
    r"mensaje original|mensagem original|"
    r"message headers? follow|first \d+ lines|begin (?:message|header)|included is a copy|"
    r"here is (?:a copy|your)|"
    r"[-=_*]{3,} ?(?:forwarded|original|returned|message) |oprindelig|wiadomość oryginalna|"
    r"исходное сообщение|以下(?:是|为)?(?:您|原)|"
    r"元のメッセージ|原始(?:邮件|郵件|信件)|원본)",
    re.IGNORECASE,
)  # fmt: skip

# What a server says about the recipient, with the status it stands for (RFC 3463), most telling first.
MEANINGS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            r"(?:over|exceed\w*)\W+(?:\w+\W+){0,3}(?:quota|storage|size limit)|quota|mailbox (?:is )?full|"
            r"mailbox exceed|insufficient (?:disk|storage)|disk full",
            re.IGNORECASE,
        ),
        "5.2.2",
    ),
    (
        re.compile(
            r"message (?:\w+ ){0,3}too (?:large|big|long)|exceeds? (?:\w+ ){0,5}(?:maximum|size)", re.I
        ),
        "5.3.4",
    ),
    (
        re.compile(
            r"(?:account|mailbox|user) (?:\w+ ){0,4}(?:disabled|inactive|suspended|blocked|expired)|"
            r"no longer (?:active|in use)",
            re.IGNORECASE,
        ),
        "5.2.1",
    ),
    (
        re.compile(
            r"(?:user|recipient|mailbox|address|account|addressee|person)\W+(?:\w+\W+){0,5}"
            r"(?:unknown|not found|not known|invalid|not exist|unavailable|not listed|not recogni[sz]ed|"
            r"doesn.t have)|"
            r"(?:no such|unknown|invalid|bad|unrecogni[sz]ed) (?:local )?(?:user|recipient|mailbox|address|"
            r"account|person)|"
            r"doesn.t (?:exist|have)|not a valid|no mailbox here|user not|not in (?:the )?directory|"
            r"empfänger unbekannt|existiert nicht",
            re.IGNORECASE,
        ),
        "5.1.1",
    ),
    (
        re.compile(
            r"(?:host|domain|server|system) (?:\w+ ){0,3}(?:unknown|not found|not exist)|"
            r"(?:unknown|no such|bad) (?:host|domain)|unrout?eable|unroutable|nxdomain|"
            r"couldn.t find any host",
            re.IGNORECASE,
        ),
        "5.1.2",
    ),
    (
        re.compile(
            r"timed? ?out|unreachable|connection refused|no (?:answer|route)|retry time|expired", re.I
        ),
        "5.4.7",
    ),
    (
        re.compile(
            r"spam|virus|policy|blacklist|blocklist|block(?:ed|ing)|rbl|denied|not allowed|prohibited|"
            r"relay|content",
            re.IGNORECASE,
        ),
        "5.7.1",
    ),
)
