"""Replacing fields of a record gives what the standard library gives, and refuses what it cannot do right."""

from dataclasses import dataclass
from dataclasses import replace as standard

import pytest

from hotline_events.replacing import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    hop: int
    department: str | None = None
    stints: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Ladders:
    ladders: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Checked:
    amount: int

    def __post_init__(self) -> None:
        if self.amount < 1:
            raise ValueError(self.amount)


@dataclass(frozen=True)
class _Open:
    amount: int


def test_a_changed_record_is_what_the_standard_library_makes_of_it() -> None:
    order = _Order(hop=1, stints=(1,))
    changed = replace(order, department="roads", stints=(1, 2))
    assert changed == standard(order, department="roads", stints=(1, 2))
    assert hash(changed) == hash(standard(changed))
    assert order == _Order(hop=1, stints=(1,))
    assert replace(_Ladders(), ladders=(3,)) == _Ladders((3,))
    assert replace(order) == order
    assert replace(order) is not order


def test_a_field_that_the_record_does_not_have_is_refused() -> None:
    with pytest.raises(AttributeError):
        replace(_Order(hop=1), department_of="roads")  # type: ignore[call-arg]


@pytest.mark.parametrize("record", [_Checked(1), _Open(1)])
def test_a_record_that_checks_itself_or_has_no_slots_is_refused(record: _Checked | _Open) -> None:
    with pytest.raises(TypeError, match="slotted"):
        replace(record, amount=0)
