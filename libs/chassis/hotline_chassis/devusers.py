"""The demo users of the development issuer: some of every role, and a name pattern for any department's people."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from hotline_chassis.roles import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoUser:
    """Someone who exists only in development; the display name is invented."""

    actor_id: str
    role: Role
    display: str
    department: str | None = None


def _user(name: str, role: Role, display: str) -> tuple[str, DemoUser]:
    return name, DemoUser(actor_id=f"demo-{name}", role=role, display=display)


DEMO_USERS: Final[Mapping[str, DemoUser]] = MappingProxyType(
    dict(
        [
            _user("call_taker", Role.CALL_TAKER, "话务员 王小云 Call taker"),
            _user("call_taker_2", Role.CALL_TAKER, "话务员 李晓晨 Call taker"),
            _user("shift_leader", Role.SHIFT_LEADER, "值班长 赵明 Shift leader"),
            _user("dispatcher", Role.DISPATCHER, "派单员 陈静 Dispatcher"),
            _user("revisit_agent", Role.REVISIT_AGENT, "回访员 刘洋 Revisit agent"),
            _user("inspector", Role.INSPECTOR, "质检员 孙丽 Inspector"),
            _user("oversight_officer", Role.OVERSIGHT_OFFICER, "督查员 周强 Oversight officer"),
            _user("administrator", Role.ADMINISTRATOR, "系统管理员 吴涛 Administrator"),
        ]
    )
)

_PATTERN: Final = re.compile(r"(handler|head|service)@([A-Za-z0-9][A-Za-z0-9_-]{0,63})")
_AT: Final = {
    "handler": (Role.DEPARTMENT_HANDLER, "承办部门经办人 Department handler"),
    "head": (Role.DEPARTMENT_HEAD, "承办部门负责人 Department head"),
    "service": (Role.SERVICE, "服务账号 Service account"),
}


def find_user(name: str) -> DemoUser | None:
    """Return a demo user by name; `handler@roads` and `head@roads` exist for every department code."""
    if name in DEMO_USERS:
        return DEMO_USERS[name]
    match = _PATTERN.fullmatch(name)
    if match is None:
        return None
    role, display = _AT[match[1]]
    department = None if role is Role.SERVICE else match[2]
    return DemoUser(actor_id=f"demo-{name}", role=role, display=display, department=department)
