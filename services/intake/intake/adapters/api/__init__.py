"""HTTP: a request becomes a command, an outcome becomes a status. One file per aggregate."""

from intake.adapters.api import (
    access,
    articles,
    break_glass,
    calls,
    clearances,
    directory,
    disclosures,
    exports,
    persons,
    readings,
    records,
    relays,
    request_acts,
    requests,
    screen_pop,
)

ROUTERS = (
    calls.router,
    persons.router,
    requests.router,
    access.router,
    readings.router,
    clearances.router,
    screen_pop.router,
    directory.router,
    break_glass.router,
    disclosures.router,
    exports.router,
    request_acts.router,
    records.router,
    relays.router,
    articles.router,
)
