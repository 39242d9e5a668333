"""Routing over HTTP: dispatchers and departments on work orders, the office on departments and tables."""

from routing.adapters.api import (
    arbitrating,
    departments,
    dispatch_desk,
    dispatching,
    emergencies,
    escalations,
    extending,
    handling,
    instructions,
    orders,
    queues,
    reviewing,
    tables,
    urging,
    watching,
)

ROUTERS = (
    orders.router,
    dispatching.router,
    arbitrating.router,
    dispatch_desk.router,
    handling.router,
    queues.router,
    departments.router,
    tables.router,
    emergencies.router,
    escalations.router,
    instructions.router,
    urging.router,
    extending.router,
    reviewing.router,
    watching.router,
)
