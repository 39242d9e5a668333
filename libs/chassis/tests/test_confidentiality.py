"""Who may read a matter: by its level, when named, and never those whom it accuses."""

from dataclasses import replace
from uuid import UUID

import pytest

from hotline_chassis.confidentiality import Matter, Reading
from hotline_chassis.rights import LEVELS
from hotline_chassis.roles import DEPARTMENT_ROLES, Role
from hotline_chassis.signin import Principal
from hotline_events.catalogue.intake import Confidentiality

MATTER = Matter(
    request_id=UUID(int=1),
    requester_id=UUID(int=2),
    confidentiality=Confidentiality.ORDINARY,
    accused_department="roads",
    first_contact="agent-7",
)
# Written by hand: who reads a matter of each level without being named for it.
READERS = {
    Confidentiality.ORDINARY: set(Role),
    Confidentiality.SENSITIVE: {
        Role.SHIFT_LEADER,
        Role.OVERSIGHT_OFFICER,
        Role.DISPATCHER,
        Role.DEPARTMENT_HEAD,
        Role.REVISIT_AGENT,
    },
    Confidentiality.SECRET: {Role.SHIFT_LEADER, Role.OVERSIGHT_OFFICER},
}


def somebody(role: Role, actor_id: str = "somebody", department: str | None = None) -> Principal:
    own = department or ("parks" if role in DEPARTMENT_ROLES else None)
    return Principal(actor_id=actor_id, role=role, department=own)


@pytest.mark.parametrize("level", Confidentiality)
def test_a_level_is_read_by_these_roles_and_no_other(level: Confidentiality) -> None:
    """A145."""
    matter = replace(MATTER, confidentiality=level)
    assert {role for role in Role if matter.for_(somebody(role)) is Reading.OPEN} == READERS[level] == set(LEVELS[level])


@pytest.mark.parametrize("role", Role)
def test_who_is_named_and_who_wrote_it_down_read_a_secret_matter_whatever_their_role(role: Role) -> None:
    """A145: a named handler, and the first contact."""
    secret = replace(MATTER, confidentiality=Confidentiality.SECRET)
    assert replace(secret, named=True).for_(somebody(role)) is Reading.OPEN
    assert secret.for_(somebody(role, "agent-7")) is Reading.OPEN


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("level", Confidentiality)
def test_for_the_accused_unit_the_matter_is_not_there_whatever_role_its_people_have(role: Role, level: Confidentiality) -> None:
    """A29, A144: not even for one who is named, or wrote it down."""
    named = replace(MATTER, confidentiality=level, named=True)
    assert named.for_(somebody(role, "agent-7", "roads")) is Reading.HIDDEN
    nobody_accused = replace(named, accused_department=None)
    assert nobody_accused.for_(somebody(role, "agent-7", "roads")) is Reading.OPEN
