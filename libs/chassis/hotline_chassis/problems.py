"""Problem answers (RFC 9457): a refusal says what is wrong, which field and which rule, and never repeats input.

This is the one place that maps errors to HTTP. A problem never carries the text of an unexpected exception, the value
of a field, or a hint whether something that the asker may not see exists.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Scope

from hotline_chassis.telemetry import current_trace_id
from hotline_chassis.texts import Texts, language_of
from hotline_chassis.unavailable import is_unavailable
from hotline_events.decider import RefusalError
from hotline_events.errors import CommandReusedError, NotFoundError, StoreUnavailableError, VersionConflictError

MEDIA_TYPE: Final = "application/problem+json"
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_MOST_ERRORS: Final = 20
_MEMBER: Final = re.compile(r"<\w+\.\w+: ('[^']*')>")  # how some of an enum's words are written: only the word is for clients
_LIMITS: Final = ("max_length", "min_length", "ge", "gt", "le", "lt", "multiple_of", "pattern", "expected", "limit")
_BY_STATUS: Final = {
    401: "sign_in_needed",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
    503: "unavailable",
}
_texts_of_the_chassis: Final = Texts()


class FieldProblem(BaseModel):
    field: str
    rule: str
    limit: str | int | float | None = None


class Problem(BaseModel):
    """What every refusal looks like."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:hotline:problem:invalid_input",
                    "title": "填写的内容不符合要求",
                    "status": 422,
                    "instance": "/requests/0197f3a2-7c11-7d2e-b6b0-3f1f0c8a9e10",
                    "field": "body.matter",
                    "rule": "string_too_long",
                    "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
                }
            ]
        }
    )

    type: str
    title: str
    status: int
    detail: str | None = None
    instance: str | None = None
    field: str | None = None
    rule: str | None = None
    missing: str | None = None
    errors: list[FieldProblem] | None = None
    trace_id: str | None = None


class ProblemError(Exception):
    """A refusal with its HTTP status and its code; the title comes from the catalogue of texts."""

    def __init__(
        self,
        status: int,
        code: str,
        *,
        detail: str | None = None,
        field: str | None = None,
        rule: str | None = None,
        missing: str | None = None,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.field = field
        self.rule = rule
        self.missing = missing
        self.errors = errors
        self.headers = headers or {}


def not_found() -> ProblemError:
    """Answer for what is not there and for what the asker may not see: the same, on purpose."""
    return ProblemError(404, "not_found")


def unavailable() -> ProblemError:
    return ProblemError(503, "unavailable", headers={"Retry-After": "1"})


def problem_response(scope: Scope, problem: ProblemError) -> Response:
    """Write a problem in the reader's language."""
    app = scope.get("app")
    texts: Texts = getattr(app.state, "texts", _texts_of_the_chassis) if app else _texts_of_the_chassis
    language = language_of(Headers(scope=scope).get("accept-language"))
    content = {
        "type": f"urn:hotline:problem:{problem.code}",
        "title": texts.text(problem.code, language, problem.detail),
        "status": problem.status,
        "detail": problem.detail,
        "instance": scope.get("path"),
        "field": problem.field,
        "rule": problem.rule,
        "missing": problem.missing,
        "errors": list(problem.errors) or None,
        "trace_id": current_trace_id(),
    }
    told = {name: value for name, value in content.items() if value is not None}
    headers = {"Content-Language": language, "Vary": "Accept-Language", "Cache-Control": "no-store", **problem.headers}
    body = json.dumps(told, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return Response(body, problem.status, headers, MEDIA_TYPE)


def problem_of(error: Exception, *, if_match: bool = False) -> ProblemError:
    """Map any error to its problem. An error that nobody expected is told as 500 and nothing more."""
    match error:
        case ProblemError():
            return error
        case RefusalError():
            return ProblemError(
                error.status, error.code, detail=str(error) or None, field=error.field, rule=error.rule, missing=error.missing
            )
        case VersionConflictError():
            return ProblemError(412 if if_match else 409, "version_conflict", rule="version")
        case CommandReusedError():
            return ProblemError(422, "command_reused", rule="command_reused")
        case NotFoundError():
            return not_found()
        case StoreUnavailableError():
            return unavailable()
        case RequestValidationError():
            return _invalid(error.errors())
        case HTTPException():
            return _of_http_exception(error)
        case _:
            return unavailable() if is_unavailable(error) else ProblemError(500, "internal_error")


def install_problems(app: FastAPI) -> None:
    """Answer every expected error with its problem; the guard answers the unexpected ones."""

    async def answer(request: Request, error: Exception) -> Response:
        return problem_response(request.scope, problem_of(error, if_match="if-match" in request.headers))

    for kind in (
        ProblemError,
        RefusalError,
        VersionConflictError,
        CommandReusedError,
        NotFoundError,
        StoreUnavailableError,
        RequestValidationError,
        HTTPException,
    ):
        app.add_exception_handler(kind, answer)


def _of_http_exception(error: HTTPException) -> ProblemError:
    if error.status_code == 400:  # noqa: PLR2004 - the framework's one 400: a body that cannot be read
        return ProblemError(400, "malformed_json", field="body", rule="json")
    code = _BY_STATUS.get(error.status_code, "bad_request")
    return ProblemError(error.status_code, code, headers=dict(error.headers or {}))


def _invalid(found: Sequence[Mapping[str, Any]]) -> ProblemError:
    if any(error["type"] == "json_invalid" for error in found):
        return ProblemError(400, "malformed_json", field="body", rule="json")
    errors = [_field_problem(error) for error in found[:_MOST_ERRORS]]
    first = errors[0]
    return ProblemError(422, "invalid_input", field=first["field"], rule=first["rule"], errors=errors)


def _field_problem(error: Mapping[str, Any]) -> dict[str, Any]:
    context = error.get("ctx") or {}
    location = [*error["loc"], *context.get("path", ())]
    limit = next((context[name] for name in _LIMITS if name in context), None)
    told: dict[str, Any] = {"field": ".".join(_plain(part) for part in location), "rule": error["type"]}
    if limit is not None:
        told["limit"] = limit if isinstance(limit, int | float) else _MEMBER.sub(r"\1", str(limit))
    return told


def _plain(part: object) -> str:
    """Write one step of a field's path. What a client invented is shown only when it looks like a name."""
    if isinstance(part, int) or (isinstance(part, str) and _NAME.fullmatch(part)):
        return str(part)
    return "?"
