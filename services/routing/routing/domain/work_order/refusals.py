"""What is refused of a work order, whatever the concern. What only one concern refuses stands in its own module."""

from typing import ClassVar

from hotline_events.decider import RefusalError


class WorkOrderUnknownError(RefusalError):
    """There is no such order, or it lies with another department."""

    code: ClassVar[str] = "not_found"
    status: ClassVar[int] = 404


class CategoryUnknownError(RefusalError):
    """The category is not in the category table (A73)."""

    code: ClassVar[str] = "unknown_category"
    rule: ClassVar[str | None] = "A73"
    field: ClassVar[str | None] = "body.category"
    status: ClassVar[int] = 422


class DepartmentNotOpenError(RefusalError):
    """There is no such department, or it takes no more orders."""

    code: ClassVar[str] = "unknown_department"
    rule: ClassVar[str | None] = "department_open"
    field: ClassVar[str | None] = "body.department"
    status: ClassVar[int] = 422


class OrderNotClassifiedError(RefusalError):
    """Classification comes before transfer (A73, A74)."""

    code: ClassVar[str] = "order_not_classified"
    rule: ClassVar[str | None] = "A73"
    missing = "classified"


class OrderSignedError(RefusalError):
    """A department that has signed returns the order itself; nobody takes it away."""

    code: ClassVar[str] = "order_signed"
    rule: ClassVar[str | None] = "returned_before_transferred"


class OrderNotHeldError(RefusalError):
    """The order is in no department's hands just now."""

    code: ClassVar[str] = "order_not_held"
    rule: ClassVar[str | None] = "order_held"
    missing = "transferred"


class OrderNotSignedError(RefusalError):
    """What was never signed for cannot be resolved (W1)."""

    code: ClassVar[str] = "order_not_signed"
    rule: ClassVar[str | None] = "W1"
    missing = "signed"


class OrderResolvedError(RefusalError):
    """The order is resolved; only rework opens it again (A108)."""

    code: ClassVar[str] = "order_resolved"
    rule: ClassVar[str | None] = "A108"


class OrderNotResolvedError(RefusalError):
    """Rework and closing follow a resolution of that very round."""

    code: ClassVar[str] = "order_not_resolved"
    rule: ClassVar[str | None] = "A108"
    missing = "resolved"


class OrderClosedError(RefusalError):
    """Nothing more happens to a closed order (A96)."""

    code: ClassVar[str] = "order_closed"
    rule: ClassVar[str | None] = "A96"


class OrderMergedError(RefusalError):
    """The order follows another one about the same matter; what is done is done there, until it is unmerged."""

    code: ClassVar[str] = "order_merged"
    rule: ClassVar[str | None] = "merging"
    missing = "unmerge"


class SupportsOnlyError(RefusalError):
    """A co-handling unit reports its part; the clocks and the answer are the lead's (A75)."""

    code: ClassVar[str] = "supports_only"
    rule: ClassVar[str | None] = "A75"


class BeforeDispatchError(RefusalError):
    """An act on an order cannot be earlier than its dispatch: clocks start there (A89)."""

    code: ClassVar[str] = "before_dispatch"
    rule: ClassVar[str | None] = "A89"
    field: ClassVar[str | None] = "body.occurred_at"
    status: ClassVar[int] = 422


class BeforeLastStepError(RefusalError):
    """An order is not sent on before it was accepted, or before the department that had it was rid of it; nor is it given
    back or resolved before what its department did with it (A89).
    """

    code: ClassVar[str] = "before_last_step"
    rule: ClassVar[str | None] = "A89"
    field: ClassVar[str | None] = "body.occurred_at"
    status: ClassVar[int] = 422


class BeforeResultError(RefusalError):
    """Nobody is told a result, reviews it or closes on it before there is one (A95, A97)."""

    code: ClassVar[str] = "before_result"
    rule: ClassVar[str | None] = "A95"
    field: ClassVar[str | None] = "body.occurred_at"
    status: ClassVar[int] = 422


class AccusedDepartmentError(RefusalError):
    """Nobody looks into a matter that accuses themselves, or learns who complained (A29, A144)."""

    code: ClassVar[str] = "accused_department"
    rule: ClassVar[str | None] = "A144"
    field: ClassVar[str | None] = "body.department"


class SamePersonError(RefusalError):
    """A second person decides: not the one who asked, wrote or filed (A89, A97, A99)."""

    code: ClassVar[str] = "same_person"
    rule: ClassVar[str | None] = "second_person"


class CalendarUnknownError(RefusalError):
    """The working days of the year in which a clock would end are not known yet; the office loads them."""

    code: ClassVar[str] = "calendar_unknown"
    rule: ClassVar[str | None] = "working_days"
    awaits_office: ClassVar[bool] = True
