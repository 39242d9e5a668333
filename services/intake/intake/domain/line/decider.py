"""A line's one decide: each command goes to the module of its concern."""

from typing import TypeAlias, assert_never

from hotline_events.catalogue.intake import LineEvent
from hotline_events.decider import Decider
from intake.domain.line import outages, publishing
from intake.domain.line.outages import ActivateFallback, OutageCommand, PublishFaultNotice, ReportFault, RestoreLine
from intake.domain.line.publishing import (
    ClearForwarding,
    LeaveUnattended,
    PublishingCommand,
    PublishLine,
    ScheduleRoute,
    SetForwarding,
)
from intake.domain.line.state import Line, evolve

LineCommand: TypeAlias = PublishingCommand | OutageCommand


def decide(line: Line, command: LineCommand) -> list[LineEvent]:
    match command:
        case PublishLine() | SetForwarding() | ClearForwarding() | ScheduleRoute() | LeaveUnattended():
            return publishing.decide(line, command)
        case ReportFault() | PublishFaultNotice() | ActivateFallback() | RestoreLine():
            return outages.decide(line, command)
        case _:
            assert_never(command)


decider: Decider[LineCommand, Line, LineEvent] = Decider("line", decide, evolve, Line())
