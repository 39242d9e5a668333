"""Departments over HTTP: registered, renamed and closed by the office; each makes its own broker user."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from hotline_chassis.answers import Accepted, accepted, applied
from hotline_chassis.commands import Submit
from hotline_chassis.fields import Body, Text
from hotline_chassis.http import AfterPosition
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.problems import unavailable
from hotline_chassis.runtime import RuntimeOf
from hotline_chassis.signin import require_department
from hotline_events.broker_auth import DepartmentSigner
from routing import application
from routing.adapters.api.bodies import (
    CREATED,
    DepartmentCode,
    DeskOf,
    MayMakeBrokerUsers,
    MayReadTables,
    MayWriteTables,
)
from routing.adapters.nkey import is_user_key
from routing.adapters.views import DEPARTMENTS
from routing.adapters.views.departments import DepartmentRow, departments

router = APIRouter(tags=["departments"])


def _user_key(value: str) -> str:
    if not is_user_key(value):
        raise PydanticCustomError("nkey", "a NATS user's public key")
    return value


class Names(Body):
    """What the department is called."""

    name_zh: Annotated[str, Text(120), Field(examples=["市政道路管理处"])]
    name_en: Annotated[str, Text(120), Field(examples=["Roads Department"])]


class PublicKey(Body):
    """The public half of a key pair whose seed never leaves the department."""

    public_key: Annotated[
        str,
        AfterValidator(_user_key),
        Field(pattern="^U[A-Z2-7]{55}$", examples=["UDGV3WW6UESCEWLSYOORO372AR34XQS2PQGJLPUPHPAOF7CIV23DKU5H"]),
    ]


class BrokerUser(BaseModel):
    """A user of the broker that may read this department's queue and nothing else."""

    department: Annotated[str, Field(examples=["roads"])]
    jwt: Annotated[str, Field(examples=["eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.e30.c2ln"])]


class DepartmentShown(BaseModel):
    """A department."""

    code: Annotated[str, Field(examples=["roads"])]
    name_zh: Annotated[str, Field(examples=["市政道路管理处"])]
    name_en: Annotated[str, Field(examples=["Roads Department"])]
    is_open: Annotated[bool, Field(examples=[True])]
    version: Annotated[int, Field(examples=[1])]


@router.put("/departments/{code}", status_code=201, response_model=Accepted, responses=CREATED)
async def name(code: DepartmentCode, body: Names, principal: MayWriteTables, submit: Submit, desk: DeskOf) -> Response:
    """Register a department, or give it other names. It has its own queue from then on."""
    done = await application.name_department(
        desk,
        code,
        (body.name_zh, body.name_en),
        now=desk.clock.now(),
        submission=await submit.by(principal),
    )
    return accepted(done, code, created=bool(done.events) and done.version == 1)


@router.post("/departments/{code}/close", response_model=Accepted)
async def close(code: DepartmentCode, principal: MayWriteTables, submit: Submit, desk: DeskOf) -> Response:
    """Close a department: it takes no more orders, and its queue is removed."""
    now = desk.clock.now()
    done = await application.close_department(desk, code, now=now, submission=await submit.by(principal))
    return accepted(done, code)


@router.get("/departments")
async def listed(
    principal: MayReadTables, runtime: RuntimeOf, page: Page, after: AfterPosition = None
) -> PageOf[DepartmentShown]:
    """List the departments by code. A department sees itself."""
    await applied(runtime, DEPARTMENTS.name, after)
    start = page.after(str)
    rows = await departments(runtime.store, bound_to=principal.bound_to, after=start[0] if start else None, limit=page.fetch)
    return page.page(rows, lambda row: (row.code,), _shown)


@router.put("/departments/{code}/broker-user")
async def broker_user(
    code: DepartmentCode, body: PublicKey, principal: MayMakeBrokerUsers, request: Request, desk: DeskOf
) -> BrokerUser:
    """Sign the department's own public key: with it, it reads its queue from the broker, and nothing else."""
    require_department(principal, code)
    await application.require_open_department(desk, code)
    signer: DepartmentSigner | None = request.app.state.signer
    if signer is None:
        raise unavailable()
    return BrokerUser(department=code, jwt=signer.user_jwt(code, body.public_key))


def _shown(row: DepartmentRow) -> DepartmentShown:
    return DepartmentShown(code=row.code, name_zh=row.name_zh, name_en=row.name_en, is_open=row.is_open, version=row.version)
