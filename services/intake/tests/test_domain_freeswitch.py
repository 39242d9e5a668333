"""What FreeSWITCH tells of a call that is passed on: a blind and an attended transfer, by what it keeps of the caller's leg."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from hotline_events.catalogue import intake
from hotline_events.testing import NOON
from hotline_rules.pack import load_pack
from intake.adapters import exchange
from intake.adapters.exchange import ExchangeFormat
from intake.domain import call
from intake.domain.call import Fact, FactKind, picture_of

CALL = UUID(int=1)
RULES = load_pack("default").calls
RECORDING = Path(__file__).parent / "recordings" / "freeswitch.jsonl"
NAMES = ("line", "party", "extension", "by", "answered", "result", "sequence")


def facts_of(raw: Mapping[str, Any], name: str, at: datetime) -> list[Fact]:
    """Return what one event says, in the words of the hotline."""
    reports = exchange.normalised(ExchangeFormat.FREESWITCH_ESL, raw)
    named = [report.through({"agent1": "agent-7", "1001": "agent-7"}, {"600": "12345"}) for report in reports]
    said = [{one: getattr(report, one) for one in NAMES} for report in named]
    return [Fact(event_id=f"{name}.{place}", kind=one.kind, at=at, **said[place]) for place, one in enumerate(named)]


LEG = "97eda2e4-1499-4883-a045-6151989a4a0d"
BLIND = f"1795312240:{LEG}:bl_xfer:8099/default/XML"
ATTENDED = f"1795312240:{LEG}:att_xfer:agent1@hall/8099@hall"
BRIDGED = f"1795312240:{LEG}:uuid_br:1b5c928c-c6d0-4230-9609-b193dd0c6b24"


def freeswitch_call(*, history: Any, moved: bool) -> list[Fact]:
    """Return the recorded call of FreeSWITCH, in which the caller's leg is bridged to 8099 before the agent's leg is gone."""
    lines = [json.loads(line) for line in RECORDING.read_text().splitlines()]
    own = {one.get("Unique-ID") for one in lines if one.get("Other-Leg-Unique-ID") == LEG} | {LEG}
    mine = [one for one in lines if one.get("Unique-ID") in own or one.get("CC-Member-Session-UUID") == LEG]
    bridge = next(one for one in mine if one["Event-Name"] == "CHANNEL_BRIDGE")
    gone = next(at for at, one in enumerate(mine) if one["Event-Name"] == "CHANNEL_HANGUP_COMPLETE")
    later = {"Event-Sequence": "476", "Event-Date-Timestamp": str(int(mine[gone]["Event-Date-Timestamp"]) - 1000)}
    again = bridge | later | {"Other-Leg-Destination-Number": "8099", "variable_transfer_history": history}
    if moved:
        mine[gone] |= {"Hangup-Cause": "BLIND_TRANSFER", "variable_sip_hangup_disposition": "recv_bye"}
    facts = []
    for number, raw in enumerate([*mine[:gone], again, *mine[gone:]]):
        told = exchange.time_of(ExchangeFormat.FREESWITCH_ESL, raw)
        assert isinstance(told, float)
        facts += facts_of(raw, str(number), datetime.fromtimestamp(told, UTC))
    return facts


@pytest.mark.parametrize("history", [BLIND, [BRIDGED, BLIND], [BRIDGED, ATTENDED, BRIDGED], f"ARRAY::{ATTENDED}|:{BRIDGED}"])
def test_freeswitch_tells_of_a_call_that_is_passed_on(history: Any) -> None:
    """A49, A50: a blind and an attended transfer, by what FreeSWITCH keeps of the leg; who passed it on ended nothing."""
    facts = freeswitch_call(history=history, moved=True)
    picture = picture_of(facts)
    assert picture is not None
    assert picture.answer is not None
    assert (picture.answer.agent, [passed.target for passed in picture.transfers]) == ("agent-7", ["8099"])
    assert [one for one in facts if one.kind is FactKind.HANG_UP_ASKED] == []
    command = call.ReconcileCall(call_id=CALL, picture=picture, rules=RULES, rule_version="default/1", now=NOON)
    events = call.decide(call.Call(), command)
    (connected,) = [one for one in events if isinstance(one, intake.CallTransferConnected)]
    assert (connected.target, connected.missed) == ("8099", ("prepared", "briefed"))


@pytest.mark.parametrize("history", [None, BRIDGED, [BLIND, BRIDGED], [ATTENDED, BRIDGED, BRIDGED]])
def test_freeswitch_bridges_a_leg_that_nobody_passed_on(history: Any) -> None:
    """A50: a queue bridges its legs by itself, also after a jump of the dialplan."""
    picture = picture_of(freeswitch_call(history=history, moved=False))
    assert picture is not None
    assert picture.transfers == ()


def test_a_jump_of_the_dialplan_before_anybody_answered_is_no_transfer() -> None:
    """A50: it leaves the mark of a blind transfer, and who joins then is the one who answers."""
    raw = {
        "Event-Name": "CHANNEL_BRIDGE",
        "Call-Direction": "inbound",
        "Unique-ID": LEG,
        "Other-Leg-Destination-Number": "8012",
        "Caller-Transfer-Source": f"1795312240:{LEG}:bl_xfer:8012/default/XML",
    }
    came = Fact(event_id="came", kind=FactKind.RECEIVED, at=NOON, line="12345")
    joined = facts_of(raw, "joined", NOON + timedelta(seconds=5))
    picture = picture_of([came, *joined])
    assert picture is not None
    assert picture.answer is not None
    assert (picture.answer.agent, picture.transfers) == ("8012", ())
