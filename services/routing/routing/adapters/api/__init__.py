"""Routing over HTTP: dispatchers and departments on work orders, the office on departments and tables."""

from routing.adapters.api import departments, orders, queues, tables

ROUTERS = (orders.router, queues.router, departments.router, tables.router)
