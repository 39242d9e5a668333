"""What every decision about a shift asks first."""

from datetime import datetime

from intake.domain.duty_refusals import NotAtPostError, ShiftNotOpenedError
from intake.domain.refusals import TimeRunsBackwardsError
from intake.domain.shift.state import Plan, Presence, Shift

DUTY_CHIEF = "duty_chief"


def opened(shift: Shift) -> Plan:
    if shift.plan is None:
        raise ShiftNotOpenedError
    return shift.plan


def at_post(shift: Shift, staff_id: str, now: datetime) -> Presence:
    """Return who is there; nothing happens to somebody before they came."""
    opened(shift)
    presence = shift.at_post(staff_id)
    if presence is None:
        raise NotAtPostError(missing="shift_checked_in")
    if now < presence.since:
        raise TimeRunsBackwardsError
    return presence
