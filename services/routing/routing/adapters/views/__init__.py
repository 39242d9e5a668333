"""Routing's own read models: where the orders stand, what a department's queue holds, which departments there are."""

from hotline_chassis.access import VIEW as ACCESS
from hotline_chassis.confidentiality import VIEW as CONFIDENTIALITY
from routing.adapters.views.clocks import CLOCKS
from routing.adapters.views.departments import DEPARTMENTS
from routing.adapters.views.dispatching import DISPATCHING
from routing.adapters.views.emergencies import EMERGENCIES
from routing.adapters.views.escalations import ESCALATIONS
from routing.adapters.views.instructions import INSTRUCTIONS
from routing.adapters.views.orders import ORDERS

VIEWS = (ORDERS, CLOCKS, DISPATCHING, DEPARTMENTS, EMERGENCIES, ESCALATIONS, INSTRUCTIONS, CONFIDENTIALITY, ACCESS)

__all__ = [
    "ACCESS",
    "CLOCKS",
    "CONFIDENTIALITY",
    "DEPARTMENTS",
    "DISPATCHING",
    "EMERGENCIES",
    "ESCALATIONS",
    "INSTRUCTIONS",
    "ORDERS",
    "VIEWS",
]
