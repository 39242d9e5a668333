"""What is refused of the category table and the scope table."""

from typing import ClassVar

from hotline_events.decider import RefusalError


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


class LeadSupportsItselfError(RefusalError):
    """A department does not help itself: the lead of a matter is none of its co-handling units."""

    code: ClassVar[str] = "lead_supports_itself"
    rule: ClassVar[str | None] = "support_differs_from_lead"
    field: ClassVar[str | None] = "body"
    status: ClassVar[int] = 422


class UnknownScopeDepartmentError(RefusalError):
    """A row of the scope table names a department that is not there or takes no orders."""

    code: ClassVar[str] = "unknown_department"
    rule: ClassVar[str | None] = "department_open"
    field: ClassVar[str | None] = "body.scopes"
    status: ClassVar[int] = 422
