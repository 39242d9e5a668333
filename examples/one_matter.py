"""One matter's whole life by hand, over the public API of a running system (`make up`), with a rework and two wrong steps.

    .venv/bin/python examples/one_matter.py

Each line is one request and its answer: a wrong step is answered with a problem that says which step is missing. With `en`
behind it the problems are in English.
"""

import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

PORTS = json.loads((Path(os.environ.get("HOTLINE_FOLDER", ".hotline")) / "ports.json").read_text())
LANGUAGE = sys.argv[1] if len(sys.argv) > 1 else "zh-CN"
SERVICES = ("intake", "routing", "followup", "reporting")
TOKENS: dict[str, str] = {}


def token(user: str) -> str:
    if user not in TOKENS:
        TOKENS[user] = httpx.post(f"http://127.0.0.1:{PORTS['issuer']}/token", data={"username": user}).json()["access_token"]
    return TOKENS[user]


def ask(service: str, user: str, method: str, path: str, **body: object) -> Any:  # noqa: ANN401 - an answer's JSON
    headers = {"Authorization": f"Bearer {token(user)}", "Accept-Language": LANGUAGE}
    url = f"http://127.0.0.1:{PORTS[f'{service}-api']}{path}"
    answer = httpx.request(method, url, json=body if method != "GET" else None, headers=headers, timeout=60)
    said = answer.json()
    told = f"{said['title']}  rule={said.get('rule')} missing={said.get('missing')}" if answer.is_error else ""
    short = re.sub(r"(?<=[0-9a-f]{8})-[0-9a-f-]{27}", "…", path)
    print(f"{answer.status_code} {service:9} {user:14} {method:4} {short}  {told}", flush=True)
    return said


def drive(moment: str) -> None:
    """Let the business time come, in every service."""
    for service in SERVICES:
        ask(service, "administrator", "PUT", "/dev/clock", now=moment)


def revisit(of_round: int, **said: object) -> None:
    """Wait until the revisit of a round is planned, let its time come, and tell what the caller said."""
    while True:
        found = ask("followup", "revisit_agent", "GET", f"/work-orders/{ORDER}/revisits")
        if planned := [one for one in found["items"] if one["round"] == of_round]:
            break
        time.sleep(0.3)
    drive(planned[0]["due_at"])
    ask("followup", "revisit_agent", "POST", f"/revisits/{planned[0]['id']}/revisit", **said)


def handle(reply: str) -> None:
    """Handle a complaint as a department does: the investigation comes before the result (A92)."""
    ask("routing", "handler@roads", "POST", f"/work-orders/{ORDER}/sign")
    ask("routing", "handler@roads", "POST", f"/work-orders/{ORDER}/contact")
    ask("routing", "handler@roads", "POST", f"/work-orders/{ORDER}/resolve", reply=reply)  # 409: not investigated
    ask("routing", "handler@roads", "POST", f"/work-orders/{ORDER}/investigation", finding="属实。", evidence=[str(uuid4())])
    ask("routing", "call_taker", "POST", f"/work-orders/{ORDER}/department-contact", contact="王科长")
    ask("routing", "handler@roads", "POST", f"/work-orders/{ORDER}/resolve", reply=reply)


def standing(status: str) -> None:
    """Wait until the order stands so."""
    while ask("routing", "dispatcher", "GET", f"/work-orders/{ORDER}")["status"] != status:
        time.sleep(0.3)


ORDER = ""
CALL, REQUEST, PERSON = uuid4(), uuid4(), uuid4()

# What an office publishes once: a department, and the table of categories.
ask("routing", "administrator", "PUT", "/departments/roads", name_zh="市政道路管理处", name_en="Roads Department")
table = ask("routing", "administrator", "GET", "/category-table")
if all(one["code"] != "street_lighting" for one in table["categories"]):
    lighting = {"code": "street_lighting", "name_zh": "路灯照明", "name_en": "Street lighting", "parent": None}
    following = f"/category-table/{(table['version'] or 0) + 1}"
    ask("routing", "administrator", "PUT", following, categories=[*table["categories"], lighting])

# Somebody calls, and the call taker registers the matter after reading it back (A33).
ask("intake", "call_taker", "PUT", f"/calls/{CALL}", line="12345")
ask("intake", "call_taker", "POST", f"/calls/{CALL}/end", ended_by="caller")  # 409: not answered
ask("intake", "call_taker", "POST", f"/calls/{CALL}/answer", agent_id="agent-7")
ask("intake", "call_taker", "PUT", f"/persons/{PERSON}", name="王小明", phone="0552-3115678")
matter = {"channel": "phone", "request_type": "complaint", "title": "路灯不亮", "matter": "解放路口的路灯三天不亮。"}
ask(
    "intake", "call_taker", "PUT", f"/requests/{REQUEST}", **matter, requester_id=str(PERSON), call_id=str(CALL), read_back=True
)
ask("intake", "call_taker", "POST", f"/calls/{CALL}/end", ended_by="caller")
ask("intake", "call_taker", "POST", f"/calls/{CALL}/wrap-up", outcome="request_registered")

# Routing has opened an order meanwhile: the dispatcher classifies and transfers it, the department handles it.
ORDER = ask("routing", "dispatcher", "GET", f"/requests/{REQUEST}/work-order?wait=5")["work_order_id"]
ask("routing", "dispatcher", "POST", f"/work-orders/{ORDER}/transfer", department="roads")  # 409: not classified
ask("routing", "dispatcher", "POST", f"/work-orders/{ORDER}/classify", category="street_lighting")
ask("routing", "dispatcher", "POST", f"/work-orders/{ORDER}/transfer", department="roads")
handle("已更换灯泡。")

# The caller is revisited, is not satisfied, and the same department handles it again (A108).
revisit(1, solved=False, satisfied=False, reason="灯还是不亮。")
standing("transferred")
handle("已重新接线。")
revisit(2, solved=True, satisfied=True)
standing("closed")
ask("reporting", "oversight_officer", "GET", f"/timelines/{REQUEST}")
