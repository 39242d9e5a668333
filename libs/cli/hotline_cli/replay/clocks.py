"""Drives the services' business clocks along with what was entered; a clock is never driven backwards within a run."""

from datetime import datetime

from hotline_cli.replay.clients import AwayError, Clients, told
from hotline_cli.replay.steps import written

DRIVER = "service@replay"


class Clock:
    """The business clock of one service."""

    def __init__(self, clients: Clients, service: str) -> None:
        self._clients = clients
        self._service = service
        self.at: datetime | None = None

    async def drive(self, moment: datetime) -> None:
        """Set the clock and return when every timer due until then has fired."""
        if self.at is not None and moment <= self.at:
            return
        body = {"now": written(moment)}
        answer = await self._clients.call(self._service, "PUT", "/dev/clock", user=DRIVER, body=body)
        if not answer.ok:
            raise AwayError(f"{self._service} does not let its clock be driven: {told(answer)}")
        self.at = moment
