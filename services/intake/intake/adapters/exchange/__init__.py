"""What a telephone exchange says, in the words of the hotline. One module a kind of exchange, each a pure function.

`normalised` answers the reports that one raw event holds, none when it tells nothing of a call, and refuses what is broken by
naming the field.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from intake.adapters.exchange import asterisk, freeswitch, plain
from intake.adapters.exchange.report import BadReportError, ExchangeFormat, Report

_READERS: Mapping[ExchangeFormat, Callable[[Mapping[str, Any]], Sequence[Report]]] = {
    ExchangeFormat.ASTERISK_AMI: asterisk.reports,
    ExchangeFormat.FREESWITCH_ESL: freeswitch.reports,
    ExchangeFormat.HOTLINE: plain.reports,
}
_TIMES = {
    ExchangeFormat.ASTERISK_AMI: asterisk.time_of,
    ExchangeFormat.FREESWITCH_ESL: freeswitch.time_of,
    ExchangeFormat.HOTLINE: plain.time_of,
}
_IDS = {ExchangeFormat.FREESWITCH_ESL: freeswitch.id_of}


def normalised(form: ExchangeFormat, raw: Mapping[str, Any]) -> Sequence[Report]:
    """Return what one raw event says of a call."""
    return _READERS[form](raw)


def time_of(form: ExchangeFormat, raw: Mapping[str, Any]) -> object:
    """Return when the exchange says that it happened, as it says it; None when it does not."""
    return _TIMES[form](raw)


def id_of(form: ExchangeFormat, raw: Mapping[str, Any]) -> str | None:
    """Return the exchange's own id of the event, None where it has none."""
    return _IDS[form](raw) if form in _IDS else None


__all__ = ["BadReportError", "ExchangeFormat", "Report", "id_of", "normalised", "time_of"]
