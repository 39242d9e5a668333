"""The read models of intake, and the queries on them."""

from intake.adapters.views import calls, desk, knowledge, privacy, records, relays, requests

RECORDING = (records.VIEW, relays.VIEW, knowledge.VIEW)
VIEWS = (calls.VIEW, requests.VIEW, *RECORDING, *privacy.VIEWS, *desk.VIEWS)
