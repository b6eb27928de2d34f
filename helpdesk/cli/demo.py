"""The played desk."""


async def play(*, once: bool) -> int:
    return 0
