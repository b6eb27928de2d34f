"""The script of the demo. Everybody acts on the letters they get, never on the clock.

Each act raises StoryBroke when a letter does not come.
"""

from __future__ import annotations

import asyncio
import re
import urllib.parse
import urllib.request

import aiosmtplib

from helpdesk.cli.demo.cast import Cast
from helpdesk.testing.letters import Letter
from helpdesk.testing.patience import StoryBroke

STRANGER = "somebody@elsewhere.example"


async def anne_is_helped(cast: Cast) -> None:
    """Question, two claims, answer, reply, answer, closing, PIC, survey by mail."""
    await cast.anne.writes(
        "My kettle has not come",
        "Hello,\n\nI ordered a kettle two weeks ago and it should have been here last Monday."
        "\nWhere is it?\n\nAnne",
    )
    number = (await cast.anne.gets("acknowledgement")).ticket
    cast.tell("Bart and Cate both want it: each sends an empty Reply All.")
    announced = [await player.sees("new_ticket", number) for player in (cast.bart, cast.cate)]
    await asyncio.gather(cast.bart.replies_all(announced[0], ""), cast.cate.replies_all(announced[1], ""))
    winner, assignment = await cast.first_to_get("assignment", number, cast.bart, cast.cate)
    loser = cast.cate if winner is cast.bart else cast.bart
    await loser.gets("claim_lost", number)
    await cast.anne.gets("assigned", number)
    await winner.replies(
        assignment,
        "Hello Anne,\n\nI am sorry that you had to wait. So that I can find your parcel: what is your"
        "\norder number, and which address did you give?\n\nBart",
    )
    answer = await cast.anne.gets("answer", number)
    await cast.anne.replies(answer, "It is order 4711, to Jalan Melati 5, Bandung.\n\nAnne")
    reply = await winner.gets("customer_reply", number)
    await winner.replies(
        reply,
        "Thank you, Anne. Your kettle waits at the depot in Bandung: the driver did not find"
        "\nyour door. It comes tomorrow between 9 and 12.\n\nBart",
    )
    await cast.anne.gets("answer", number)
    cast.tell(f"{winner.name} is done and closes: #close on the first line, closing words below.")
    await winner.replies(
        reply, "#close\n\nEnjoy your tea, Anne! Should the driver miss you again, just write."
    )
    await cast.anne.gets("closed", number)
    cast.tell("Dora, the PIC, agrees: an empty reply. Anne answers the survey by mail.")
    await cast.dora.replies(await cast.dora.gets("close_notice", number), "")
    await cast.anne.replies(await cast.anne.gets("survey", number), "5\nQuick and friendly, thank you!")


async def a_stranger_is_refused(cast: Cast) -> str:
    """Nobody uses the desk to reach others; return what the listener said."""
    spam = b"From: Spam <spam@elsewhere.example>\r\nSubject: Buy now\r\n\r\nBuy now.\r\n"
    try:
        await cast.town.hand_over(spam, "spam@elsewhere.example", [STRANGER])
    except aiosmtplib.SMTPRecipientsRefused as refused:
        reply = refused.recipients[0]
        return f"{reply.code} {reply.message}"
    raise StoryBroke(f"the listener took a mail to {STRANGER}")


async def emil_is_silent(cast: Cast) -> None:
    """Answered, then silent: nudge, automatic closing, survey on the page. His robot gets no answer."""
    await cast.emil.writes(
        "Open on Saturday?",
        "Good day,\n\ncan I collect order 4712 myself on Saturday morning?\n\nEmil",
    )
    acknowledgement = await cast.emil.gets("acknowledgement")
    number = acknowledgement.ticket
    await cast.emil.replies(
        acknowledgement,
        "I am out of the office until Monday and read no mail.",
        Auto_Submitted="auto-replied",
    )
    cast.tell("That was Emil's out-of-office robot: it goes on record, and nobody answers it.")
    await cast.cate.replies_all(await cast.cate.sees("new_ticket", number), "")
    await cast.cate.replies(
        await cast.cate.gets("assignment", number),
        "Hello Emil,\n\nyes, we are here on Saturday from 9 to 13. Please bring the number 4712 with you.\n\nCate",
    )
    await cast.emil.gets("answer", number)
    await cast.emil.gets("nudge", number)
    await cast.emil.gets("closed_no_feedback", number)
    await cast.dora.replies(await cast.dora.gets("close_notice", number), "#ok")
    await votes_on_the_page(cast, await cast.emil.gets("survey", number))


async def votes_on_the_page(cast: Cast, survey: Letter) -> None:
    """Open the page as a browser does, which votes for nothing, then send the form."""
    link = re.search(r"http://\S+/survey/\S+", survey.text)
    if link is None:
        raise StoryBroke("the survey letter has no link to the page")
    page = await asyncio.to_thread(_visit, link[0])
    if "<form" not in page:
        raise StoryBroke(f"{link[0]} shows no form")
    cast.tell("Emil opens the survey page and gives 4 of 5.")
    await asyncio.to_thread(
        _visit, link[0], {"score": "4", "comment": "It took a while, but it is all clear now."}
    )


async def farah_waits_too_long(cast: Cast) -> None:
    """The first operator misses the deadline, another takes over; PIC objects to the closing, then agrees."""
    await cast.farah.writes(
        "Money back for order 4713",
        "Hello,\n\nI sent the broken lamp back on Tuesday. When do I get my money?\n\nFarah",
    )
    number = (await cast.farah.gets("acknowledgement")).ticket
    await cast.gita.replies_all(await cast.gita.sees("new_ticket", number), "")
    await cast.gita.gets("assignment", number)
    await cast.gita.gets("reminder", number)
    await cast.gita.gets("breach", number)
    await cast.dora.gets("breach_notice", number)
    successor, assignment = await cast.first_to_get("assignment", number, cast.bart, cast.cate)
    cast.tell(f"Gita did not answer in time: a yellow card. {successor.name} takes over.")
    await cast.farah.gets("handover", number)
    await successor.replies(
        assignment,
        f"Hello Farah,\n\nyour lamp has arrived, and the money is on its way to you.\n\n{successor.name}",
    )
    await cast.farah.gets("answer", number)
    await successor.replies(assignment, "#close")
    notice = await cast.dora.gets("close_notice", number)
    cast.tell("Dora objects: a reply with words opens the ticket again.")
    await cast.dora.replies(notice, "Not yet, please: tell Farah the day on which the money arrives.")
    objection = await successor.gets("customer_reply", number)
    await successor.replies(
        objection,
        f"Hello Farah,\n\none more thing: the bank says that the money arrives on Thursday.\n\n{successor.name}",
    )
    await cast.farah.gets("answer", number)
    await successor.replies(objection, "#close")
    await cast.dora.replies(await cast.dora.gets("close_notice", number), "")
    await cast.farah.gets("survey", number)


def _visit(url: str, form: dict[str, str] | None = None) -> str:
    data = urllib.parse.urlencode(form).encode() if form else None
    with urllib.request.urlopen(url, data, timeout=10) as page:  # noqa: S310 - the url is the desk's own page
        text: str = page.read().decode()
    return text
