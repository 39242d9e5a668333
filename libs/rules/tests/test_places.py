"""The figures that distinguish the shipped packs, each against its source (A152; the limits by place, F.5 and F.6)."""

from datetime import UTC, datetime

import pytest

from hotline_rules.calendar import SHANGHAI
from hotline_rules.deadlines import LimitKind, LimitUnit, Span
from hotline_rules.documents import shipped_packs
from hotline_rules.limits import RequestType
from hotline_rules.pack import RulePack, load_pack
from hotline_rules.sections.orders import AnswerClass, FallbackOwner, NonAcceptance, SupervisionCause
from hotline_rules.sections.revisits import RevisitStart
from hotline_rules.sections.service import Channel

DEFAULT, SHANDONG, BEIJING, BENGBU, SEEDS = (
    load_pack(name) for name in ("default", "shandong_2020", "beijing_draft", "bengbu", "seeds")
)
FRIDAY_MORNING = datetime(2021, 4, 2, 9, tzinfo=SHANGHAI)  # before Tomb-Sweeping Day: three days off, Tuesday works


def minutes(amount: int) -> Span:
    return Span(amount=amount, unit=LimitUnit.MINUTES)


def hours(amount: int) -> Span:
    return Span(amount=amount, unit=LimitUnit.HOURS)


def days(amount: int) -> Span:
    return Span(amount=amount, unit=LimitUnit.CALENDAR_DAYS)


def working(amount: int) -> Span:
    return Span(amount=amount, unit=LimitUnit.WORKING_DAYS)


def shanghai(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2021, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def test_five_packs_are_shipped_and_one_for_the_replay() -> None:
    assert set(shipped_packs()) >= {"default", "shandong_2020", "beijing_draft", "bengbu", "seeds", "san_francisco"}


def test_the_default_pack_connects_as_the_national_standard_asks() -> None:
    """GB/T 33358 (F.1): 15 s, 95 % over 24 hours, media in 3 minutes, mailboxes in 24 hours, no menu."""
    service = DEFAULT.service
    assert (DEFAULT.calls.answer_seconds, service.connection_permille, service.human_hours) == (15, 950, 24)
    assert (service.accept[Channel.SMS], service.accept[Channel.EMAIL]) == (minutes(3), hours(24))
    assert not DEFAULT.calls.keep_telephone_menu


def test_shandong_returns_in_two_working_days_and_resolves_in_five() -> None:
    """F.6, Shandong 2020: return 2 working days, handling 5, extension of at most 10, a person 24 hours a day."""
    assert (SHANDONG.limit(LimitKind.RETURN), SHANDONG.limit(LimitKind.RESOLVE)) == (working(2), working(5))
    assert (SHANDONG.orders.extension.longest, SHANDONG.service.human_hours) == (working(10), 24)
    assert SHANDONG.due_at(LimitKind.RETURN, FRIDAY_MORNING) == shanghai(4, 8)
    assert SHANDONG.due_at(LimitKind.RESOLVE, FRIDAY_MORNING) == shanghai(4, 13)


def test_shandong_deals_cards_a_day_before_and_after_and_supervises_what_is_overdue() -> None:
    """F.6, Shandong 2017: yellow -1 working day, red +1; supervised when overdue or when the caller is dissatisfied."""
    urging = SHANDONG.orders.urging
    assert (urging.yellow_card_before, urging.red_card_after) == (working(1), working(1))
    assert (urging.supervise_at_urge, DEFAULT.orders.urging.supervise_at_urge) == (1, 2)
    assert urging.supervise_when == (SupervisionCause.DISSATISFIED, SupervisionCause.DISSATISFIED_AFTER_REWORK)
    assert (SHANDONG.orders.extension.times, DEFAULT.orders.extension.times) == (2, 1)


@pytest.mark.parametrize(
    ("answer_class", "due"),
    [
        (AnswerClass.IMMEDIATE, shanghai(4, 2, 11)),
        (AnswerClass.SAME_DAY, shanghai(4, 3, 9)),
        (AnswerClass.TWO_DAYS, shanghai(4, 10)),
        (AnswerClass.WEEK, shanghai(4, 18)),
    ],
)
def test_beijing_has_four_classes_and_counts_every_day(answer_class: AnswerClass, due: datetime) -> None:
    """F.5, Beijing draft: 2 hours, 24 hours, 7 days, 15 days."""
    assert BEIJING.answer_by(answer_class, FRIDAY_MORNING) == due


def test_beijing_answers_in_fifteen_seconds_and_falls_back_on_the_district() -> None:
    """F.5, Beijing draft: 15 s, 95 % over 24 hours, web accepted in 2 hours, unclear ownership to the district."""
    assert (BEIJING.calls.answer_seconds, BEIJING.service.connection_permille) == (15, 950)
    assert (BEIJING.service.accept[Channel.WEB], DEFAULT.service.accept[Channel.WEB]) == (hours(2), hours(24))
    assert (BEIJING.orders.fallback, DEFAULT.orders.fallback) == (FallbackOwner.DISTRICT, FallbackOwner.OFFICE)
    assert BEIJING.limit(LimitKind.RESOLVE) == days(7)
    assert BEIJING.limit(LimitKind.RESOLVE, RequestType.EMERGENCY_REPAIR) == hours(2)
    assert BEIJING.limit(LimitKind.RESOLVE, RequestType.REPAIR) == hours(24)


@pytest.mark.parametrize(
    ("pack", "starts"),
    [
        (DEFAULT, shanghai(4, 6, 9)),
        (BEIJING, shanghai(4, 10)),
        (SEEDS, shanghai(4, 2, 9)),
    ],
)
def test_the_clock_of_the_revisit_starts_where_the_place_says(pack: RulePack, starts: datetime) -> None:
    """From the result; Beijing from the limit's end (F.5); the source documents from acceptance (S1:51)."""
    assert starts == pack.revisit_starts_at(
        reported_at=shanghai(4, 6, 9), registered_at=shanghai(4, 2, 9), resolve_due_at=shanghai(4, 10)
    )


def test_a_result_reported_after_the_limit_is_asked_about_from_then() -> None:
    """F.5, Beijing draft."""
    late = shanghai(4, 20)
    assert BEIJING.revisit.starts is RevisitStart.LIMIT
    assert late == BEIJING.revisit_starts_at(reported_at=late, registered_at=shanghai(4, 2), resolve_due_at=shanghai(4, 10))


def test_bengbu_signs_in_a_day_and_handles_what_came_over_the_web_sooner() -> None:
    """F.6, Bengbu: sign 1 working day, look in twice a day, orders of the telephone 5 working days, of the web 3."""
    assert (BENGBU.limit(LimitKind.SIGN), BENGBU.service.sign_ins_a_day) == (working(1), 2)
    assert BENGBU.limit(LimitKind.RESOLVE, RequestType.HELP, Channel.PHONE) == working(5)
    assert BENGBU.limit(LimitKind.RESOLVE, RequestType.HELP, Channel.WEB) == working(3)
    assert BENGBU.limit(LimitKind.RESOLVE, channel=Channel.EMAIL) == working(3)
    assert BENGBU.due_at(LimitKind.RESOLVE, FRIDAY_MORNING, channel=Channel.WEB) == shanghai(4, 9)


def test_bengbu_takes_up_a_call_in_twenty_minutes_and_an_emergency_in_ten() -> None:
    """F.6, Bengbu."""
    assert (BENGBU.service.accept[Channel.PHONE], BENGBU.service.accept_emergency) == (minutes(20), minutes(10))
    assert BENGBU.orders.emergency.acknowledge == minutes(10)


def test_the_source_documents_ring_three_times_and_connect_every_call() -> None:
    """S0:35, S1:41, S3:352, S1:107, S0:49, S3:129."""
    calls = SEEDS.calls
    assert (calls.ring_limit, calls.extension_ring_limit, SEEDS.service.connection_permille) == (3, 5, 1000)
    assert (calls.talk_notice_seconds, calls.talk_action_seconds, calls.keep_telephone_menu) == (180, 300, True)


@pytest.mark.parametrize(
    ("answer_class", "due"),
    [
        (AnswerClass.IMMEDIATE, shanghai(4, 2, 9, 5)),
        (AnswerClass.SAME_DAY, shanghai(4, 3)),
        (AnswerClass.TWO_DAYS, shanghai(4, 4)),
        (AnswerClass.WEEK, shanghai(4, 9)),
    ],
)
def test_the_source_documents_finish_the_day_s_work_in_the_day(answer_class: AnswerClass, due: datetime) -> None:
    """S0:59-62: at once, the day itself, two days, the week."""
    assert SEEDS.answer_by(answer_class, FRIDAY_MORNING) == due


def test_the_same_day_is_a_whole_day_by_default_and_the_calendar_s_in_the_source_documents() -> None:
    """A86, S0:59, F.5: what comes at ten to midnight has until tomorrow's ten to midnight, or ten minutes."""
    late = datetime(2021, 4, 2, 23, 50, tzinfo=SHANGHAI)
    assert DEFAULT.answer_by(AnswerClass.SAME_DAY, late) == shanghai(4, 3, 23, 50)
    assert SEEDS.answer_by(AnswerClass.SAME_DAY, late) == shanghai(4, 3)


@pytest.mark.parametrize("pack", [DEFAULT, SHANDONG, BEIJING, BENGBU, SEEDS])
def test_every_ground_of_not_accepting_a_matter_has_a_basis_to_tell(pack: RulePack) -> None:
    """A66, F.8: litigation, arbitration, discipline, review, disclosure, petition, state, trade and private secrets, morals,
    emergency lines, other jurisdictions, party, congress, court, procuratorate and military, and what was handled already.
    """
    assert set(pack.orders.non_acceptance) == set(NonAcceptance) == set(pack.recording.bases)
    told = " ".join(script.zh for script in pack.recording.bases.values())
    for word in ("诉讼", "仲裁", "纪检", "复议", "公开", "信访", "国家秘密", "商业秘密", "隐私", "公序良俗", "110", "军队"):
        assert word in told


def test_the_source_documents_revisit_everybody_within_three_working_days_and_never_at_night() -> None:
    """S1:51, S1:157; until the caller is satisfied (S0:53)."""
    assert SEEDS.limit(LimitKind.REVISIT) == working(3)
    assert SEEDS.quiet_hours.contains(shanghai(4, 2, 22))
    assert not SEEDS.quiet_hours.contains(shanghai(4, 2, 8))
    assert set(SEEDS.revisit.sampled_permille.values()) == {1000}
    assert SEEDS.redress.rework_rounds > DEFAULT.redress.rework_rounds
