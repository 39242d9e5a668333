"""Open orders with their clocks, and the tables of departments and of days."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.rights import Right
from hotline_chassis.runtime import RuntimeOf
from hotline_chassis.signin import Principal, requires
from hotline_events.catalogue.routing import LimitKind
from hotline_rules.pack import RulePack
from reporting.adapters.api.figures import FigureShown, WindowShown, calendar_of, figures_shown, window_shown
from reporting.adapters.api.reading import AppliedAsked, Department, WindowAsked, check_days, snapshot, whose
from reporting.adapters.api.rules import PackOf, calendar_known
from reporting.adapters.counts import Grouping, Window, count
from reporting.adapters.views import calls, orders, revisits
from reporting.adapters.views.open_orders import open_orders
from reporting.domain.clocks import OrderClock

router = APIRouter(prefix="/reports", tags=["reports"])
Reader = Annotated[Principal, Depends(requires(Right.REPORT_DEPARTMENT_READ))]


class ClockShown(BaseModel):
    """One limit of an order in a department's hands."""

    limit: Annotated[LimitKind, Field(examples=["sign"])]
    due_at: Annotated[datetime, Field(examples=["2026-03-03T16:00:00Z"])]
    done_at: Annotated[datetime | None, Field(examples=[None])]
    overdue_seconds: Annotated[float, Field(description="By how much it is, or was done, too late.", examples=[0.0])]


class OpenOrder(BaseModel):
    """An order that is not reported handled. Without a department it waits for a dispatcher and no clock runs."""

    work_order_id: Annotated[UUID, Field(examples=["0197f3a2-7c11-7d2e-b6b0-3f1f0c8a9e11"])]
    request_id: Annotated[UUID, Field(examples=["0197f3a2-7c11-7d2e-b6b0-3f1f0c8a9e12"])]
    category: Annotated[str | None, Field(examples=["potholes"])]
    department: Annotated[str | None, Field(examples=["roads"])]
    hop: Annotated[int | None, Field(examples=[1])]
    round: Annotated[int | None, Field(examples=[1])]
    registered_at: Annotated[datetime, Field(examples=["2026-03-02T04:00:00Z"])]
    dispatched_at: Annotated[datetime | None, Field(examples=["2026-03-02T04:01:00Z"])]
    returned_at: Annotated[datetime | None, Field(examples=[None])]
    rule_version: Annotated[str | None, Field(examples=["default/1"])]
    as_of: Annotated[datetime, Field(description="The business time of `overdue_seconds`.", examples=["2026-03-02T08:00:00Z"])]
    clocks: list[ClockShown]


class DepartmentRow(BaseModel):
    """One department's figures."""

    department: Annotated[str, Field(examples=["roads"])]
    name_zh: Annotated[str, Field(examples=["道路管理处"])]
    name_en: Annotated[str, Field(examples=["Roads"])]
    figures: list[FigureShown]


class DayRow(BaseModel):
    """One local day's figures; each day is a window of its own."""

    day: Annotated[date, Field(examples=["2026-03-02"])]
    figures: list[FigureShown]


class DepartmentTable(BaseModel):
    """Every department's figures over a window."""

    window: WindowShown
    rule_version: Annotated[str, Field(examples=["default/1"])]
    calendar: Annotated[str, Field(examples=["china/chinesecalendar-1.11.0/0f3c9a1b7d2e"])]
    rows: list[DepartmentRow]


class DayTable(BaseModel):
    """The figures of every local day in a window; a first or last day that the window cuts is counted as far as it reaches."""

    window: WindowShown
    rule_version: Annotated[str, Field(examples=["default/1"])]
    calendar: Annotated[str, Field(examples=["china/chinesecalendar-1.11.0/0f3c9a1b7d2e"])]
    department: Annotated[str | None, Field(examples=["roads"])]
    rows: list[DayRow]


@router.get("/open-orders")
async def open_order_list(
    runtime: RuntimeOf, page: Page, applied: AppliedAsked, principal: Reader, department: Department = None
) -> PageOf[OpenOrder]:
    """Read the open orders, most urgent first, and by how much each act is overdue at the business time."""
    now = runtime.clock.now()
    async with snapshot(runtime, applied, orders.VIEW) as connection:
        of = await whose(connection, principal, department)
        rows = await open_orders(connection, department=of, after=page.after(datetime, UUID), limit=page.fetch)
    return page.page(rows, lambda row: (row.next_due_at, row.work_order_id), lambda row: _open_order(row, now))


@router.get("/departments")
async def department_table(
    window: WindowAsked, runtime: RuntimeOf, pack: PackOf, applied: AppliedAsked, principal: Reader
) -> DepartmentTable:
    """Compute the work-order indicators of every department; a department's people see their own row."""
    async with snapshot(runtime, applied, orders.VIEW, revisits.VIEW) as connection:
        of = await whose(connection, principal, None)
        known = await orders.departments(connection, of)
        with calendar_known():
            counts = await count(connection, pack, window, by=Grouping.DEPARTMENT, department=of)
    return DepartmentTable(
        window=window_shown(window, pack),
        rule_version=pack.number,
        calendar=calendar_of(pack),
        rows=[
            DepartmentRow(
                department=row.department,
                name_zh=row.name_zh,
                name_en=row.name_en,
                figures=figures_shown(counts[row.department], of_department=True),
            )
            for row in known
        ],
    )


@router.get("/days")
async def day_table(
    *,
    window: WindowAsked,
    runtime: RuntimeOf,
    pack: PackOf,
    applied: AppliedAsked,
    principal: Reader,
    department: Department = None,
) -> DayTable:
    """Compute the indicators of every day of the pack's time zone, of everything or of one department."""
    check_days(window)
    async with snapshot(runtime, applied, calls.VIEW, orders.VIEW, revisits.VIEW) as connection:
        of = await whose(connection, principal, department)
        with calendar_known():
            counts = await count(connection, pack, window, by=Grouping.DAY, department=of)
    return DayTable(
        window=window_shown(window, pack),
        rule_version=pack.number,
        calendar=calendar_of(pack),
        department=of,
        rows=[
            DayRow(day=day, figures=figures_shown(counts[day.isoformat()], of_department=of is not None))
            for day in _days(window, pack)
        ],
    )


def _days(window: Window, pack: RulePack) -> list[date]:
    day = window.start.astimezone(pack.timezone).date()
    last = (window.end - timedelta(microseconds=1)).astimezone(pack.timezone).date()
    return [day + timedelta(days=number) for number in range((last - day).days + 1)]


def _open_order(row: Any, now: datetime) -> OpenOrder:  # noqa: ANN401 - a row of the query
    return OpenOrder(
        work_order_id=row.work_order_id,
        request_id=row.request_id,
        category=row.category,
        department=row.department,
        hop=row.hop,
        round=row.round,
        registered_at=row.registered_at,
        dispatched_at=row.dispatched_at,
        returned_at=row.returned_at,
        rule_version=row.rule_version,
        as_of=now,
        clocks=[_clock_shown(clock, now) for clock in _clocks(row)],
    )


def _clocks(row: Any) -> list[OrderClock]:  # noqa: ANN401 - a row of the query
    if row.department is None:
        return []
    return [
        OrderClock(limit=LimitKind.SIGN, due_at=row.sign_due_at, done_at=row.signed_at),
        OrderClock(limit=LimitKind.CONTACT, due_at=row.contact_due_at, done_at=row.contacted_at),
        OrderClock(limit=LimitKind.RESOLVE, due_at=row.resolve_due_at, done_at=None),
    ]


def _clock_shown(clock: OrderClock, now: datetime) -> ClockShown:
    return ClockShown(
        limit=clock.limit,
        due_at=clock.due_at,
        done_at=clock.done_at,
        overdue_seconds=clock.overdue(now).total_seconds(),
    )
