"""What the rulebook did: which events say that a clock ran out, a card was shown, an order came back. Counting is elsewhere."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One thing that a rule did, told by events of one name, or of several; `of` narrows them to one limit, card or cause."""

    code: str
    name_zh: str
    name_en: str
    events: tuple[str, ...]
    of: str | None = None
    rule: str


def _order(code: str, zh: str, en: str, said: str, rule: str, *, of: str | None = None) -> Measure:
    events = tuple(f"routing.work_order.{word}" for word in said.split())
    return Measure(code=code, name_zh=zh, name_en=en, events=events, of=of, rule=rule)


def _revisit(code: str, zh: str, en: str, event: str, rule: str, *, of: str | None = None) -> Measure:
    return Measure(code=code, name_zh=zh, name_en=en, events=(f"followup.revisit.{event}",), of=of, rule=rule)


MEASURES: Final = (
    _order("clocks_started", "起算时限的派单", "Dispatches whose clocks started", "transferred reopened", "A89"),
    _order("sign_passed", "签收超时", "Sign limits passed", "limit_passed", "A89", of="sign"),
    _order("return_passed", "退单时限已过", "Return limits passed", "limit_passed", "A89", of="return"),
    _order("contact_passed", "首次联系超时", "Contact limits passed", "limit_passed", "A89", of="contact"),
    _order("resolve_passed", "办理超时", "Resolve limits passed", "limit_passed", "A89", of="resolve"),
    _order("reminders", "到期提醒", "Reminders", "reminded", "A89"),
    _order("yellow_cards", "黄牌", "Yellow cards", "card_shown", "A89", of="yellow"),
    _order("urges", "催办", "Urges", "urged", "A90"),
    _order("red_cards", "红牌", "Red cards", "card_shown", "A89", of="red"),
    _order("supervisions", "督办", "Supervisions", "supervision_opened", "A91"),
    _order("criticisms", "通报批评", "Notices of criticism", "criticism_marked", "A90"),
    _order("returns", "退单", "Returns", "returned", "A72"),
    _order("arbitrations", "争议裁定", "Arbitrations", "arbitration_opened", "A72"),
    _order("extensions", "延期", "Extensions granted", "extension_granted", "A89"),
    _revisit("revisits_owed", "应回访", "Revisits owed", "scheduled", "A100"),
    _revisit(
        "revisits_deferred", "因静默时段顺延的回访", "Revisits put off by quiet hours", "deferred", "A101", of="quiet_hours"
    ),
    _revisit("revisits_passed", "回访超时", "Revisit limits passed", "limit_passed", "A100"),
    _revisit("reworks", "重办", "Reworks", "rework_ordered", "A108"),
    Measure(
        code="emergencies",
        name_zh="险情",
        name_en="Emergencies",
        events=("routing.emergency.declared",),
        rule="A79",
    ),
)
EVENTS: Final = tuple(sorted({event for measure in MEASURES for event in measure.events}))
