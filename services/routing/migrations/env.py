"""Alembic's entry: the library knows how to run revisions."""

from hotline_events.migrate import run_env

run_env()
