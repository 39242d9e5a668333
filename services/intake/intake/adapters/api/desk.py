"""The routes of lines and of duty."""

from intake.adapters.api import handovers, lines, missed_calls, notices, outages, places, playbooks, rosters, shifts

ROUTERS = (
    lines.router,
    outages.router,
    places.router,
    missed_calls.router,
    rosters.router,
    shifts.router,
    handovers.router,
    notices.router,
    playbooks.router,
)
