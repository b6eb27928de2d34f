"""`helpdesk`, and `python -m helpdesk`."""

from __future__ import annotations

from helpdesk.daemon.loading import loading


def run() -> None:
    """The entry point: exit 0 on success, 1 on a finding or failure, 2 on wrong usage."""
    with loading():
        from helpdesk.cli import main
    main.run()


if __name__ == "__main__":
    run()
