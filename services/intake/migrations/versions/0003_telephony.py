"""What exchanges report, kept as it came beside what it means; and who rings from which number.

A number is found by its keyed digest: nobody who reads the table learns a number from it, and the number itself lies in the
vault. The raw event may hold it too, so it is sealed with the caller's key.
"""

from alembic import op

revision = "0003_telephony"
down_revision = "0002"


def upgrade() -> None:
    """Create both tables; erasing a person deletes their number and leaves their raw events unreadable."""
    op.execute(
        """create table telephony_numbers (
               digest    bytea not null primary key check (octet_length(digest) = 32),
               person_id uuid  not null unique
           )"""
    )
    op.execute(
        """create table telephony_events (
               exchange    text        not null,
               event_id    text        not null,
               digest      bytea       not null check (octet_length(digest) = 32),
               call_id     uuid        not null,
               happened_at timestamptz not null,
               facts       json        not null,
               raw         text        not null check (raw like 's1.%'),
               waits       boolean     not null default true,
               received_at timestamptz not null default clock_timestamp(),
               primary key (exchange, event_id)
           )"""
    )
    op.execute("create index telephony_events_call on telephony_events (call_id)")
    op.execute("create index telephony_events_waiting on telephony_events (received_at, exchange, event_id) where waits")
    op.execute("grant select, insert, delete on telephony_numbers to intake_app")
    op.execute("grant select, insert, update on telephony_events to intake_app")
