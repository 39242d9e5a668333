"""A shift of a line: its posts, who is at them, and how it is handed over (A06, A134-A143)."""

from intake.domain.shift.decider import ShiftCommand, decider, on_timer
from intake.domain.shift.state import Shift

__all__ = ["Shift", "ShiftCommand", "decider", "on_timer"]
