"""The rules of a call, each concern's in its own module; here they meet (A01-A24, A40, A45-A63)."""

from typing import TypeAlias, assert_never

from hotline_events.catalogue.intake import CallEvent
from hotline_events.decider import Decider, Timer
from hotline_events.reaction_batch import Reaction
from intake.domain.call import attending, clocks, ending, lifecycle, passing, reaching, reconciling, ringing, speaking
from intake.domain.call.standing import Status
from intake.domain.call.state import Call, evolve
from intake.domain.refusals import CallNotReceivedError

CallCommand: TypeAlias = (
    lifecycle.LifecycleCommand
    | speaking.SpeakingCommand
    | attending.AttendingCommand
    | passing.PassingCommand
    | ringing.RingingCommand
    | reaching.ReachingCommand
    | ending.EndingCommand
    | reconciling.ReconcileCall
)


def decide(call: Call, command: CallCommand) -> list[CallEvent]:
    if isinstance(command, lifecycle.LifecycleCommand):
        return lifecycle.decide(call, command)
    if isinstance(command, reconciling.ReconcileCall):
        return reconciling.decide(call, command)
    if call.status is Status.UNKNOWN:
        raise CallNotReceivedError
    if isinstance(command, speaking.SpeakingCommand):
        return speaking.decide(call, command)
    if isinstance(command, attending.AttendingCommand):
        return attending.decide(call, command)
    if isinstance(command, passing.PassingCommand):
        return passing.decide(call, command)
    if isinstance(command, ringing.RingingCommand):
        return ringing.decide(call, command)
    if isinstance(command, reaching.ReachingCommand):
        return reaching.decide(call, command)
    if isinstance(command, ending.EndingCommand):
        return ending.decide(call, command)
    assert_never(command)


decider: Decider[CallCommand, Call, CallEvent] = Decider("call", decide, evolve, Call(), clocks.timers)


def on_timer(timer: Timer) -> Reaction:
    """Say what a due timer of a call asks of it."""
    command = clocks.command_of(timer)
    return Reaction(decider=decider, aggregate_id=command.call_id, command=command)
