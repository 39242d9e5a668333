"""Routing's own read models: where the orders stand, what a department's queue holds, which departments there are."""

from routing.adapters.views.departments import DEPARTMENTS
from routing.adapters.views.orders import ORDERS

VIEWS = (ORDERS, DEPARTMENTS)

__all__ = ["DEPARTMENTS", "ORDERS", "VIEWS"]
