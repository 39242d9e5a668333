"""What routing does, one function a use case: make the command, hand it to its aggregate. No HTTP, no SQL."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from hotline_events.aggregates import Aggregates, Done, Submission
from hotline_events.broker_rights import DepartmentCodeError, checked_code
from hotline_events.catalogue.routing import Category
from hotline_events.clock import Clock
from hotline_events.decider import Decider, RefusalError
from hotline_events.sealing import KeyGoneError
from hotline_rules.book import RuleBook
from routing.domain import department, precedent, tables, work_order
from routing.domain.department import CloseDepartment, DepartmentUnknownError, NameDepartment
from routing.domain.precedent import Precedents
from routing.domain.tables import MAIN, CategoryTable, PublishCategoryTable, PublishScopeTable, ScopeTable, Tables
from routing.domain.work_order import WorkOrder
from routing.domain.work_order.commands import DepartmentAct, OfficeAct, WorkOrderCommand

S = TypeVar("S")


class DepartmentCodeRefusedError(RefusalError):
    """The text cannot be a department's code: it would not be one token of a subject, or is the name of another broker user."""

    code: ClassVar[str] = "department_code"
    rule: ClassVar[str | None] = "department_code"
    field: ClassVar[str | None] = "path.code"
    status: ClassVar[int] = 422


class RequesterErasedError(RefusalError):
    """The requester was erased: no text about their matter can be sealed any more, so none is taken."""

    code: ClassVar[str] = "requester_erased"
    rule: ClassVar[str | None] = "P3"


class SuperiorUnknownError(RefusalError):
    """No person of the vault has this id, or they were erased: their words cannot be sealed, so none are taken (A64)."""

    code: ClassVar[str] = "superior_unknown"
    rule: ClassVar[str | None] = "A64"
    field: ClassVar[str | None] = "body.superior_id"
    status: ClassVar[int] = 422
    missing: str | None = "person_registered"


@dataclass(frozen=True, slots=True)
class Desk:
    """What deciding needs: the aggregates, the rule packs, and the business clock."""

    aggregates: Aggregates
    book: RuleBook
    clock: Clock


async def current(aggregates: Aggregates, decider: Decider[Any, S, Any], key: str) -> S:
    """Return a table's or a department's state as it is stored now, whichever process changed it."""
    return (await _current_many(aggregates, decider, [key]))[key]


async def _current_many(aggregates: Aggregates, decider: Decider[Any, S, Any], keys: Sequence[str]) -> dict[str, S]:
    streams = {decider.stream(key): key for key in keys}
    rows = await aggregates.store.execute(
        "select stream, max(version) from events where stream = any(:streams) group by stream", streams=list(streams)
    )
    states: dict[str, S] = dict.fromkeys(keys, decider.initial)
    for stream, stored in rows:
        version, state = await aggregates.load(decider, stream)
        if version < stored:
            aggregates.forget(stream)
            _, state = await aggregates.load(decider, stream)
        states[streams[stream]] = state
    return states


async def read_tables(aggregates: Aggregates) -> Tables:
    """Return both tables, the precedents, and the open departments that they name, as stored now."""
    categories: CategoryTable = await current(aggregates, tables.category_table, MAIN)
    scopes: ScopeTable = await current(aggregates, tables.scope_table, MAIN)
    precedents: Precedents = await current(aggregates, precedent.decider, MAIN)
    in_force = precedents.in_force
    named = sorted(scopes.departments | {code for _, code in in_force.values()})
    return Tables.of(categories, scopes, await open_among(aggregates, named), in_force)


async def open_among(aggregates: Aggregates, codes: Collection[str]) -> frozenset[str]:
    """Return those of these departments that take orders now."""
    states = await _current_many(aggregates, department.decider, sorted(codes)) if codes else {}
    return frozenset(code for code, state in states.items() if state.takes_orders)


async def closed_among(aggregates: Aggregates, codes: Collection[str]) -> frozenset[str]:
    """Return those of these departments that are closed now."""
    states = await _current_many(aggregates, department.decider, sorted(codes)) if codes else {}
    return frozenset(code for code, state in states.items() if state.closed)


async def name_department(desk: Desk, code: str, names: tuple[str, str], *, now: datetime, submission: Submission) -> Done:
    try:
        checked_code(code)
    except DepartmentCodeError as error:
        raise DepartmentCodeRefusedError from error
    command = NameDepartment(department=code, name_zh=names[0], name_en=names[1], now=now)
    return await desk.aggregates.execute(department.decider, code, command, submission)


async def close_department(desk: Desk, code: str, *, now: datetime, submission: Submission) -> Done:
    return await desk.aggregates.execute(department.decider, code, CloseDepartment(department=code, now=now), submission)


async def require_open_department(desk: Desk, code: str) -> None:
    """Refuse a department that is not there or is closed with the answer for one that does not exist."""
    if not (await current(desk.aggregates, department.decider, code)).takes_orders:
        raise DepartmentUnknownError


async def publish_categories(
    desk: Desk, table_version: int, categories: tuple[Category, ...], *, by: str, now: datetime, submission: Submission
) -> Done:
    command = PublishCategoryTable(table_version=table_version, categories=categories, published_by=by, now=now)
    return await desk.aggregates.execute(tables.category_table, MAIN, command, submission)


async def publish_scopes(desk: Desk, table: ScopeTable, *, by: str, now: datetime, submission: Submission) -> Done:
    """Replace the scope table; its rows are checked against the categories and departments as stored now."""
    categories: CategoryTable = await current(desk.aggregates, tables.category_table, MAIN)
    command = PublishScopeTable(
        table_version=table.version,
        scopes=table.scopes,
        fallback=table.fallback,
        protocol=table.protocol,
        districts=table.districts,
        categories=categories.codes,
        departments=await open_among(desk.aggregates, table.departments),
        published_by=by,
        now=now,
    )
    return await desk.aggregates.execute(tables.scope_table, MAIN, command, submission)


async def act(desk: Desk, work_order_id: UUID, command: DepartmentAct, submission: Submission) -> Done:
    """Let a department act on an order.

    A version that was sent along is compared only for an order that the department knows of: a stranger's order must
    answer like a missing one, whatever the version.
    """
    if submission.expected_version is not None and not await _knows(desk, work_order_id, command.department):
        submission = replace(submission, expected_version=None)
    return await execute(desk, work_order_id, command, submission)


async def direct(desk: Desk, work_order_id: UUID, command: OfficeAct, submission: Submission) -> Done:
    """Let the hotline act on an order: urge and supervise it, decide on more time, follow it up, review it, close it."""
    return await execute(desk, work_order_id, command, submission)


async def execute(desk: Desk, work_order_id: UUID, command: WorkOrderCommand, submission: Submission) -> Done:
    """Decide on an order, in the correlation that its matter has had since it began."""
    try:
        return await desk.aggregates.execute_in_story(work_order.decider, work_order_id, command, submission)
    except KeyGoneError as error:
        raise RequesterErasedError from error


async def order_as_stored(desk: Desk, work_order_id: UUID) -> WorkOrder:
    """Return an order as it is stored now, whichever process moved it on."""
    order: WorkOrder = await current(desk.aggregates, work_order.decider, str(work_order_id))
    return order


async def _knows(desk: Desk, work_order_id: UUID, code: str) -> bool:
    stream = work_order.decider.stream(work_order_id)
    _, order = await desk.aggregates.load(work_order.decider, stream)
    if not order.is_known_to(code):
        desk.aggregates.forget(stream)
        _, order = await desk.aggregates.load(work_order.decider, stream)
    return order.is_known_to(code)
