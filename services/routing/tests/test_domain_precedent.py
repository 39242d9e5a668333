"""Precedents as sentences: what arbitration decided holds for the next like case until the office revokes it."""

from typing import Any
from uuid import UUID

from hotline_events.catalogue.routing import PrecedentRevoked, PrecedentSet, RevocationReason
from hotline_events.testing import NOON, given
from routing.domain.precedent import (
    PrecedentUnknownError,
    RevokePrecedent,
    SetPrecedent,
    decider,
    precedent_id_of,
)

CASE = precedent_id_of("lighting", "east")


def decided(department: str = "roads") -> SetPrecedent:
    return SetPrecedent(
        category="lighting", area="east", department=department, work_order_id=UUID(int=1), by="oversight", now=NOON
    )


def revoke(precedent_id: UUID = CASE) -> RevokePrecedent:
    return RevokePrecedent(precedent_id=precedent_id, reason=RevocationReason.LAW_CHANGED, by="oversight", now=NOON)


def was_set(department: str = "roads", version: int = 1) -> PrecedentSet:
    case: dict[str, Any] = {"category": "lighting", "area": "east", "work_order_id": UUID(int=1)}
    return PrecedentSet(
        precedent_id=CASE, precedent_version=version, department=department, decided_by="oversight", occurred_at=NOON, **case
    )


def was_revoked() -> PrecedentRevoked:
    return PrecedentRevoked(
        precedent_id=CASE,
        precedent_version=1,
        category="lighting",
        area="east",
        department="roads",
        reason=RevocationReason.LAW_CHANGED,
        revoked_by="oversight",
        occurred_at=NOON,
    )


def test_a_decision_becomes_the_precedent_of_its_category_and_area() -> None:
    """W10."""
    given(decider).when(decided()).then(was_set())
    given(decider, was_set()).when(decided()).then_nothing()
    assert decider.fold([was_set()]).in_force == {("lighting", "east"): (CASE, "roads")}


def test_a_later_decision_takes_its_place_with_the_next_version() -> None:
    given(decider, was_set()).when(decided("parks")).then(was_set("parks", version=2))
    assert decider.fold([was_set(), was_set("parks", version=2)]).in_force == {("lighting", "east"): (CASE, "parks")}


def test_a_revoked_precedent_holds_no_more_until_it_is_decided_again() -> None:
    given(decider, was_set()).when(revoke()).then(was_revoked())
    given(decider, was_set(), was_revoked()).when(revoke()).then_nothing()
    assert decider.fold([was_set(), was_revoked()]).in_force == {}
    given(decider, was_set(), was_revoked()).when(decided()).then(was_set(version=2))


def test_only_what_there_is_is_revoked() -> None:
    given(decider).when(revoke()).then_rejected(PrecedentUnknownError)


def test_another_area_is_another_case() -> None:
    assert precedent_id_of("lighting", None) != precedent_id_of("lighting", "east")
