"""An emergency: three parties in parallel, each with its time; a heartbeat from the field; vehicles."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from hotline_events.catalogue.routing.emergency import (
    EmergencyAcknowledged,
    EmergencyAcknowledgementMissed,
    EmergencyDeclared,
    EmergencyFieldReported,
    EmergencyHandedOver,
    EmergencyHeartbeatMissed,
    EmergencyNotified,
    EmergencySettled,
    EmergencyVehicleDispatched,
    Party,
)
from hotline_events.testing import NOON, given
from hotline_rules.book import RuleBook
from hotline_rules.pack import load_pack
from routing.domain import emergency
from routing.domain.emergency import (
    AcknowledgeEmergency,
    DeclareEmergency,
    DispatchVehicle,
    EndEmergency,
    HandOverEmergency,
    ReportField,
    SettleEmergency,
)
from routing.domain.emergency.commands import (
    BeforeEmergencyError,
    EmergencySettledError,
    EmergencyUnknownError,
    MissAcknowledgement,
    MissHeartbeat,
    NotAcknowledgedError,
    NotThatPartyError,
)

RULES = load_pack("default")
BOOK = RuleBook(RULES)
ID = UUID(int=1)
MINUTE = timedelta(minutes=1)
TEN, HALF_AN_HOUR = 10 * MINUTE, 30 * MINUTE

DECLARE = DeclareEmergency(
    emergency_id=ID,
    request_id=UUID(int=2),
    requester_id=UUID(int=3),
    work_order_id=UUID(int=4),
    department="gas",
    rules=RULES,
    by="agent-7",
    now=NOON,
)
DECLARED = EmergencyDeclared(
    emergency_id=ID,
    request_id=UUID(int=2),
    requester_id=UUID(int=3),
    work_order_id=UUID(int=4),
    department="gas",
    next_due_at=NOON + HALF_AN_HOUR,
    declared_by="agent-7",
    rule_version=RULES.number,
    occurred_at=NOON,
)
NOTIFIED = tuple(
    EmergencyNotified(emergency_id=ID, department="gas", party=party, acknowledge_by=NOON + TEN, occurred_at=NOON)
    for party in Party
)
HISTORY = (DECLARED, *NOTIFIED)


def acknowledged(party: Party, by: str = "someone", after: timedelta = MINUTE) -> EmergencyAcknowledged:
    return EmergencyAcknowledged(
        emergency_id=ID,
        department="gas",
        party=party,
        acknowledged_by=by,
        took_ms=after // timedelta(milliseconds=1),
        occurred_at=NOON + after,
    )


KNOWN = tuple(acknowledged(party) for party in Party)
SETTLED = EmergencySettled(emergency_id=ID, department="gas", settled_by="head", occurred_at=NOON + HALF_AN_HOUR)


def missed(number: int, at: timedelta) -> EmergencyHeartbeatMissed:
    due = NOON + at + HALF_AN_HOUR
    return EmergencyHeartbeatMissed(
        emergency_id=ID, department="gas", contact=0, missed=number, next_due_at=due, occurred_at=NOON + at
    )


def test_crew_department_and_leader_are_told_in_the_same_moment() -> None:
    """A79."""
    given(emergency.decider).when(DECLARE).then(*HISTORY)


def test_a_matter_is_declared_an_emergency_once() -> None:
    """A79."""
    given(emergency.decider, *HISTORY).when(replace(DECLARE, now=NOON + MINUTE)).then_nothing()


@pytest.mark.parametrize(("party", "department"), [(Party.CREW, "gas"), (Party.DEPARTMENT, "gas"), (Party.LEADER, None)])
def test_each_party_says_that_it_knows_and_its_time_is_taken(party: Party, department: str | None) -> None:
    """A79."""
    said = AcknowledgeEmergency(party=party, department=department, by="someone", now=NOON + MINUTE)
    given(emergency.decider, *HISTORY).when(said).then(acknowledged(party))
    given(emergency.decider, *HISTORY, acknowledged(party)).when(said).then_nothing()


def test_nobody_acknowledges_for_another_party() -> None:
    """A79."""
    for_the_leader = AcknowledgeEmergency(party=Party.LEADER, department="gas", by="head", now=NOON + MINUTE)
    for_the_crew = AcknowledgeEmergency(party=Party.CREW, department=None, by="leader", now=NOON + MINUTE)
    given(emergency.decider, *HISTORY).when(for_the_leader).then_rejected(NotThatPartyError)
    given(emergency.decider, *HISTORY).when(for_the_crew).then_rejected(NotThatPartyError)


def test_a_party_that_keeps_silent_is_on_record_at_the_moment_its_time_was_over() -> None:
    """A79."""
    over = MissAcknowledgement(party=Party.CREW, now=NOON + TEN)
    silent = EmergencyAcknowledgementMissed(emergency_id=ID, department="gas", party=Party.CREW, occurred_at=NOON + TEN)
    given(emergency.decider, *HISTORY).when(over).then(silent)
    given(emergency.decider, *HISTORY, silent).when(over).then_nothing()
    given(emergency.decider, *HISTORY, acknowledged(Party.CREW)).when(over).then_nothing()
    given(emergency.decider, *HISTORY, acknowledged(Party.CREW, after=2 * TEN)).when(over).then(silent)


def test_the_field_is_heard_of_again_and_again_and_each_contact_owes_the_next() -> None:
    """A80."""
    heard = ReportField(note=None, department="gas", book=BOOK, by="crew", now=NOON + TEN)
    told = EmergencyFieldReported(
        emergency_id=ID,
        requester_id=UUID(int=3),
        department="gas",
        contact=1,
        next_due_at=NOON + TEN + HALF_AN_HOUR,
        reported_by="crew",
        occurred_at=NOON + TEN,
    )
    given(emergency.decider, *HISTORY).when(heard).then(told)
    given(emergency.decider, *HISTORY, told).when(heard).then_nothing()
    given(emergency.decider, *HISTORY, *KNOWN, SETTLED).when(heard).then_rejected(EmergencySettledError)


def test_a_field_that_keeps_silent_raises_the_alarm_until_somebody_speaks_with_it() -> None:
    """A80."""
    first = MissHeartbeat(contact=0, missed=1, seconds=1800, now=NOON + HALF_AN_HOUR)
    second = MissHeartbeat(contact=0, missed=2, seconds=1800, now=NOON + 2 * HALF_AN_HOUR)
    history = (*HISTORY, missed(1, HALF_AN_HOUR))
    given(emergency.decider, *HISTORY).when(first).then(missed(1, HALF_AN_HOUR))
    given(emergency.decider, *history).when(second).then(missed(2, 2 * HALF_AN_HOUR))
    given(emergency.decider, *history).when(first).then_nothing()
    given(emergency.decider, *HISTORY, *KNOWN, SETTLED).when(first).then_nothing()


def test_the_timers_of_an_emergency_become_the_commands_they_stand_for() -> None:
    """A79, A80."""
    timers = [timer for event in HISTORY for timer in emergency.decider.timers(event)]
    commands = [emergency.on_timer(timer).command for timer in timers]
    assert commands[0] == MissHeartbeat(contact=0, missed=1, seconds=1800, now=NOON + HALF_AN_HOUR)
    assert commands[1:] == [MissAcknowledgement(party=party, now=NOON + TEN) for party in Party]
    (again,) = emergency.decider.timers(missed(1, HALF_AN_HOUR))
    assert emergency.on_timer(again).command == MissHeartbeat(contact=0, missed=2, seconds=1800, now=again.due_at)


def test_a_vehicle_sets_out_once() -> None:
    """A81."""
    sent = DispatchVehicle(vehicle="crew-07", department="gas", by="head", now=NOON + MINUTE)
    out = EmergencyVehicleDispatched(
        emergency_id=ID, department="gas", vehicle="crew-07", dispatched_by="head", occurred_at=NOON + MINUTE
    )
    given(emergency.decider, *HISTORY).when(sent).then(out)
    given(emergency.decider, *HISTORY, out).when(sent).then_nothing()
    given(emergency.decider, *HISTORY, *KNOWN, SETTLED).when(sent).then_rejected(EmergencySettledError)


def test_an_emergency_is_settled_when_everybody_knows_of_it() -> None:
    """A79: the party whose word is missing is named."""
    settle = SettleEmergency(department="gas", by="head", now=NOON + HALF_AN_HOUR)
    given(emergency.decider, *HISTORY, *KNOWN).when(settle).then(SETTLED)
    given(emergency.decider, *HISTORY, *KNOWN, SETTLED).when(settle).then_nothing()
    given(emergency.decider, *HISTORY, *KNOWN[:2]).when(settle).then_rejected(NotAcknowledgedError)
    with pytest.raises(NotAcknowledgedError) as refused:
        emergency.decide(emergency.decider.fold([*HISTORY, *KNOWN[:2]]), settle)
    assert refused.value.missing == "acknowledge:leader"


def test_another_departments_emergency_does_not_exist_and_nothing_was_before_it() -> None:
    """A79, A144."""
    stranger = SettleEmergency(department="roads", by="head", now=NOON + MINUTE)
    early = DispatchVehicle(vehicle="crew-07", department="gas", by="head", now=NOON - MINUTE)
    given(emergency.decider, *HISTORY).when(stranger).then_rejected(EmergencyUnknownError)
    given(emergency.decider).when(stranger).then_rejected(EmergencyUnknownError)
    given(emergency.decider, *HISTORY).when(early).then_rejected(BeforeEmergencyError)


def test_an_emergency_goes_with_its_order_to_the_next_department_whose_people_are_told_at_once() -> None:
    """A79: one that nobody was known for begins with the first department that gets the order."""
    moved = HandOverEmergency(department="water", book=BOOK, now=NOON + TEN)
    handed = EmergencyHandedOver(emergency_id=ID, department="water", from_department="gas", occurred_at=NOON + TEN)
    told = [
        EmergencyNotified(
            emergency_id=ID, department="water", party=party, acknowledge_by=NOON + 2 * TEN, occurred_at=NOON + TEN
        )
        for party in (Party.CREW, Party.DEPARTMENT)
    ]
    given(emergency.decider, *HISTORY, *KNOWN).when(moved).then(handed, *told)
    history = (*HISTORY, *KNOWN, handed, *told)
    given(emergency.decider, *history).when(moved).then_nothing()
    given(emergency.decider).when(moved).then_nothing()
    given(emergency.decider, *history).when(MissAcknowledgement(party=Party.CREW, now=NOON + TEN)).then_nothing()
    settle = SettleEmergency(department="gas", by="head", now=NOON + HALF_AN_HOUR)
    given(emergency.decider, *history).when(settle).then_rejected(EmergencyUnknownError)
    given(emergency.decider, *history).when(replace(settle, department="water")).then_rejected(NotAcknowledgedError)


def test_an_emergency_is_out_of_the_hands_of_whom_its_matter_accuses() -> None:
    """A144: nobody is told until a dispatcher has chosen somebody."""
    away = HandOverEmergency(department=None, book=BOOK, now=NOON + TEN)
    handed = EmergencyHandedOver(emergency_id=ID, department=None, from_department="gas", occurred_at=NOON + TEN)
    given(emergency.decider, *HISTORY).when(away).then(handed)
    settle = SettleEmergency(department="gas", by="head", now=NOON + HALF_AN_HOUR)
    given(emergency.decider, *HISTORY, handed).when(settle).then_rejected(EmergencyUnknownError)


def test_nobody_waits_for_the_field_when_the_order_has_ended() -> None:
    """A80."""
    end = EndEmergency(by="service:routing", now=NOON + TEN)
    ended = EmergencySettled(emergency_id=ID, department="gas", settled_by="service:routing", occurred_at=NOON + TEN)
    given(emergency.decider, *HISTORY).when(end).then(ended)
    given(emergency.decider, *HISTORY, ended).when(end).then_nothing()
    given(emergency.decider).when(end).then_nothing()
