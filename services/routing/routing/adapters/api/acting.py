"""What acts on orders share: in whose name one acts, and how the act is answered."""

from uuid import UUID

from fastapi import Response

from hotline_chassis.answers import accepted
from hotline_chassis.commands import Submitting
from hotline_chassis.problems import not_found
from hotline_chassis.signin import Principal
from routing import application
from routing.application import Desk
from routing.domain.work_order.commands import DepartmentAct, OfficeAct


async def act(desk: Desk, work_order_id: UUID, command: DepartmentAct, submit: Submitting, principal: Principal) -> Response:
    """Let a department act on an order."""
    done = await application.act(desk, work_order_id, command, await submit.by(principal))
    return accepted(done, work_order_id)


async def direct(desk: Desk, work_order_id: UUID, command: OfficeAct, submit: Submitting, principal: Principal) -> Response:
    """Let the hotline, or those who watch over it, act on an order."""
    done = await application.direct(desk, work_order_id, command, await submit.by(principal))
    return accepted(done, work_order_id)


def own(principal: Principal) -> str:
    """Return the department in whose name someone acts; who has none finds no order."""
    if principal.bound_to is None:
        raise not_found()
    return principal.bound_to
