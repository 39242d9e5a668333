"""Asterisk's manager interface (AMI), as recorded from Asterisk 22: queue, dial, hold, transfer and hang-up events.

All channels of a call share its `Linkedid`, which is the `Uniqueid` of the caller's own channel.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from hotline_events.catalogue.intake import EndedBy, LegResult
from intake.adapters.exchange.report import Report, needed, number_of, text_of
from intake.domain.call import FactKind

_RESULTS = {
    "NOANSWER": LegResult.NO_ANSWER,
    "BUSY": LegResult.BUSY,
    "CONGESTION": LegResult.BUSY,
    "CHANUNAVAIL": LegResult.NO_ANSWER,
}
_UP = "6"


def time_of(raw: Mapping[str, Any]) -> object:
    """Return the time that `timestampevents=yes` adds, in seconds since 1970."""
    return _seconds(raw.get("Timestamp"))


def _seconds(value: object) -> object:
    try:
        return float(str(value)) if value is not None else None
    except ValueError:
        return value


def reports(raw: Mapping[str, Any]) -> Sequence[Report]:  # noqa: C901, PLR0912 - one line an event
    match raw.get("Event"):
        case "Newchannel":
            return _new_channel(raw)
        case "QueueCallerJoin":
            return [_of(raw, FactKind.QUEUED, line=text_of(raw, "Exten") or None)]
        case "QueueCallerAbandon":
            return [_of(raw, FactKind.ABANDONED, by=EndedBy.CALLER)]
        case "AgentCalled":
            return [_of(raw, FactKind.RANG, party=needed(raw, "Interface"))]
        case "DialBegin":
            return [_of(raw, FactKind.RANG, party=needed(raw, "DestChannel"))]
        case "AgentRingNoAnswer":
            return [_of(raw, FactKind.RELEASED, party=needed(raw, "Interface"), result=LegResult.NO_ANSWER)]
        case "DialEnd":
            return _dial_end(raw)
        case "AgentConnect":
            return [_of(raw, FactKind.ANSWERED, party=needed(raw, "Interface"))]
        case "Hold":
            return [_of(raw, FactKind.HELD)]
        case "Unhold":
            return [_of(raw, FactKind.RESUMED)]
        case "BlindTransfer" | "AttendedTransfer":
            return _transfer(raw)
        case "HangupRequest":
            return [_of(raw, FactKind.HANG_UP_ASKED, by=EndedBy.CALLER if _is_callers(raw) else EndedBy.AGENT)]
        case "AgentComplete":
            return _complete(raw)
        case "Hangup":
            return _hangup(raw)
        case _:
            return []


def _of(raw: Mapping[str, Any], kind: FactKind, **said: Any) -> Report:  # noqa: ANN401 - fields of a report
    number = number_of(raw.get("CallerIDNum")) if _is_callers(raw) else None
    return Report(call=needed(raw, "Linkedid"), kind=kind, number=number, **said)


def _is_callers(raw: Mapping[str, Any]) -> bool:
    """Say whether an event is about the caller's own channel."""
    return needed(raw, "Uniqueid") == needed(raw, "Linkedid")


def _new_channel(raw: Mapping[str, Any]) -> Sequence[Report]:
    """The call's first channel came in through a number; what the exchange dials itself has none."""
    line = text_of(raw, "Exten")
    if not _is_callers(raw) or line in {"", "s"}:
        return []
    return [_of(raw, FactKind.RECEIVED, line=line)]


def _dial_end(raw: Mapping[str, Any]) -> Sequence[Report]:
    """A telephone was answered, or rang in vain. One that stops because the caller left says nothing of its own."""
    status, party = text_of(raw, "DialStatus"), needed(raw, "DestChannel")
    if status == "ANSWER":
        return [_of(raw, FactKind.ANSWERED, party=party)]
    return [_of(raw, FactKind.RELEASED, party=party, result=_RESULTS[status])] if status in _RESULTS else []


def _transfer(raw: Mapping[str, Any]) -> Sequence[Report]:
    if raw.get("Result") != "Success":
        return []
    if raw["Event"] == "BlindTransfer":
        return [Report(call=needed(raw, "TransfererLinkedid"), kind=FactKind.TRANSFERRED, party=needed(raw, "Extension"))]
    party = text_of(raw, "TransferTargetChannel") or needed(raw, "SecondTransfererExten")
    return [Report(call=needed(raw, "OrigTransfererLinkedid"), kind=FactKind.TRANSFERRED, party=party)]


def _complete(raw: Mapping[str, Any]) -> Sequence[Report]:
    """The conversation is over; after a transfer the call goes on."""
    by = {"caller": EndedBy.CALLER, "agent": EndedBy.AGENT}.get(text_of(raw, "Reason"))
    return [] if by is None else [_of(raw, FactKind.ENDED, by=by, answered=True)]


def _hangup(raw: Mapping[str, Any]) -> Sequence[Report]:
    """A channel is gone. The caller's ends the call; one that was never up was never answered."""
    if not _is_callers(raw):
        return [_of(raw, FactKind.LINE_CLOSED)]
    return [_of(raw, FactKind.ENDED, answered=None if text_of(raw, "ChannelState") == _UP else False)]
