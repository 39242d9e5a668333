"""A line: published, forwarded, routed by the time of day, out of order and restored (A04-A06, A08, A20, A21, A60, A61)."""

from intake.domain.line.decider import LineCommand, decider
from intake.domain.line.state import Line

__all__ = ["Line", "LineCommand", "decider"]
