"""The survey page: shows on GET, votes on POST alone (T22, R49), and tells strangers nothing (T21).

1. an address with too many wrong keys in the last minute is asked to wait, whatever it brings
2. a wrong, an expired and an orphaned key get the same answer
3. a vote is an Arrival: it goes into the spool like a letter, and "thank you" is said after the commit
4. what cannot be saved is shown again, filled in, with a 503: nothing typed is lost silently
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from helpdesk.flow.receive import SpoolFailed, SpoolFull
from helpdesk.model.mail import Arrival, Happening, Road
from helpdesk.model.signing import Signer
from helpdesk.store.session import StoreError
from helpdesk.web.ballot import Ballot, as_bytes, read_ballot, read_score
from helpdesk.web.guard import BodyTooBig, BodyTooSlow, Tally, client_of, home_of, read_form
from helpdesk.web.pages import Pages
from helpdesk.web.surveys import SurveyTicket, SurveyView

WRONG_KEYS_A_MINUTE = 10
VOTES_A_MINUTE = 10
METHODS = ["GET", "HEAD", "OPTIONS", "POST"]
log = structlog.get_logger(__name__)


class Spool(Protocol):
    """Where votes go: `flow.receive.Receiver`."""

    async def accept(self, arrival: Arrival) -> int:
        """Return after the commit; raises SpoolFull or SpoolFailed."""
        ...


@dataclass(frozen=True, slots=True)
class Survey:
    """The endpoint of /survey/<token>. `wrong` counts by visitor, `votes` by ticket."""

    signer: Signer
    surveys: SurveyView
    spool: Spool
    pages: Pages
    clock: Callable[[], datetime]
    wrong: Tally
    votes: Tally

    async def answer(self, request: Request) -> Response:
        """Answer any request for a survey page."""
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": ", ".join(METHODS)})
        visitor = home_of(client_of(request))
        if self.wrong.full(visitor):
            return self._busy()
        number = self.signer.read_survey_token(request.path_params["token"], self.clock())
        if number is None:
            return self._gone(visitor)
        if request.method == "POST":
            return await self._vote(request, number, visitor)
        return await self._show(request, number, visitor)

    async def _show(self, request: Request, number: int, visitor: str) -> Response:
        try:
            ticket = await run_in_threadpool(self.surveys.look_up, number)
        except StoreError:
            return self._failed()
        if ticket is None:
            return self._gone(visitor)
        preselected = read_score(request.query_params.get("r", ""))  # a link `?r=5` only preselects (T22)
        return self._form(number, ticket, Ballot(preselected or ticket.score, ticket.comment), 200)

    async def _vote(self, request: Request, number: int, visitor: str) -> Response:
        if self.votes.full(str(number)):
            return self._busy()
        try:
            ballot = read_ballot(await read_form(request))
        except BodyTooBig:
            ballot = Ballot(None, "", "comment_too_long")
        except BodyTooSlow:
            return HTMLResponse(self.pages.notice("failed"), 408)
        ticket = await self._ticket_or_blank(number)
        if ticket is None:
            return self._gone(visitor)
        if ballot.problem:
            return self._form(number, ticket, ballot, 422)
        return await self._keep(request, number, ticket, ballot)

    async def _keep(self, request: Request, number: int, ticket: SurveyTicket, ballot: Ballot) -> Response:
        self.votes.add(str(number))
        arrival = Arrival(
            raw=as_bytes(number, ballot),
            road=Road.WEB,
            kind=Happening.VOTE,
            received_at=self.clock(),
            peer=client_of(request),
        )
        try:
            spool_id = await self.spool.accept(arrival)
        except (SpoolFull, SpoolFailed) as problem:
            log.warning("a vote could not be saved", action="vote_refused", ticket=number, why=str(problem))
            again = Ballot(ballot.score, ballot.comment, "not_saved")
            return self._form(number, ticket, again, 503)
        log.info("vote received", action="vote_received", ticket=number, spool_id=spool_id)
        return HTMLResponse(self.pages.thanks(number, ticket, ballot))

    async def _ticket_or_blank(self, number: int) -> SurveyTicket | None:
        """The key proves the number, so a vote is taken even while the desk's database does not answer."""
        try:
            return await run_in_threadpool(self.surveys.look_up, number)
        except StoreError:
            return SurveyTicket("")

    def _form(self, number: int, ticket: SurveyTicket, ballot: Ballot, status: int) -> Response:
        retry = {"Retry-After": "60"} if status == 503 else None
        return HTMLResponse(self.pages.survey(number, ticket, ballot), status, retry)

    def _gone(self, visitor: str) -> Response:
        self.wrong.add(visitor)
        return HTMLResponse(self.pages.notice("gone"), 404)

    def _busy(self) -> Response:
        return HTMLResponse(self.pages.notice("busy"), 429, {"Retry-After": "60"})

    def _failed(self) -> Response:
        return HTMLResponse(self.pages.notice("failed"), 503, {"Retry-After": "60"})
