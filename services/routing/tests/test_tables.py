"""The rules of the two tables and of departments."""

import pytest

from hotline_events.catalogue.routing import (
    Category,
    CategoryTablePublished,
    DepartmentClosed,
    DepartmentRegistered,
    DepartmentRenamed,
    Scope,
    ScopeTablePublished,
)
from hotline_events.testing import NOON, given
from routing.adapters.nkey import is_user_key
from routing.domain import department
from routing.domain.department import CloseDepartment, DepartmentIsClosedError, DepartmentUnknownError, NameDepartment
from routing.domain.tables import (
    CategoryTable,
    DuplicateRowError,
    PublishCategoryTable,
    PublishScopeTable,
    ScopeTable,
    Tables,
    TableVersionError,
    UnknownParentError,
    UnknownScopeCategoryError,
    UnknownScopeDepartmentError,
    category_table,
    scope_table,
)

ROADS = Category(code="roads", name_zh="道路", name_en="Roads")
LIGHTING = Category(code="lighting", name_zh="照明", name_en="Lighting", parent="roads")
FIRST = CategoryTablePublished(table_version=1, categories=(ROADS,), published_by="office", occurred_at=NOON)
SCOPE = Scope(category="lighting", department="roads")
FIRST_SCOPE = ScopeTablePublished(table_version=1, scopes=(SCOPE,), published_by="office", occurred_at=NOON)
REGISTERED = DepartmentRegistered(department="roads", name_zh="道路处", name_en="Roads", occurred_at=NOON)
CLOSED = DepartmentClosed(department="roads", occurred_at=NOON)


def publish(version: int, *rows: Category) -> PublishCategoryTable:
    return PublishCategoryTable(table_version=version, categories=rows, published_by="office", now=NOON)


def publish_scopes(version: int, *rows: Scope) -> PublishScopeTable:
    return PublishScopeTable(
        table_version=version,
        scopes=rows,
        categories=frozenset({"lighting"}),
        departments=frozenset({"roads"}),
        published_by="office",
        now=NOON,
    )


def name(zh: str = "道路处") -> NameDepartment:
    return NameDepartment(department="roads", name_zh=zh, name_en="Roads", now=NOON)


def test_a_table_is_replaced_by_its_next_version_only() -> None:
    given(category_table).when(publish(1, ROADS)).then(FIRST)
    given(category_table, FIRST).when(publish(1, ROADS)).then_rejected(TableVersionError)
    given(category_table, FIRST).when(publish(3, ROADS)).then_rejected(TableVersionError)
    given(scope_table).when(publish_scopes(1, SCOPE)).then(FIRST_SCOPE)
    given(scope_table, FIRST_SCOPE).when(publish_scopes(1, SCOPE)).then_rejected(TableVersionError)


def test_a_category_table_has_each_code_once_and_every_parent() -> None:
    given(category_table).when(publish(1, ROADS, ROADS)).then_rejected(DuplicateRowError)
    given(category_table).when(publish(1, LIGHTING)).then_rejected(UnknownParentError)
    circle = Category(code="roads", name_zh="道路", name_en="Roads", parent="lighting")
    given(category_table).when(publish(1, LIGHTING, circle)).then_rejected(UnknownParentError)


def test_a_scope_table_names_only_what_there_is() -> None:
    given(scope_table).when(publish_scopes(1, SCOPE, SCOPE)).then_rejected(DuplicateRowError)
    stranger = Scope(category="noise", department="roads")
    given(scope_table).when(publish_scopes(1, stranger)).then_rejected(UnknownScopeCategoryError)
    nobody = Scope(category="lighting", department="gone")
    given(scope_table).when(publish_scopes(1, nobody)).then_rejected(UnknownScopeDepartmentError)


def test_rows_of_an_area_hide_the_rows_for_everywhere() -> None:
    rows = (SCOPE, Scope(category="lighting", department="east", area="east"))
    tables = Tables.of(CategoryTable(), ScopeTable(version=1, scopes=rows), frozenset({"roads"}))
    assert tables.department_for("lighting", None) == "roads"
    assert tables.department_for("lighting", "west") == "roads"
    assert tables.department_for("lighting", "east") is None
    assert tables.department_for("noise", None) is None


def test_a_department_is_registered_renamed_and_closed() -> None:
    renamed = DepartmentRenamed(department="roads", name_zh="市政处", name_en="Roads", occurred_at=NOON)
    given(department.decider).when(name()).then(REGISTERED)
    given(department.decider, REGISTERED).when(name()).then_nothing()
    given(department.decider, REGISTERED).when(name("市政处")).then(renamed)
    given(department.decider, REGISTERED).when(CloseDepartment(department="roads", now=NOON)).then(CLOSED)
    given(department.decider, REGISTERED, CLOSED).when(CloseDepartment(department="roads", now=NOON)).then_nothing()


def test_a_closed_department_stays_closed_and_an_unknown_one_cannot_be() -> None:
    given(department.decider, REGISTERED, CLOSED).when(name()).then_rejected(DepartmentIsClosedError)
    given(department.decider).when(CloseDepartment(department="roads", now=NOON)).then_rejected(DepartmentUnknownError)


@pytest.mark.parametrize("text", ["", "U", "UAAAAAAA", "5aa2df8b-f6f4-4b2b-8c1a-7126f8ebf7fc", "A" * 56, "é" * 56])
def test_what_is_no_users_key_is_seen(text: str) -> None:
    assert not is_user_key(text)
