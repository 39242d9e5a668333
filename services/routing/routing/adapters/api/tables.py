"""The category table and the scope table over HTTP: published whole, version after version."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from hotline_chassis.answers import Accepted, accepted
from hotline_chassis.commands import Submit
from hotline_chassis.fields import Body, Text
from hotline_chassis.http import set_etag
from hotline_events.catalogue.routing import Category, Scope
from routing import application
from routing.adapters.api.bodies import CREATED, DeskOf, MayReadTables, MayWriteTables, TableVersion
from routing.domain.tables import MAIN, category_table, scope_table

router = APIRouter(tags=["tables"])
_MOST_ROWS = 5000


class CategoryRow(Body):
    """A category: a code, its names, and the category above it."""

    code: Annotated[str, Text(120), Field(examples=["street_lighting"])]
    name_zh: Annotated[str, Text(200), Field(examples=["路灯照明"])]
    name_en: Annotated[str, Text(200), Field(examples=["Street lighting"])]
    parent: Annotated[str, Text(120), Field(examples=["roads"])] | None = None


class ScopeRow(Body):
    """Which department handles a category; in one area, or everywhere when no area is named."""

    category: Annotated[str, Text(120), Field(examples=["street_lighting"])]
    department: Annotated[str, Text(32), Field(examples=["roads"])]
    area: Annotated[str, Text(120), Field(examples=["longzihu"])] | None = None


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
    """The whole table."""

    scopes: Annotated[
        list[ScopeRow],
        Field(max_length=_MOST_ROWS, examples=[[{"category": "street_lighting", "department": "roads"}]]),
    ]


class CategoriesShown(BaseModel):
    """The present category table; version 0 is the empty one before the first."""

    version: Annotated[int, Field(examples=[1])]
    categories: list[CategoryRow]


class ScopesShown(BaseModel):
    """The present scope table; version 0 is the empty one before the first."""

    version: Annotated[int, Field(examples=[1])]
    scopes: list[ScopeRow]


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
    rows = [CategoryRow(code=row.code, name_zh=row.name_zh, name_en=row.name_en, parent=row.parent) for row in table.categories]
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
        table_version,
        tuple(Scope(**row.model_dump()) for row in body.scopes),
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
    rows = [
        ScopeRow(category=row.category, department=row.department, area=row.area)
        for row in table.scopes
        if principal.bound_to in (None, row.department)
    ]
    return ScopesShown(version=table.version, scopes=rows)
