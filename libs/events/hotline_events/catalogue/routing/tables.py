"""The two tables that classify and transfer: categories and scopes (A72-A78)."""

from dataclasses import dataclass
from datetime import datetime

from hotline_events.catalogue.intake.kinds import RequesterClass
from hotline_events.registry import event


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One row of the category table: a code, its parent, its name in both languages, and how soon it is answered (A85-A88)."""

    code: str
    name_zh: str
    name_en: str
    parent: str | None = None
    answer_class: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One row of the scope table: which department handles a category, in an area or everywhere (area None), and with whom."""

    category: str
    department: str
    area: str | None = None
    support: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolRoute:
    """Matters of this class of requester go to this department, whatever they are about (A78)."""

    requester_class: RequesterClass
    department: str


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """What nobody clearly owns in this area goes to its own government, where the rule pack says so (A77)."""

    area: str
    department: str


@event("routing.category_table.published")
class CategoryTablePublished:
    """The category table has a new version; it replaces the former one whole."""

    table_version: int
    categories: tuple[Category, ...]
    published_by: str
    occurred_at: datetime


@event("routing.scope_table.published")
class ScopeTablePublished:
    """The scope table has a new version; it replaces the former one whole.

    `fallback` takes the matters of categories for which no department stands in it (A77), `protocol` goes before it (A78).
    """

    table_version: int
    scopes: tuple[Scope, ...]
    fallback: str | None = None
    protocol: tuple[ProtocolRoute, ...] = ()
    districts: tuple[District, ...] = ()
    published_by: str
    occurred_at: datetime
