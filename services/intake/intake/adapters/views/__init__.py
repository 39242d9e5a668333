"""The read models of intake, and the queries on them."""

from intake.adapters.views import (
    call_violations,
    calls,
    desk,
    knowledge,
    numbers,
    privacy,
    records,
    relays,
    requests,
    visits,
)

CALLS = (calls.VIEW, call_violations.VIEW, numbers.VIEW, visits.VIEW)
RECORDING = (records.VIEW, relays.VIEW, knowledge.VIEW)
VIEWS = (*CALLS, requests.VIEW, *RECORDING, *privacy.VIEWS, *desk.VIEWS)
