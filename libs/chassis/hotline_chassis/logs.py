"""Logs: one JSON object a line, with the trace's id, and nothing that could name a person.

An exception's text may quote the values it failed on, so a log shows its class and where it happened, never its text.
Query strings are cut out of every message, and the loggers that would print addresses or parameters are kept quiet.
"""

import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from typing import Final

from hotline_chassis.telemetry import current_traceparent

_QUERY: Final = re.compile(r"\?[^\s\"'<>]+=[^\s\"'<>]*")
_HIDDEN: Final = ("body", "query", "query_string", "params", "parameters", "headers")
_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message", "taskName"}
_FRAMES: Final = 12
_QUIET: Final = ("httpx", "httpcore", "sqlalchemy.engine", "asyncio", "uvicorn.access")


class JsonFormatter(logging.Formatter):
    """One line of JSON per record; fields given as `extra` are added under their own names."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "service": self._service,
            "logger": record.name,
            "message": without_query(record.getMessage()),
        }
        if traceparent := current_traceparent():
            line["trace_id"], line["span_id"] = traceparent[3:35], traceparent[36:52]
        for name, value in vars(record).items():
            if name not in _STANDARD and name not in _HIDDEN:
                line[name] = value if isinstance(value, int | float | bool) else without_query(str(value))
        if record.exc_info and record.exc_info[1]:
            line.update(describe(record.exc_info[1]))
        return json.dumps(line, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()


def describe(error: BaseException) -> dict[str, object]:
    """Say which class of error it was, what caused it and where it happened, without a word of its text."""
    causes: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(causes) < _FRAMES:
        causes.append(f"{type(cause).__module__}.{type(cause).__qualname__}")
        cause = cause.__cause__ or cause.__context__
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return {"error": causes[0], "causes": causes[1:], "where": where}


def without_query(message: str) -> str:
    return _QUERY.sub("?…", message)


def configure_logging(service: str, level: str = "INFO") -> None:
    """Send every log of the process to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(service))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # A NATS user's refused publish and the like arrive here with the subject only.
    logging.captureWarnings(capture=True)
