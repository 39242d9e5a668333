"""Routing over HTTP: dispatchers and departments on work orders, the office on departments and tables."""

from routing.adapters.api import (
    departments,
    dispatching,
    emergencies,
    escalations,
    handling,
    instructions,
    orders,
    queues,
    tables,
)

ROUTERS = (
    orders.router,
    dispatching.router,
    handling.router,
    queues.router,
    departments.router,
    tables.router,
    emergencies.router,
    escalations.router,
    instructions.router,
)
