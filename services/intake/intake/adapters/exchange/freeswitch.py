"""FreeSWITCH's event socket (ESL), with `mod_callcenter`: channel events and `callcenter::info`.

The call is the caller's leg, which comes in; the agents' legs go out and name it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hotline_events.catalogue.intake import EndedBy, LegResult
from intake.adapters.exchange.report import Report, needed, number_of, text_of
from intake.domain.call import FactKind

_RESULTS = {"USER_BUSY": LegResult.BUSY, "CALL_REJECTED": LegResult.DECLINED}
_NEVER = {"", "0"}
_DIGITS = 18
"""A number of more digits is none of an event."""
_PASSED_ON = {"BLIND_TRANSFER", "ATTENDED_TRANSFER"}


def time_of(raw: Mapping[str, Any]) -> object:
    """Return when it happened, in seconds since 1970; the exchange says microseconds."""
    value = raw.get("Event-Date-Timestamp")
    try:
        return int(str(value)) / 1_000_000 if value is not None else None
    except (ValueError, OverflowError):
        return value


def id_of(raw: Mapping[str, Any]) -> str | None:
    """Return the number of the event within this run of the exchange."""
    core, sequence = text_of(raw, "Core-UUID"), text_of(raw, "Event-Sequence")
    return f"{core}:{sequence}" if core and sequence else None


def reports(raw: Mapping[str, Any]) -> Sequence[Report]:
    match raw.get("Event-Name"):
        case "CHANNEL_CREATE" if _came_in(raw):
            return [_of(raw, FactKind.RECEIVED, line=text_of(raw, "Caller-Destination-Number") or None)]
        case "CHANNEL_BRIDGE" if _came_in(raw):
            return _joined(raw)
        case "CHANNEL_HOLD":
            return _leg(raw, FactKind.HELD)
        case "CHANNEL_UNHOLD":
            return _leg(raw, FactKind.RESUMED)
        case "CHANNEL_HANGUP_COMPLETE":
            return _hung_up(raw) if _came_in(raw) else _agent_hung_up(raw)
        case "CUSTOM" if raw.get("Event-Subclass") == "callcenter::info":
            return _queue(raw)
        case _:
            return []


def _came_in(raw: Mapping[str, Any]) -> bool:
    return needed(raw, "Call-Direction") == "inbound"


def _of(raw: Mapping[str, Any], kind: FactKind, *, call: str | None = None, **said: Any) -> Report:  # noqa: ANN401 - fields
    number = number_of(raw.get("Caller-Caller-ID-Number") or raw.get("CC-Member-CID-Number"))
    sequence = text_of(raw, "Event-Sequence")
    said["sequence"] = int(sequence) if sequence.isdecimal() and len(sequence) <= _DIGITS else 0
    return Report(call=call or needed(raw, "Unique-ID"), kind=kind, number=number, **said)


def _joined(raw: Mapping[str, Any]) -> Sequence[Report]:
    """Somebody is put on the line to the caller: who answers or, after a transfer, whom the call was passed on to.

    A jump of the dialplan leaves the mark of a blind transfer, so that both are told: of the first who joins, it is the answer.
    """
    answered = _of(raw, FactKind.ANSWERED, party=needed(raw, "Other-Leg-Destination-Number"))
    return [answered, replace(answered, kind=FactKind.TRANSFERRED)] if _passed_on(raw) else [answered]


def _passed_on(raw: Mapping[str, Any]) -> bool:
    """Read the leg's transfers, each `seconds:leg:kind:where`: blind is the last one, attended the last but its own bridge."""
    kinds = [f"{one}:::".split(":", 3)[2] for one in _history(raw)]
    return kinds[-1:] == ["bl_xfer"] or kinds[-2:] == ["att_xfer", "uuid_br"]


def _history(raw: Mapping[str, Any]) -> Sequence[str]:
    """Return the transfers of a leg, the latest last. Several come as a list, or as text with `|:` in between."""
    told = raw.get("variable_transfer_history") or text_of(raw, "Caller-Transfer-Source")
    if isinstance(told, list):
        return [str(one) for one in told]
    return str(told).removeprefix("ARRAY::").split("|:")


def _queue(raw: Mapping[str, Any]) -> Sequence[Report]:
    """What the queue says: the caller joined, an agent's telephone rings, was answered, or rang in vain."""
    action = raw.get("CC-Action")
    if action == "member-queue-start":
        line = text_of(raw, "Caller-Destination-Number") or None
        return [_of(raw, FactKind.QUEUED, call=needed(raw, "CC-Member-Session-UUID"), line=line)]
    kinds = {
        "agent-offering": FactKind.RANG,
        "bridge-agent-start": FactKind.ANSWERED,
        "bridge-agent-fail": FactKind.RELEASED,
    }
    if not isinstance(action, str) or action not in kinds:
        return []
    cause = text_of(raw, "CC-Hangup-Cause")
    if cause == "ORIGINATOR_CANCEL":
        return []
    result = _RESULTS.get(cause, LegResult.NO_ANSWER) if kinds[action] is FactKind.RELEASED else None
    call = needed(raw, "CC-Member-Session-UUID")
    return [_of(raw, kinds[action], call=call, party=needed(raw, "CC-Agent"), result=result)]


def _leg(raw: Mapping[str, Any], kind: FactKind) -> Sequence[Report]:
    """Whichever leg pressed hold, the caller waits."""
    call = _call_of(raw)
    return [] if call is None else [_of(raw, kind, call=call)]


def _call_of(raw: Mapping[str, Any]) -> str | None:
    """Return the caller's leg, None for a leg that belongs to no caller."""
    own = needed(raw, "Unique-ID")
    if _came_in(raw):
        return own
    told = [text_of(raw, name) for name in ("Other-Leg-Unique-ID", "variable_cc_member_session_uuid", "Channel-Call-UUID")]
    return next((call for call in told if call and call != own), None)


def _hung_up(raw: Mapping[str, Any]) -> Sequence[Report]:
    """The caller's leg is gone: the caller hung up when the BYE or CANCEL was received on it."""
    disposition = text_of(raw, "variable_sip_hangup_disposition")
    by = EndedBy.CALLER if disposition.startswith("recv") else None
    answered = text_of(raw, "Caller-Channel-Bridged-Time") not in _NEVER
    return [_of(raw, FactKind.ENDED, by=by, answered=answered)]


def _agent_hung_up(raw: Mapping[str, Any]) -> Sequence[Report]:
    """An agent's leg is gone. One that was never answered, or that passed the call on, says nothing of its own."""
    call = _call_of(raw)
    if call is None or text_of(raw, "Caller-Channel-Answered-Time") in _NEVER or text_of(raw, "Hangup-Cause") in _PASSED_ON:
        return []
    closed = _of(raw, FactKind.LINE_CLOSED, call=call)
    if not text_of(raw, "variable_sip_hangup_disposition").startswith("recv"):
        return [closed]
    return [_of(raw, FactKind.HANG_UP_ASKED, call=call, by=EndedBy.AGENT), closed]
