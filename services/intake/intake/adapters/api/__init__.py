"""HTTP: a request becomes a command, an outcome becomes a status. One file per aggregate."""

from intake.adapters.api import calls, persons, requests

ROUTERS = (calls.router, persons.router, requests.router)
