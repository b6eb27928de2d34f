"""Who plays: three customers, three operators and a PIC, each at a mail program; and what they wait for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from helpdesk.cli.demo import setting
from helpdesk.testing.letters import Letter
from helpdesk.testing.patience import until
from helpdesk.testing.players import Player, Town

LIST_NAME = "the list"
PIC_NAME = "PIC"


@dataclass(frozen=True, slots=True)
class Cast:
    town: Town
    anne: Player
    emil: Player
    farah: Player
    bart: Player
    cate: Player
    gita: Player
    dora: Player
    tell: Callable[[str], None]

    @property
    def customers(self) -> tuple[Player, ...]:
        return (self.anne, self.emil, self.farah)

    async def first_to_get(self, letter: str, ticket: int, *players: Player) -> tuple[Player, Letter]:
        """Wait until one of the players has this letter; return who, and the letter."""

        def lucky() -> list[Player]:
            return [player for player in players if player.unopened(letter, ticket)]

        names = " nor ".join(player.name for player in players)
        await until(
            lambda: bool(lucky()), f"neither {names} got {letter} of ticket {ticket}", self.town.patience
        )
        return lucky()[0], await lucky()[0].gets(letter, ticket)


def gather(town: Town, tell: Callable[[str], None]) -> Cast:
    """Move everybody into town. Operators read the list; Dora reads the shared PIC address."""
    return Cast(
        town=town,
        anne=town.player("Anne", "anne@customer.example"),
        emil=town.player("Emil", "emil@customer.example"),
        farah=town.player("Farah", "farah@customer.example"),
        bart=town.player("Bart", "bart@staff.example", setting.LIST),
        cate=town.player("Cate", "cate@staff.example", setting.LIST),
        gita=town.player("Gita", "gita@staff.example", setting.LIST),
        dora=town.player("Dora", "dora@staff.example", setting.PIC),
        tell=tell,
    )


def names(town: Town) -> Mapping[str, str]:
    """How addresses are shown."""
    people = {player.address: player.name for player in town.players}
    return {**people, setting.ADDRESS: "the desk", setting.LIST: LIST_NAME, setting.PIC: PIC_NAME}
