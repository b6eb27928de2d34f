"""Everything the web part answers, put together: /survey/<token>, /healthz, /metrics (INTERFACE section 5)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from helpdesk.model.signing import Signer
from helpdesk.store.session import StoreError
from helpdesk.web.guard import Hardened, Tally, is_local
from helpdesk.web.health import Alarms, Hearts, NoAlarms
from helpdesk.web.metrics import CONTENT_TYPE, Metrics
from helpdesk.web.pages import Pages, style_sheet
from helpdesk.web.settings import DeskFace, WebSettings
from helpdesk.web.survey import METHODS, VOTES_A_MINUTE, WRONG_KEYS_A_MINUTE, Spool, Survey
from helpdesk.web.surveys import SurveyView


@dataclass(frozen=True, slots=True)
class WebParts:
    """What the pages work with; the daemon builds it."""

    desk: DeskFace
    signer: Signer
    surveys: SurveyView
    spool: Spool
    hearts: Hearts
    metrics: Metrics
    clock: Callable[[], datetime]
    monotonic: Callable[[], float] = time.monotonic
    alarms: Alarms = field(default_factory=NoAlarms)


def make_app(settings: WebSettings, parts: WebParts) -> ASGIApp:
    """Return the ASGI app. It keeps no state but the counts of the last minute."""
    survey = Survey(
        signer=parts.signer,
        surveys=parts.surveys,
        spool=parts.spool,
        pages=Pages(parts.desk),
        clock=parts.clock,
        wrong=Tally(WRONG_KEYS_A_MINUTE, parts.monotonic),
        votes=Tally(VOTES_A_MINUTE, parts.monotonic),
    )
    watch = _Watch(parts.hearts, parts.alarms, parts.metrics, open_to_all=settings.metrics_for_all)
    style = style_sheet()

    async def show_style(_: Request) -> Response:
        return Response(style, media_type="text/css", headers={"Cache-Control": "max-age=3600"})

    routes = [
        Route("/survey/{token}", survey.answer, methods=METHODS),
        Route("/static/survey.css", show_style),
        Route("/healthz", watch.health),
        Route("/metrics", watch.figures),
    ]
    app = Starlette(routes=routes)
    app.router.redirect_slashes = False  # a redirect would carry the token into a second address
    return Hardened(app)


@dataclass(frozen=True, slots=True)
class _Watch:
    """For those who watch the desk, on this computer unless the configuration opens it."""

    hearts: Hearts
    alarms: Alarms
    metrics: Metrics
    open_to_all: bool

    async def health(self, request: Request) -> Response:
        if not self._may(request):
            return _FORBIDDEN
        ills = [*self.hearts.late(), *await run_in_threadpool(self._alarms)]
        if ills:
            return PlainTextResponse("".join(f"{name}\n" for name in ills), 503)
        return PlainTextResponse("ok\n")

    def _alarms(self) -> list[str]:
        try:
            return [f"alarm {name}" for name in self.alarms.standing()]
        except StoreError:
            return ["database"]

    async def figures(self, request: Request) -> Response:
        if not self._may(request):
            return _FORBIDDEN
        try:
            text = await run_in_threadpool(self.metrics.text)
        except StoreError:
            return PlainTextResponse("the database does not answer\n", 503)
        return Response(text, headers={"Content-Type": CONTENT_TYPE})

    def _may(self, request: Request) -> bool:
        return self.open_to_all or is_local(request)


_FORBIDDEN = PlainTextResponse("only for programs on this computer\n", 403)
