"""The category table and the scope table over HTTP: published whole, version after version."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from hotline_chassis.answers import Accepted, accepted
from hotline_chassis.commands import Submit
from hotline_chassis.fields import Body, Text
from hotline_chassis.http import set_etag
from hotline_events.catalogue.intake import RequesterClass
from hotline_events.catalogue.routing import Category, District, ProtocolRoute, Scope
from hotline_rules.sections.orders import AnswerClass
from routing import application
from routing.adapters.api.bodies import CREATED, DeskOf, MayReadTables, MayWriteTables, TableVersion
from routing.domain.tables import MAIN, ScopeTable, category_table, scope_table

router = APIRouter(tags=["tables"])
_MOST_ROWS = 5000


class CategoryRow(Body):
    """A category: a code, its names, the category above it, and how soon its matters are answered."""

    code: Annotated[str, Text(120), Field(examples=["street_lighting"])]
    name_zh: Annotated[str, Text(200), Field(examples=["路灯照明"])]
    name_en: Annotated[str, Text(200), Field(examples=["Street lighting"])]
    parent: Annotated[str, Text(120), Field(examples=["roads"])] | None = None
    answer_class: Annotated[AnswerClass | None, Field(examples=["same_day"])] = None


class ScopeRow(Body):
    """Which department handles a category, and who helps it; in one area, or everywhere when no area is named."""

    category: Annotated[str, Text(120), Field(examples=["street_lighting"])]
    department: Annotated[str, Text(32), Field(examples=["roads"])]
    area: Annotated[str, Text(120), Field(examples=["longzihu"])] | None = None
    support: Annotated[list[Annotated[str, Text(32)]], Field(default_factory=list, max_length=10, examples=[["parks"]])]


class ProtocolRow(Body):
    """Which department receives a class of requesters, whatever the matter."""

    requester_class: Annotated[RequesterClass, Field(examples=["media"])]
    department: Annotated[str, Text(32), Field(examples=["press"])]


class DistrictRow(Body):
    """Which department takes what has no clear owner in an area, where the rule pack gives it to the area's own government."""

    area: Annotated[str, Text(120), Field(examples=["longzihu"])]
    department: Annotated[str, Text(32), Field(examples=["longzihu_office"])]


class Categories(Body):
    """The whole table."""

    categories: Annotated[
        list[CategoryRow],
        Field(
            max_length=_MOST_ROWS,
            examples=[[{"code": "street_lighting", "name_zh": "路灯照明", "name_en": "Street lighting"}]],
        ),
    ]


class Scopes(Body):
    """The whole table: its rows, who takes what no row fits, and whose matters go by protocol."""

    scopes: Annotated[
        list[ScopeRow],
        Field(max_length=_MOST_ROWS, examples=[[{"category": "street_lighting", "department": "roads"}]]),
    ]
    fallback: Annotated[str, Text(32), Field(examples=["district_office"])] | None = None
    protocol: Annotated[
        list[ProtocolRow],
        Field(default_factory=list, max_length=20, examples=[[{"requester_class": "media", "department": "press"}]]),
    ]
    districts: Annotated[
        list[DistrictRow],
        Field(default_factory=list, max_length=500, examples=[[{"area": "longzihu", "department": "longzihu_office"}]]),
    ]


class CategoriesShown(BaseModel):
    """The present category table; version 0 is the empty one before the first."""

    version: Annotated[int, Field(examples=[1])]
    categories: list[CategoryRow]


class ScopesShown(BaseModel):
    """The present scope table; version 0 is the empty one before the first."""

    version: Annotated[int, Field(examples=[1])]
    scopes: list[ScopeRow]
    fallback: Annotated[str | None, Field(examples=["district_office"])]
    protocol: list[ProtocolRow]
    districts: list[DistrictRow]


@router.put("/category-table/{table_version}", status_code=201, response_model=Accepted, responses=CREATED)
async def publish_categories(
    table_version: TableVersion,
    body: Categories,
    principal: MayWriteTables,
    submit: Submit,
    desk: DeskOf,
) -> Response:
    """Publish the next version of the category table."""
    done = await application.publish_categories(
        desk,
        table_version,
        tuple(Category(**row.model_dump()) for row in body.categories),
        by=principal.actor_id,
        now=desk.clock.now(),
        submission=await submit.by(principal, creates=f"category_table-{table_version}"),
    )
    return accepted(done, MAIN, created=True)


@router.get("/category-table")
async def show_categories(_principal: MayReadTables, desk: DeskOf, response: Response) -> CategoriesShown:
    """Read the present category table."""
    table = await application.current(desk.aggregates, category_table, MAIN)
    set_etag(response, table.version)
    rows = [CategoryRow(**asdict(row)) for row in table.categories]
    return CategoriesShown(version=table.version, categories=rows)


@router.put("/scope-table/{table_version}", status_code=201, response_model=Accepted, responses=CREATED)
async def publish_scopes(
    table_version: TableVersion,
    body: Scopes,
    principal: MayWriteTables,
    submit: Submit,
    desk: DeskOf,
) -> Response:
    """Publish the next version of the scope table; it may name only known categories and open departments."""
    done = await application.publish_scopes(
        desk,
        ScopeTable(
            version=table_version,
            scopes=tuple(Scope(**{**row.model_dump(), "support": tuple(row.support)}) for row in body.scopes),
            fallback=body.fallback,
            protocol=tuple(ProtocolRoute(**row.model_dump()) for row in body.protocol),
            districts=tuple(District(**row.model_dump()) for row in body.districts),
        ),
        by=principal.actor_id,
        now=desk.clock.now(),
        submission=await submit.by(principal, creates=f"scope_table-{table_version}"),
    )
    return accepted(done, MAIN, created=True)


@router.get("/scope-table")
async def show_scopes(principal: MayReadTables, desk: DeskOf, response: Response) -> ScopesShown:
    """Read the present scope table. A department sees its own rows."""
    table = await application.current(desk.aggregates, scope_table, MAIN)
    set_etag(response, table.version)
    own = principal.bound_to
    rows = [_scope_row(row, own) for row in table.scopes if own in (None, row.department, *row.support)]
    protocol = [ProtocolRow(**asdict(route)) for route in table.protocol if own in (None, route.department)]
    fallback = table.fallback if own in (None, table.fallback) else None
    districts = [DistrictRow(**asdict(row)) for row in table.districts if own in (None, row.department)]
    return ScopesShown(version=table.version, scopes=rows, fallback=fallback, protocol=protocol, districts=districts)


def _scope_row(row: Scope, own: str | None) -> ScopeRow:
    """Show a row; a department that helps sees no other one that does."""
    support = row.support if own in (None, row.department) else tuple(code for code in row.support if code == own)
    return ScopeRow(category=row.category, department=row.department, area=row.area, support=list(support))
