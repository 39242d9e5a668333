"""One order, or two like ones, to which things are done one after the other."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from hotline_events.catalogue.intake import Channel, RequesterClass, RequestRegistered, RequestType
from hotline_events.catalogue.routing import (
    Category,
    MergeReason,
    ProtocolRoute,
    ReturnReason,
    Scope,
    UnmergeReason,
)
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON
from hotline_rules.book import RuleBook
from hotline_rules.pack import RulePack, load_pack
from routing.domain import work_order
from routing.domain.tables import CategoryTable, ScopeTable, Tables
from routing.domain.work_order import WorkOrder
from routing.domain.work_order import commands as do

RULES = load_pack("default")
CODES = ("roads", "parks", "police", "environment", "office", "press")
CATEGORIES = CategoryTable(
    version=3,
    categories=(
        Category(code="lighting", name_zh="照明", name_en="Lighting"),
        Category(code="noise", name_zh="噪声", name_en="Noise"),
        Category(code="odd", name_zh="其他", name_en="Odd"),
        Category(code="leak", name_zh="燃气泄漏", name_en="Gas leak", answer_class="immediate"),
    ),
)
SCOPES = ScopeTable(
    version=5,
    scopes=(
        Scope(category="lighting", department="roads", support=("parks",)),
        Scope(category="noise", department="police"),
        Scope(category="noise", department="environment"),
        Scope(category="leak", department="roads"),
    ),
    fallback="office",
    protocol=(ProtocolRoute(requester_class=RequesterClass.MEDIA, department="press"),),
)
TABLES = Tables.of(CATEGORIES, SCOPES, frozenset(CODES))


@dataclass(slots=True)
class Matter:
    """One order, to which things are done one after the other."""

    number: int = 1
    tables: Tables = TABLES
    rules: RulePack = RULES
    at: datetime = NOON
    order: WorkOrder = field(default_factory=WorkOrder)

    def do(self, command: Any) -> list[Any]:
        events = work_order.decide(self.order, command)
        self.order = work_order.decider.fold(events, self.order)
        return events

    def register(self, category: str | None = "lighting", **facts: Any) -> list[Any]:
        request = RequestRegistered(
            request_id=UUID(int=self.number),
            requester_id=UUID(int=100 + self.number),
            channel=Channel.PHONE,
            title=Sealed("路灯"),
            matter=Sealed("不亮"),
            category=category,
            first_contact="agent-7",
            occurred_at=self.at,
            **{"request_type": RequestType.HELP, **facts},
        )
        order_id = UUID(int=1000 + self.number)
        opening = do.OpenWorkOrder(
            work_order_id=order_id, request=request, tables=self.tables, rules=self.rules, by="desk", now=self.at
        )
        return self.do(opening)

    def classify(self, category: str, **said: Any) -> list[Any]:
        return self.do(
            do.ClassifyOrder(category=category, **said, tables=self.tables, rules=self.rules, by="desk", now=self.at)
        )

    def transfer(self, to: str, *support: str, **facts: Any) -> list[Any]:
        facts = {"takes_orders": True, **facts}
        return self.do(do.TransferOrder(department=to, support=support, rules=self.rules, by="desk", now=self.at, **facts))

    def give_back(self, by: str, reason: ReturnReason = ReturnReason.DUPLICATE, *, arbitration: bool = False) -> list[Any]:
        command = do.ReturnOrder(
            department=by,
            reason=reason,
            note=Sealed("不归我们管"),
            demands_arbitration=arbitration,
            tables=self.tables,
            rules=self.rules,
            by=f"handler@{by}",
            now=self.at,
        )
        return self.do(command)

    def decide(self, to: str, *, precedent: bool = True) -> list[Any]:
        command = do.DecideArbitration(
            department=to,
            grounds=Sealed("依据三定方案"),
            sets_precedent=precedent,
            takes_orders=True,
            rules=self.rules,
            by="oversight",
            now=self.at,
        )
        return self.do(command)

    def sign(self, by: str) -> list[Any]:
        return self.do(do.SignOrder(department=by, by=f"handler@{by}", now=self.at))

    def resolve(self, by: str) -> list[Any]:
        book = RuleBook(self.rules)
        return self.do(do.ResolveOrder(department=by, reply=Sealed("修好了"), book=book, by=f"handler@{by}", now=self.at))

    def merge(self, lead: "Matter") -> list[Any]:
        return self.do(
            do.MergeOrder(lead=lead.order, reason=MergeReason.SAME_EVENT, book=RuleBook(self.rules), by="desk", now=self.at)
        )

    def unmerge(self) -> list[Any]:
        return self.do(do.UnmergeOrder(reason=UnmergeReason.ANOTHER_PLACE, book=RuleBook(self.rules), by="desk", now=self.at))

    def take(self, follower_id: UUID, accused: str | None, category: str | None = None) -> list[Any]:
        """Let the lead hear of a follower."""
        return self.do(
            do.TakeFollower(
                follower_id=follower_id,
                accused_department=accused,
                category=category,
                book=RuleBook(self.rules),
                now=self.at,
            )
        )

    def join(self, follower: "Matter") -> None:
        """Merge the other one into this one, and let this one hear of it."""
        (merged,) = follower.merge(self)
        self.take(merged.work_order_id, merged.accused_department, merged.category)


@pytest.fixture(scope="session")
def new_matter() -> Callable[..., Matter]:
    """Return a maker of orders that are not yet registered."""
    return Matter


@pytest.fixture(scope="session")
def dispatched() -> Callable[..., Matter]:
    """Return a maker of orders that the scope table has given to the roads department."""

    def registered(**facts: Any) -> Matter:
        matter = Matter()
        matter.register(**facts)
        return matter

    return registered


@pytest.fixture(scope="session")
def two() -> Callable[[], tuple[Matter, Matter]]:
    """Return a maker of two like orders of the roads department."""

    def made() -> tuple[Matter, Matter]:
        lead, other = Matter(1), Matter(2)
        lead.register()
        other.register(request_type=RequestType.REPAIR)
        return lead, other

    return made
