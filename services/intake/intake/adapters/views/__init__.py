"""The read models of intake, and the queries on them."""

from intake.adapters.views import calls, requests

VIEWS = (calls.VIEW, requests.VIEW)
