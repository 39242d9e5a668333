"""The vault: the facts of a person in one sealed box.

A row is one attempt to register, told by the fingerprint of its command; the attempt that the event store accepted is the
one that counts, so neither a crash nor a race between two attempts can leave the wrong facts.
"""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the vault; the service may write and delete in it, the facts in it are readable with the person's key only."""
    op.execute(
        """create table persons (
               person_id   uuid        not null,
               fingerprint bytea       not null check (octet_length(fingerprint) = 32),
               facts       text        not null check (facts like 's1.%'),
               stored_at   timestamptz not null default clock_timestamp(),
               primary key (person_id, fingerprint)
           )"""
    )
    op.execute("grant select, insert, update, delete on persons to intake_app")
