"""The peer of rows 6 and 7: FastAPI and SQLAlchemy as their tutorials have them, one row a request.

It checks the same tokens and rights with the same code, and is served with the same settings as a service's api.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated
from uuid import UUID

import uvicorn
from fastapi import Depends, FastAPI
from pydantic import BaseModel
from sqlalchemy import DateTime
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from hotline_chassis.access import AccessGate
from hotline_chassis.rights import Right
from hotline_chassis.serve import settle_collector
from hotline_chassis.settings import settings_from_environment
from hotline_chassis.signin import Principal, requires, verifier_of

TABLE = "plain_calls"


class Base(DeclarativeBase):
    """The tutorial's base class."""


class Call(Base):
    """One call."""

    __tablename__ = TABLE

    call_id: Mapped[UUID] = mapped_column(primary_key=True)
    line: Mapped[str]
    emergency: Mapped[bool]
    taken_by: Mapped[str]
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Receive(BaseModel):
    """The body of the one route."""

    line: str
    emergency: bool = False
    occurred_at: datetime


class Received(BaseModel):
    """Its answer."""

    id: UUID
    line: str
    received_at: datetime


settings = settings_from_environment()
sessions = async_sessionmaker(create_async_engine(settings.database_url, pool_size=16), expire_on_commit=False)
app = FastAPI()
app.state.verifier = verifier_of(settings)
app.state.access = AccessGate(lambda: None)  # it knows nobody from whom the hotline took anything


async def session_of() -> AsyncIterator[AsyncSession]:
    """Return a session for one request."""
    async with sessions() as session:
        yield session


@app.put("/calls/{call_id}", status_code=201)
async def receive(
    call_id: UUID,
    body: Receive,
    principal: Annotated[Principal, Depends(requires(Right.CALL_RECORD))],
    session: Annotated[AsyncSession, Depends(session_of)],
) -> Received:
    """Insert one row."""
    session.add(
        Call(
            call_id=call_id,
            line=body.line,
            emergency=body.emergency,
            taken_by=principal.actor_id,
            received_at=body.occurred_at,
        )
    )
    await session.commit()
    return Received(id=call_id, line=body.line, received_at=body.occurred_at)


if __name__ == "__main__":
    settle_collector()
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,
        backlog=1024,
    )
