"""The whole file as one table of tables."""

from __future__ import annotations

from helpdesk.config.limits import LimitsTable
from helpdesk.config.roads import ReceiveTable, SendTable, StoreTable, WebTable
from helpdesk.config.secrets import Table
from helpdesk.config.tables import (
    AssignmentTable,
    CalendarTable,
    CardsTable,
    ClosingTable,
    CommandsTable,
    DeskTable,
    DigestTable,
    EscalationTable,
    FollowUpTable,
    FormTable,
    PersonTable,
    PromisesTable,
    SlaTable,
    ThirdPartyTable,
    TrustTable,
)


class Root(Table):
    """`receive.smtp` and `web` None: no listener, no web."""

    desk: DeskTable
    store: StoreTable = StoreTable()
    receive: ReceiveTable = ReceiveTable()
    send: SendTable = SendTable()
    web: WebTable | None = None
    assignment: AssignmentTable = AssignmentTable()
    sla: SlaTable = SlaTable()
    follow_up: FollowUpTable = FollowUpTable()
    closing: ClosingTable = ClosingTable()
    calendar: CalendarTable = CalendarTable()
    cards: CardsTable = CardsTable()
    digest: DigestTable = DigestTable()
    escalation: EscalationTable = EscalationTable()
    commands: CommandsTable = CommandsTable()
    promises: PromisesTable = PromisesTable()
    trust: TrustTable = TrustTable()
    limits: LimitsTable = LimitsTable()
    operators: tuple[PersonTable, ...] = ()
    pic: tuple[PersonTable, ...] = ()
    third_parties: tuple[ThirdPartyTable, ...] = ()
    forms: tuple[FormTable, ...] = ()

    def is_own(self, address: str) -> bool:
        """Is this the desk's address, with or without a +token?"""
        local, _, domain = address.partition("@")
        return f"{local.partition('+')[0]}@{domain}" == self.desk.address
