"""The category table and the scope table: data that the office publishes, version after version, each replacing the last whole.

A table's next version is its present one plus one, so two people who publish at once cannot overwrite each other unseen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never
from uuid import UUID

from hotline_events.catalogue.intake import RequesterClass
from hotline_events.catalogue.routing import (
    Category,
    CategoryTablePublished,
    District,
    ProtocolRoute,
    Route,
    Scope,
    ScopeTablePublished,
)
from hotline_events.decider import Decider
from hotline_rules.sections.orders import FallbackOwner
from routing.domain.table_refusals import (
    DuplicateRowError,
    LeadSupportsItselfError,
    TableVersionError,
    UnknownParentError,
    UnknownScopeCategoryError,
    UnknownScopeDepartmentError,
)

MAIN = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishCategoryTable:
    """Replace the category table."""

    table_version: int
    categories: tuple[Category, ...]
    published_by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishScopeTable:
    """Replace the scope table. `categories` and `departments` are what there is: a row may name nothing else."""

    table_version: int
    scopes: tuple[Scope, ...]
    fallback: str | None = None
    protocol: tuple[ProtocolRoute, ...] = ()
    districts: tuple[District, ...] = ()
    categories: frozenset[str]
    departments: frozenset[str]
    published_by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryTable:
    version: int = 0
    categories: tuple[Category, ...] = ()

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(category.code for category in self.categories)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeTable:
    version: int = 0
    scopes: tuple[Scope, ...] = ()
    fallback: str | None = None
    protocol: tuple[ProtocolRoute, ...] = ()
    districts: tuple[District, ...] = ()

    @property
    def departments(self) -> frozenset[str]:
        """Return every department that the table names."""
        return departments_in(self)


def departments_in(table: ScopeTable | PublishScopeTable) -> frozenset[str]:
    """Return the departments that a scope table names in any of its parts."""
    named = {code for scope in table.scopes for code in (scope.department, *scope.support)}
    named |= {route.department for route in table.protocol} | {row.department for row in table.districts}
    return frozenset(named | ({table.fallback} if table.fallback else set()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The department that an order goes to, what chose it, and who helps."""

    department: str
    route: Route
    support: tuple[str, ...] = ()
    precedent_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """What classifies and transfers an order at one moment: tables, precedents, and the departments that take orders."""

    category_version: int = 0
    categories: frozenset[str] = frozenset()
    scope_version: int = 0
    departments_of: dict[tuple[str, str | None], tuple[str, ...]] = field(default_factory=dict)
    open_departments: frozenset[str] = frozenset()
    classes: dict[str, str] = field(default_factory=dict)
    support_of: dict[tuple[str, str | None, str], tuple[str, ...]] = field(default_factory=dict)
    fallback: str | None = None
    protocol: dict[RequesterClass, str] = field(default_factory=dict)
    districts: dict[str, str] = field(default_factory=dict)
    precedents: Mapping[tuple[str, str | None], tuple[UUID, str]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        categories: CategoryTable,
        scopes: ScopeTable,
        open_departments: frozenset[str],
        precedents: Mapping[tuple[str, str | None], tuple[UUID, str]] | None = None,
    ) -> "Tables":
        rows: dict[tuple[str, str | None], tuple[str, ...]] = {}
        for scope in scopes.scopes:
            key = (scope.category, scope.area)
            rows[key] = (*rows.get(key, ()), scope.department)
        return cls(
            category_version=categories.version,
            categories=categories.codes,
            scope_version=scopes.version,
            departments_of=rows,
            open_departments=open_departments,
            classes={row.code: row.answer_class for row in categories.categories if row.answer_class is not None},
            support_of={(row.category, row.area, row.department): row.support for row in scopes.scopes if row.support},
            fallback=scopes.fallback,
            protocol={route.requester_class: route.department for route in scopes.protocol},
            districts={row.area: row.department for row in scopes.districts},
            precedents=precedents or {},
        )

    def choose(
        self, category: str, area: str | None, requester: RequesterClass, fallback: FallbackOwner = FallbackOwner.OFFICE
    ) -> Chosen | None:
        """Name the department: by the requester's protocol, a precedent, the scope table, or, where none fits, the fallback.

        The fallback is the area's own government where the rule pack says so, else the office's one.

        None leaves the choice to a dispatcher: more than one department fits, or there is none at all.
        """
        protocol = self.protocol.get(requester)
        if protocol in self.open_departments and protocol is not None:
            return Chosen(department=protocol, route=Route.PROTOCOL)
        precedent_id, precedent = self.precedents.get((category, area), (None, None))
        if precedent in self.open_departments and precedent is not None:
            return Chosen(department=precedent, route=Route.PRECEDENT, precedent_id=precedent_id)
        candidates = self._candidates(category, area)
        if len(candidates) == 1:
            return Chosen(department=candidates[0], route=Route.SCOPE, support=self._support(category, area, candidates[0]))
        owner = self._owner_of_the_rest(area, fallback)
        return None if candidates or owner is None else Chosen(department=owner, route=Route.FALLBACK)

    def _owner_of_the_rest(self, area: str | None, fallback: FallbackOwner) -> str | None:
        """Name who takes what has no clear owner, as far as they take orders (A77)."""
        district = self.districts.get(area or "") if fallback is FallbackOwner.DISTRICT else None
        return next((code for code in (district, self.fallback) if code in self.open_departments), None)

    def department_for(self, category: str, area: str | None) -> str | None:
        """Name the one open department of this category here; None when there is none or more than one.

        Rows of the area itself beat the rows that hold everywhere, even when the area's department is closed.
        """
        candidates = self._candidates(category, area)
        return candidates[0] if len(candidates) == 1 else None

    def _candidates(self, category: str, area: str | None) -> list[str]:
        rows = (area is not None and self.departments_of.get((category, area))) or self.departments_of.get((category, None), ())
        return [department for department in rows if department in self.open_departments]

    def _support(self, category: str, area: str | None, department: str) -> tuple[str, ...]:
        own = self.support_of.get((category, area, department), self.support_of.get((category, None, department), ()))
        return tuple(code for code in own if code in self.open_departments)


def decide_categories(table: CategoryTable, command: PublishCategoryTable) -> list[CategoryTablePublished]:
    match command:
        case PublishCategoryTable():
            _check_version(table.version, command.table_version)
            _check_categories(command.categories)
            return [
                CategoryTablePublished(
                    table_version=command.table_version,
                    categories=command.categories,
                    published_by=command.published_by,
                    occurred_at=command.now,
                )
            ]
        case _:
            assert_never(command)


def evolve_categories(_table: CategoryTable, event: CategoryTablePublished) -> CategoryTable:
    return CategoryTable(version=event.table_version, categories=event.categories)


def decide_scopes(table: ScopeTable, command: PublishScopeTable) -> list[ScopeTablePublished]:
    match command:
        case PublishScopeTable():
            _check_version(table.version, command.table_version)
            _check_scopes(command)
            return [
                ScopeTablePublished(
                    table_version=command.table_version,
                    scopes=command.scopes,
                    fallback=command.fallback,
                    protocol=command.protocol,
                    districts=command.districts,
                    published_by=command.published_by,
                    occurred_at=command.now,
                )
            ]
        case _:
            assert_never(command)


def evolve_scopes(_table: ScopeTable, event: ScopeTablePublished) -> ScopeTable:
    return ScopeTable(
        version=event.table_version,
        scopes=event.scopes,
        fallback=event.fallback,
        protocol=event.protocol,
        districts=event.districts,
    )


def _check_version(present: int, wanted: int) -> None:
    if wanted != present + 1:
        raise TableVersionError


def _check_categories(categories: Sequence[Category]) -> None:
    parents = {category.code: category.parent for category in categories}
    if len(parents) < len(categories):
        raise DuplicateRowError
    for code in parents:
        _check_ancestry(code, parents)


def _check_ancestry(code: str, parents: dict[str, str | None]) -> None:
    seen = {code}
    above = parents[code]
    while above is not None:
        if above not in parents or above in seen:
            raise UnknownParentError
        seen.add(above)
        above = parents[above]


def _check_scopes(command: PublishScopeTable) -> None:
    rows = {(scope.category, scope.area, scope.department) for scope in command.scopes}
    classes, areas = {row.requester_class for row in command.protocol}, {row.area for row in command.districts}
    if len(rows) + len(classes) + len(areas) < len(command.scopes) + len(command.protocol) + len(command.districts):
        raise DuplicateRowError
    if any(scope.department in scope.support for scope in command.scopes):
        raise LeadSupportsItselfError
    if any(scope.category not in command.categories for scope in command.scopes):
        raise UnknownScopeCategoryError
    if not departments_in(command) <= command.departments:
        raise UnknownScopeDepartmentError


category_table: Decider[PublishCategoryTable, CategoryTable, CategoryTablePublished] = Decider(
    "category_table", decide_categories, evolve_categories, CategoryTable()
)
scope_table: Decider[PublishScopeTable, ScopeTable, ScopeTablePublished] = Decider(
    "scope_table", decide_scopes, evolve_scopes, ScopeTable()
)
