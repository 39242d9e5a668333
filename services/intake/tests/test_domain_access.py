"""What the hotline takes from a user and gives back, as sentences."""

from dataclasses import replace

import pytest

from hotline_events.catalogue.intake.access import RightReturned, RightWithdrawn, RoleGranted, RoleRevoked
from hotline_events.testing import NOON, given
from intake.domain import access

WHO = {"actor_id": "handler-3", "by": "admin-1", "now": NOON}
REVOKE = access.RevokeRole(role="department_handler", of_department="roads", reason=access.Reason.OTHER_POST, **WHO)  # type: ignore[arg-type]
GRANT = access.GrantRole(role="department_handler", of_department="roads", **WHO)  # type: ignore[arg-type]
WITHDRAW = access.WithdrawRight(right="export_ask", reason=access.Reason.NOT_NEEDED, **WHO)  # type: ignore[arg-type]
RETURN = access.ReturnRight(right="export_ask", **WHO)  # type: ignore[arg-type]
REVOKED = RoleRevoked(
    actor_id="handler-3",
    role="department_handler",
    of_department="roads",
    reason="other_post",
    revoked_by="admin-1",
    occurred_at=NOON,
)
GRANTED = RoleGranted(
    actor_id="handler-3", role="department_handler", of_department="roads", granted_by="admin-1", occurred_at=NOON
)
WITHDRAWN = RightWithdrawn(
    actor_id="handler-3", right="export_ask", reason="not_needed", withdrawn_by="admin-1", occurred_at=NOON
)
RETURNED = RightReturned(actor_id="handler-3", right="export_ask", returned_by="admin-1", occurred_at=NOON)


def test_a_role_is_revoked_in_one_department_and_granted_again() -> None:
    """A150."""
    given(access.decider).when(REVOKE).then(REVOKED)
    given(access.decider, REVOKED).when(REVOKE).then_nothing()
    given(access.decider, REVOKED).when(GRANT).then(GRANTED)
    given(access.decider, REVOKED, GRANTED).when(REVOKE).then(REVOKED)
    everywhere = replace(REVOKE, of_department=None)
    given(access.decider, REVOKED).when(everywhere).then(replace(REVOKED, of_department=None))


def test_a_role_that_was_never_revoked_is_not_granted_here() -> None:
    """A150: roles come from the sign-in provider."""
    given(access.decider).when(GRANT).then_nothing()
    given(access.decider, REVOKED).when(replace(GRANT, of_department="parks")).then_nothing()


def test_a_single_right_is_withdrawn_and_returned() -> None:
    """A150."""
    given(access.decider).when(WITHDRAW).then(WITHDRAWN)
    given(access.decider, WITHDRAWN).when(WITHDRAW).then_nothing()
    given(access.decider, WITHDRAWN).when(RETURN).then(RETURNED)
    given(access.decider).when(RETURN).then_nothing()


@pytest.mark.parametrize("command", [REVOKE, GRANT, WITHDRAW, RETURN])
def test_nobody_changes_their_own_access(command: access.AccessCommand) -> None:
    """A150: neither to get in nor by mistake to lock themselves out."""
    given(access.decider, REVOKED, WITHDRAWN).when(replace(command, by="handler-3")).then_rejected(access.OwnAccessError)
