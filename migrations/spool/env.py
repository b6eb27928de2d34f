"""Alembic runs this file; both script folders share the work."""

from helpdesk.store.migrate import run_environment

run_environment()
