"""Who can sign in. A role says what a person is; what a role may do stands in `rights` alone."""

from enum import StrEnum

SERVICES = ("intake", "routing", "followup", "reporting")


class Role(StrEnum):
    CALL_TAKER = "call_taker"
    SHIFT_LEADER = "shift_leader"
    DISPATCHER = "dispatcher"
    DEPARTMENT_HANDLER = "department_handler"
    DEPARTMENT_HEAD = "department_head"
    REVISIT_AGENT = "revisit_agent"
    INSPECTOR = "inspector"
    OVERSIGHT_OFFICER = "oversight_officer"
    ADMINISTRATOR = "administrator"
    SERVICE = "service"


# These roles belong to one department and see nothing of another.
DEPARTMENT_ROLES = frozenset({Role.DEPARTMENT_HANDLER, Role.DEPARTMENT_HEAD})
