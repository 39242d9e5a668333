"""The read models of intake, and the queries on them."""

from hotline_chassis.access import VIEW as ACCESS
from hotline_chassis.confidentiality import VIEW as CONFIDENTIALITY
from intake.adapters.views import (
    break_glass,
    callers,
    calls,
    desk,
    directory,
    knowledge,
    order_holders,
    readings,
    records,
    relays,
    requests,
)

PRIVACY = (directory.VIEW, break_glass.VIEW, order_holders.VIEW, callers.VIEW, readings.VIEW, CONFIDENTIALITY, ACCESS)
RECORDING = (records.VIEW, relays.VIEW, knowledge.VIEW)
VIEWS = (calls.VIEW, requests.VIEW, *RECORDING, *PRIVACY, *desk.VIEWS)
