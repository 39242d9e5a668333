"""The event store of intake."""

from alembic import op

from hotline_events.migrate import create_event_store

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables and rights of the event store."""
    create_event_store(op.get_bind(), "intake")
