"""The category table and the scope table: data that the office publishes, version after version, each replacing the last whole.

A table's next version is its present one plus one, so two people who publish at once cannot overwrite each other unseen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, assert_never

from hotline_events.catalogue.routing import Category, CategoryTablePublished, Scope, ScopeTablePublished
from hotline_events.decider import Decider, RefusalError

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """What classifies and transfers an order at one moment: both tables, and the departments that take orders."""

    category_version: int = 0
    categories: frozenset[str] = frozenset()
    scope_version: int = 0
    departments_of: dict[tuple[str, str | None], tuple[str, ...]] = field(default_factory=dict)
    open_departments: frozenset[str] = frozenset()

    @classmethod
    def of(cls, categories: CategoryTable, scopes: ScopeTable, open_departments: frozenset[str]) -> "Tables":
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
        )

    def department_for(self, category: str, area: str | None) -> str | None:
        """Name the one open department of this category here; None when there is none or more than one.

        Rows of the area itself beat the rows that hold everywhere, even when the area's department is closed.
        """
        rows = (area is not None and self.departments_of.get((category, area))) or self.departments_of.get((category, None), ())
        candidates = [department for department in rows if department in self.open_departments]
        return candidates[0] if len(candidates) == 1 else None


class TableVersionError(RefusalError):
    """The version handed in does not follow the table's present one."""

    code: ClassVar[str] = "table_version"
    rule: ClassVar[str | None] = "present_version_plus_one"
    field: ClassVar[str | None] = "path.table_version"


class DuplicateRowError(RefusalError):
    """Two rows of a table say the same."""

    code: ClassVar[str] = "duplicate_row"
    rule: ClassVar[str | None] = "rows_differ"
    field: ClassVar[str | None] = "body"
    status: ClassVar[int] = 422


class UnknownParentError(RefusalError):
    """A category's parent is not in the table, or is below the category itself."""

    code: ClassVar[str] = "unknown_parent"
    rule: ClassVar[str | None] = "parent_in_table"
    field: ClassVar[str | None] = "body.categories"
    status: ClassVar[int] = 422


class UnknownScopeCategoryError(RefusalError):
    """A row of the scope table names a category that the category table does not have."""

    code: ClassVar[str] = "unknown_category"
    rule: ClassVar[str | None] = "category_in_table"
    field: ClassVar[str | None] = "body.scopes"
    status: ClassVar[int] = 422


class UnknownScopeDepartmentError(RefusalError):
    """A row of the scope table names a department that is not there or takes no orders."""

    code: ClassVar[str] = "unknown_department"
    rule: ClassVar[str | None] = "department_open"
    field: ClassVar[str | None] = "body.scopes"
    status: ClassVar[int] = 422


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
                    published_by=command.published_by,
                    occurred_at=command.now,
                )
            ]
        case _:
            assert_never(command)


def evolve_scopes(_table: ScopeTable, event: ScopeTablePublished) -> ScopeTable:
    return ScopeTable(version=event.table_version, scopes=event.scopes)


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
    if len(set(command.scopes)) < len(command.scopes):
        raise DuplicateRowError
    if any(scope.category not in command.categories for scope in command.scopes):
        raise UnknownScopeCategoryError
    if any(scope.department not in command.departments for scope in command.scopes):
        raise UnknownScopeDepartmentError


category_table: Decider[PublishCategoryTable, CategoryTable, CategoryTablePublished] = Decider(
    "category_table", decide_categories, evolve_categories, CategoryTable()
)
scope_table: Decider[PublishScopeTable, ScopeTable, ScopeTablePublished] = Decider(
    "scope_table", decide_scopes, evolve_scopes, ScopeTable()
)
