"""HTTP: a request becomes a command, an outcome becomes a status. One file per aggregate."""

from intake.adapters.api import break_glass, calls, directory, disclosures, exports, persons, requests

ROUTERS = (
    calls.router,
    persons.router,
    requests.router,
    directory.router,
    break_glass.router,
    disclosures.router,
    exports.router,
)
