"""What the hotline promises everybody: hours, connection, acceptance (A03, A04, A37); its commitments quote them (A156)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hotline_rules.deadlines import Span
from hotline_rules.schema import Count


class Channel(StrEnum):
    """How a matter comes in (A37)."""

    PHONE = "phone"
    WEB = "web"
    APP = "app"
    WECHAT = "wechat"
    SMS = "sms"
    EMAIL = "email"
    LETTER = "letter"
    FAX = "fax"
    WALK_IN = "walk_in"
    SOCIAL = "social"
    PARTNER = "partner"


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceRules:
    """How reachable the hotline is, and how soon it takes up what reaches it."""

    human_hours: Count  # hours a day in which a person answers
    connection_permille: Count  # A03: of the calls of a continuous day
    accept: Mapping[Channel, Span]  # how soon what came in is accepted; a channel that is not named has no figure
    accept_emergency: Span  # whatever the channel; an emergency waits for a dispatcher no longer (A74, A79)
    sign_ins_a_day: Count  # how often a department looks into its queue at the least
