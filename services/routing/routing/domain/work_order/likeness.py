"""Which matters are alike enough for one result to answer both (D5)."""

from typing import ClassVar

from hotline_events.decider import RefusalError
from hotline_rules.book import RuleBook
from routing.domain.work_order.state import WorkOrder


class UnlikeMatterError(RefusalError):
    """Like matters have one category, and the lead's kind demands every stage that the follower's does (D5, A93).

    Else a complaint would end with what nobody looked into. `missing` names what the lead lacks.
    """

    code: ClassVar[str] = "unlike_matter"
    rule: ClassVar[str | None] = "A93"
    field: ClassVar[str | None] = "body.lead_id"

    def __init__(self, missing: str) -> None:
        super().__init__()
        self.missing = missing


def refuse_unlike(order: WorkOrder, lead: WorkOrder, book: RuleBook) -> None:
    if order.category is None or order.category != lead.category:
        raise UnlikeMatterError("same_category")
    demanded = book.of(lead.rule_version).orders.stages_of(lead.request_type)
    for stage in book.of(order.rule_version).orders.stages_of(order.request_type):
        if stage not in demanded:
            raise UnlikeMatterError(stage.value)
