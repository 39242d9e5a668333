"""The read models of intake, and the queries on them."""

from hotline_chassis.access import VIEW as ACCESS
from hotline_chassis.confidentiality import VIEW as CONFIDENTIALITY
from intake.adapters.views import break_glass, calls, desk, directory, order_holders, requests

VIEWS = (calls.VIEW, requests.VIEW, directory.VIEW, break_glass.VIEW, order_holders.VIEW, CONFIDENTIALITY, ACCESS, *desk.VIEWS)
