"""The two tables that classify and transfer: categories and scopes (A72-A78)."""

from dataclasses import dataclass
from datetime import datetime

from hotline_events.registry import event


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One row of the category table: a code, its parent, and its name in both languages."""

    code: str
    name_zh: str
    name_en: str
    parent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One row of the scope table: which department handles a category, in an area or everywhere (area None)."""

    category: str
    department: str
    area: str | None = None


@event("routing.category_table.published")
class CategoryTablePublished:
    """The category table has a new version; it replaces the former one whole."""

    table_version: int
    categories: tuple[Category, ...]
    published_by: str
    occurred_at: datetime


@event("routing.scope_table.published")
class ScopeTablePublished:
    """The scope table has a new version; it replaces the former one whole."""

    table_version: int
    scopes: tuple[Scope, ...]
    published_by: str
    occurred_at: datetime
