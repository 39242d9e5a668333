"""Who may say what to the broker: one table of subjects per service and per department.

A service writes its own stream and reads everyone's through throw-away consumers without a name; the subject that creates
those cannot create or change a durable one. Only routing has the durable consumers of the departments, only the bootstrap
user has the streams. A department asks for the messages of its own durable consumer and acknowledges them; nothing else.
"""

import re
from typing import Any

from hotline_events.broker import SERVICES, stream_of, wake_subject
from hotline_events.errors import HotlineError

BOOTSTRAP = "bootstrap"
SYSTEM = "sys"
DEPARTMENT_STREAM = stream_of("routing")
DEPARTMENT_API = "QUEUE.API"
DEPARTMENT_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
RESERVED_CODES = frozenset({*SERVICES, BOOTSTRAP, SYSTEM})
UNLIMITED = {"subs": -1, "data": -1, "payload": -1}


class DepartmentCodeError(HotlineError):
    """A text cannot be a department's code: it would not be one plain token of a subject, or it is another user's name."""

    def __init__(self, code: str) -> None:
        super().__init__(
            f"{code!r} cannot be a department's code: lower-case letters, digits, _ and -, at most 32, and no service's name"
        )
        self.code = code


class UnknownServiceError(HotlineError):
    """There is no service of this name, so it has no rights."""

    def __init__(self, service: str) -> None:
        super().__init__(f"{service!r} is not one of {', '.join(SERVICES)}")
        self.service = service


def checked_code(code: str) -> str:
    """Return the code, or refuse it. A code is an inbox prefix too, so it may not be the name of any other user."""
    if not DEPARTMENT_CODE.fullmatch(code) or code in RESERVED_CODES:
        raise DepartmentCodeError(code)
    return code


def inbox_of(user: str) -> str:
    return f"_INBOX_{user}.>"


def permissions(publish: list[str], subscribe: list[str]) -> dict[str, Any]:
    return {**UNLIMITED, "pub": {"allow": sorted(publish)}, "sub": {"allow": sorted(subscribe)}}


def service_permissions(service: str) -> dict[str, Any]:
    if service not in SERVICES:
        raise UnknownServiceError(service)
    own, wake = stream_of(service), wake_subject(service)
    publish = [f"hotline.{service}.>", wake, "$JS.API.INFO", "$JS.API.STREAM.NAMES"]
    publish += [f"$JS.API.STREAM.MSG.GET.{own}", f"$JS.API.DIRECT.GET.{own}", f"$JS.API.DIRECT.GET.{own}.>"]
    for stream in map(stream_of, SERVICES):
        publish += _reading(stream)
    if own == DEPARTMENT_STREAM:
        publish += _keeping_consumers(own)
    return permissions(publish, [inbox_of(service), wake])


def bootstrap_permissions() -> dict[str, Any]:
    return permissions(["$JS.API.>"], [inbox_of(BOOTSTRAP)])


def system_permissions() -> dict[str, Any]:
    return permissions(["$SYS.REQ.>"], [inbox_of(SYSTEM), "$SYS.ACCOUNT.>", "$SYS.SERVER.>"])


def department_permissions(code: str) -> dict[str, Any]:
    """List what one department may do; `code` may be the template {{name()}} that the broker fills in from the user's name."""
    return permissions([local for _name, local, _exported in _queue_subjects(code)], [inbox_of(code)])


def queue_exports() -> list[dict[str, Any]]:
    """List what the services' account lets the departments' account ask for; one request brings many messages."""
    exports = {exported: name for name, _local, exported in _queue_subjects("*")}
    streamed = {"response_type": "Stream"}
    return [
        {"name": name, "subject": subject, "type": "service", **(streamed if name.startswith("next") else {})}
        for subject, name in exports.items()
    ]


def queue_imports(account: str) -> list[dict[str, Any]]:
    """List the same subjects from the departments' side; each user's permissions narrow them to its own code."""
    shared = {"account": account, "type": "service"}
    return [
        {"name": name, "subject": exported, "local_subject": local, **shared} for name, local, exported in _queue_subjects("*")
    ]


def _queue_subjects(code: str) -> list[tuple[str, str, str]]:
    """Name the subjects of one queue: what for, as departments say it, as the services' account hears it.

    A client with the usual prefix can fetch and acknowledge. INFO is answered under our prefix only: under the usual one
    the broker itself says that the departments' account has no JetStream. Either form of the ack subject may be handed out.
    """
    queue, api = f"{DEPARTMENT_STREAM}.{code}", "$JS.API"
    asked = [
        ("next", f"{api}.CONSUMER.MSG.NEXT.{queue}", f"{api}.CONSUMER.MSG.NEXT.{queue}"),
        ("next-own", f"{DEPARTMENT_API}.CONSUMER.MSG.NEXT.{queue}", f"{api}.CONSUMER.MSG.NEXT.{queue}"),
        ("info", f"{DEPARTMENT_API}.CONSUMER.INFO.{queue}", f"{api}.CONSUMER.INFO.{queue}"),
    ]
    acks = [("ack", f"$JS.ACK.{queue}.>"), ("ack-v2", f"$JS.ACK.*.*.{queue}.>")]
    return asked + [(name, subject, subject) for name, subject in acks]


def _reading(stream: str) -> list[str]:
    """List the subjects of a throw-away consumer. CREATE without a name in the subject refuses a durable one."""
    api = "$JS.API"
    return [
        f"{api}.STREAM.INFO.{stream}",
        f"{api}.CONSUMER.CREATE.{stream}",
        f"{api}.CONSUMER.INFO.{stream}.*",
        f"{api}.CONSUMER.MSG.NEXT.{stream}.*",
        f"$JS.FC.{stream}.>",
    ]


def _keeping_consumers(stream: str) -> list[str]:
    api = "$JS.API.CONSUMER"
    return [
        f"{api}.CREATE.{stream}.>",
        f"{api}.DURABLE.CREATE.{stream}.*",
        f"{api}.DELETE.{stream}.*",
        f"{api}.NAMES.{stream}",
        f"{api}.LIST.{stream}",
    ]
