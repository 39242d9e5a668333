"""Followup over HTTP: the revisit desk, the departments' suggestions and apologies, the promised calls."""

from followup.adapters.api import apologies, promises, recording, revisits, suggestions

ROUTERS = (revisits.router, recording.router, suggestions.router, apologies.router, promises.router)

__all__ = ["ROUTERS"]
