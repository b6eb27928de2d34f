"""The pages as HTML text. Every value is escaped; no page loads anything but the desk's own style sheet."""

from __future__ import annotations

from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined

from helpdesk.web.ballot import MAX_COMMENT, SCORES, Ballot
from helpdesk.web.settings import DeskFace
from helpdesk.web.surveys import SurveyTicket
from helpdesk.web.texts import texts_in


class Pages:
    """Renders the pages of one desk in the reader's language."""

    def __init__(self, desk: DeskFace) -> None:
        self._desk = desk
        self._jinja = Environment(
            loader=PackageLoader("helpdesk.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def survey(self, number: int, ticket: SurveyTicket, ballot: Ballot) -> str:
        """Return the form, filled in with `ballot`, and what is wrong with it."""
        return self._render(
            "survey.html",
            ticket.language,
            number=number,
            ticket=ticket,
            ballot=ballot,
            scores=SCORES,
            max_comment=MAX_COMMENT,
        )

    def thanks(self, number: int, ticket: SurveyTicket, ballot: Ballot) -> str:
        """Return the page after a vote."""
        return self._render("thanks.html", ticket.language, number=number, ticket=ticket, ballot=ballot)

    def notice(self, what: str) -> str:
        """Return a page that only says something: `gone`, `busy` or `failed`. Tells nothing of any ticket."""
        return self._render("notice.html", "", what=what)

    def _render(self, template: str, language: str, **values: object) -> str:
        texts = texts_in(language or self._desk.language, self._desk.language)
        return self._jinja.get_template(template).render(t=texts, desk=self._desk, **values)


def style_sheet() -> str:
    """Return the style sheet of all pages."""
    return resources.files("helpdesk.web").joinpath("static", "survey.css").read_text(encoding="utf-8")
