"""Schemathesis against every service's OpenAPI document: whatever it sends, no 5xx, and every answer is as documented.

Each operation is asked with the token of a role that may do it, so that what is sent gets past the door. Two checks are off:
the schema cannot say what a cursor means or which times lie ahead, so well-formed data may be refused; and paths overlap.
"""

import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from hotline_embedded.city import City

SECONDS = 20
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
)
# A stream has no end, history is a stream of lines, and the clock is everyone's.
ENDLESS = ("/departments/{code}/queue/stream", "/events", "/dev/clock")
DEPARTMENT = "schema-roads"
RIGHTS = Path(__file__).parent / "rights"
# Who asks: the first of these whom the table of rights lets in. The columns of that table are in the order of `COLUMNS`.
COLUMNS = ("taker", "leader", "dispatcher", "handler", "head", "revisit", "inspector", "oversight", "administrator", "service")
ASKERS = {
    "taker": "call_taker",
    "dispatcher": "dispatcher",
    "handler": f"handler@{DEPARTMENT}",
    "revisit": "revisit_agent",
    "head": f"head@{DEPARTMENT}",
    "leader": "shift_leader",
    "oversight": "oversight_officer",
    "inspector": "inspector",
    "administrator": "administrator",
    "service": "service@anything",
}


def _askers() -> dict[tuple[str, str, str], str]:
    found = {}
    for file in RIGHTS.glob("*.txt"):
        for line in file.read_text().splitlines():
            if line.startswith("#"):
                continue
            service, method, path, *marks = line.split()
            allowed = {column for column, mark in zip(COLUMNS, marks, strict=True) if mark == "x"}
            found[service, method, path] = next(user for column, user in ASKERS.items() if column in allowed)
    return found


@pytest.fixture(scope="module")
async def known(stack: City) -> dict[str, str]:
    """Return one of each thing that is there, so that acts and reads find something."""
    names = {"name_zh": "模式测试局", "name_en": "Schemas"}
    await stack.tell("routing", "administrator", f"/departments/{DEPARTMENT}", names)
    matter, done = await stack.new_matter(DEPARTMENT), await stack.new_matter(DEPARTMENT)
    call_id = uuid4()
    await stack.tell("intake", "call_taker", f"/calls/{call_id}", {"line": "12345"})
    relay_id = uuid4()
    left = {"sender_id": str(uuid4()), "anonymous": True, "kind": "message", "channel": "phone", "content": "请回电。"}
    left |= {"addressee_kind": "department", "addressee": DEPARTMENT}
    await stack.tell("intake", "call_taker", f"/relays/{relay_id}", left)
    await stack.resolve(DEPARTMENT, done)
    await stack.settled()
    (revisit,) = (await stack.ask("followup", "revisit_agent", f"/work-orders/{done.work_order_id}/revisits"))["items"]
    return {
        "call_id": str(call_id),
        "relay_id": str(relay_id),
        "person_id": str(matter.requester_id),
        "request_id": str(matter.request_id),
        "work_order_id": str(matter.work_order_id),
        "revisit_id": revisit["id"],
        "code": DEPARTMENT,
    }


@pytest.mark.parametrize("service", ["intake", "routing", "followup", "reporting"])
async def test_whatever_is_sent_is_answered_as_the_schema_says(
    stack: City, known: dict[str, str], service: str, tmp_path: Path
) -> None:
    document = _within_reach((await stack.client(service).get("/openapi.json")).json())
    assert len(document["paths"]) >= 3
    (tmp_path / "openapi.json").write_text(json.dumps(document))
    (tmp_path / "schemathesis.toml").write_text(await _configuration(stack, service, document, known))
    done = await asyncio.to_thread(_run, stack.url(service), tmp_path)
    assert done.returncode == 0, done.stdout[-16000:] + done.stderr[-2000:]
    # Where the time ends after an operation's one request without a token, all that it answered is 401; 403 is the wrong asker.
    assert "403 Forbidden (" not in done.stdout, done.stdout[-8000:]


def _within_reach(document: dict[str, Any]) -> dict[str, Any]:
    """Leave out what has no end, what moves everyone's clock, and waiting for positions that never come: that is a 503."""
    paths = {path: operations for path, operations in document["paths"].items() if path not in ENDLESS}
    for operations in paths.values():
        for operation in operations.values():
            parameters = operation.get("parameters", [])
            operation["parameters"] = [one for one in parameters if not one["name"].startswith("after")]
    return {**document, "paths": paths}


async def _configuration(stack: City, service: str, document: dict[str, Any], known: dict[str, str]) -> str:
    """Write for each operation as whom it is asked, and for acts and reads about what."""
    askers = _askers()
    lines = ["seed = 12345", "request-timeout = 20", 'suppress-health-check = ["all"]', "[generation]", "max-examples = 10"]
    # A refusal is a refusal: 409 and 413 are as good as 422 for what breaks the schema.
    lines += ["[checks.negative_data_rejection]", 'expected-statuses = ["4xx"]']
    for path, operations in document["paths"].items():
        for method in operations:
            bearer = json.dumps(f"Bearer {await stack.token(askers[service, method.upper(), path])}")
            lines += ["[[operations]]", f"include-name = {json.dumps(f'{method.upper()} {path}')}"]
            lines += [f"headers = {{ Authorization = {bearer} }}"]
            names = re.findall(r"{(\w+)}", path) if method != "put" and not path.endswith("/close") else []
            about = {name: known[name] for name in names if name in known}
            if about:
                values = ", ".join(f'"path.{name}" = {json.dumps(value)}' for name, value in about.items())
                lines += [f"parameters = {{ {values} }}"]
    return "\n".join(lines)


def _run(url: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "run", "openapi.json", "--url", url, "--no-color",
        "--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing", "--max-time", str(SECONDS),
    ]  # fmt: skip
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=150, check=False)
