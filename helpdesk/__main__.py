"""`python -m helpdesk`."""

from helpdesk.cli.main import run

run()
