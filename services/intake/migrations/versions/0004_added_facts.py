"""What was told of a person after their registration, in sealed boxes of their own: one row an attempt."""

from alembic import op

revision = "0004_added_facts"
down_revision = "0003_telephony"


def upgrade() -> None:
    """Create the table; an attempt counts once the event store accepted its command."""
    op.execute(
        """create table added_facts (
               person_id   uuid        not null,
               command_id  uuid        not null,
               fingerprint bytea       not null check (octet_length(fingerprint) = 32),
               facts       text        not null check (facts like 's1.%'),
               stored_at   timestamptz not null default clock_timestamp(),
               primary key (person_id, command_id, fingerprint)
           )"""
    )
    op.execute("grant select, insert, update, delete on added_facts to intake_app")
