"""Break-glass, disclosures, exports and the directory, as sentences."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from hotline_events.catalogue.intake.break_glass import (
    BreakGlassLapsed,
    BreakGlassOpened,
    BreakGlassRatified,
    BreakGlassRejected,
)
from hotline_events.catalogue.intake.directory import (
    DirectoryEntry,
    DirectoryLookupDenied,
    DirectoryPublished,
    DirectoryTier,
    DirectoryWentStale,
)
from hotline_events.catalogue.intake.disclosure import DisclosureMade, DisclosureRefusal, DisclosureRefused
from hotline_events.catalogue.intake.export import ExportApproved, ExportAskedFor, ExportFetched, ExportRejected
from hotline_events.testing import NOON, given
from hotline_rules.pack import load_pack
from intake.domain import break_glass, directory, disclosure, export
from intake.domain.person import Fact

GLASS, PERSON, REQUEST = (UUID(int=n) for n in range(1, 4))
RULES = load_pack("default")
DAY = timedelta(days=1)
THREE_DAYS = RULES.after(RULES.privacy.ratify_break_glass, NOON)
MINE = break_glass.Standing(department="roads", accused=False, handles=True)


def open_glass(**changes: Any) -> break_glass.OpenBreakGlass:
    command = break_glass.OpenBreakGlass(
        break_glass_id=GLASS,
        person_id=PERSON,
        request_id=REQUEST,
        fields=[Fact.PHONE, Fact.ADDRESS],
        reason=break_glass.Reason.DANGER_TO_LIFE,
        by="handler-3",
        standing=MINE,
        rules=RULES,
        now=NOON,
    )
    return replace(command, **changes)


(OPENED,) = given(break_glass.decider).when(open_glass()).events
RATIFIED = BreakGlassRatified(break_glass_id=GLASS, ratified_by="head-1", occurred_at=NOON)
REJECTED = BreakGlassRejected(break_glass_id=GLASS, rejected_by="head-1", occurred_at=NOON)
LAPSED = BreakGlassLapsed(break_glass_id=GLASS, occurred_at=THREE_DAYS)


def ratify(by: str = "head-1", *, bound_to: str | None = None, now: datetime = NOON) -> break_glass.RatifyBreakGlass:
    return break_glass.RatifyBreakGlass(by=by, bound_to=bound_to, now=now)


def test_a_broken_glass_is_ratified_within_three_days_by_a_second_person() -> None:
    """A130."""
    assert isinstance(OPENED, BreakGlassOpened)
    assert (OPENED.ratify_by, OPENED.opened_for, OPENED.fields) == (THREE_DAYS, "roads", ("address", "phone"))
    glass = given(break_glass.decider, OPENED)
    glass.when(ratify()).then(RATIFIED)
    glass.when(ratify("handler-3")).then_rejected(break_glass.SecondPersonError)
    glass.when(ratify(now=THREE_DAYS)).then_rejected(break_glass.BreakGlassDecidedError)
    given(break_glass.decider, OPENED, RATIFIED).when(ratify()).then_nothing()
    given(break_glass.decider).when(ratify()).then_rejected(break_glass.BreakGlassUnknownError)


def test_a_head_ratifies_for_their_own_department_only() -> None:
    """A130: of another department's reading they learn nothing."""
    given(break_glass.decider, OPENED).when(ratify(bound_to="roads")).then(RATIFIED)
    given(break_glass.decider, OPENED).when(ratify(bound_to="parks")).then_rejected(break_glass.BreakGlassUnknownError)


def test_a_glass_that_nobody_ratified_lapses_and_stays_flagged() -> None:
    """A130: by its timer, whenever that is processed; a decided one does not lapse."""
    (timer,) = break_glass.timers(OPENED)
    assert timer.due_at == THREE_DAYS
    reaction = break_glass.on_timer(timer)
    assert reaction.aggregate_id == GLASS
    given(break_glass.decider, OPENED).when(reaction.command).then(LAPSED)
    for decided in (RATIFIED, REJECTED, LAPSED):
        given(break_glass.decider, OPENED, decided).when(reaction.command).then_nothing()
    assert break_glass.timers(RATIFIED) == ()


def test_an_unfounded_reading_is_rejected_and_its_right_ends() -> None:
    """A130, A144."""
    reject = break_glass.RejectBreakGlass(by="head-1", bound_to=None, now=NOON)
    given(break_glass.decider, OPENED).when(reject).then(REJECTED)
    given(break_glass.decider, OPENED, REJECTED).when(reject).then_nothing()
    given(break_glass.decider, OPENED, RATIFIED).when(reject).then_rejected(break_glass.BreakGlassDecidedError)
    given(break_glass.decider, OPENED, REJECTED).when(open_glass()).then_nothing()


@pytest.mark.parametrize(
    ("standing", "refusal"),
    [
        (replace(MINE, accused=True), break_glass.AccusedUnitError),
        (replace(MINE, handles=False), break_glass.NotYourOrderError),
    ],
)
def test_the_accused_unit_and_one_that_does_not_handle_the_matter_meet_a_matter_that_is_not_there(
    standing: break_glass.Standing, refusal: type[break_glass.AccusedUnitError]
) -> None:
    """A29, A144."""
    given(break_glass.decider).when(open_glass(standing=standing)).then_rejected(refusal)
    assert (refusal.code, refusal.status) == ("not_found", 404)
    with pytest.raises(refusal):
        break_glass.require_right_to_read(break_glass.decider.fold([OPENED]), "handler-3", standing, NOON)


def test_the_right_to_read_is_ones_own_and_ends() -> None:
    """A130: with the rejection, and in any case after three days."""
    glass = break_glass.decider.fold([OPENED])
    break_glass.require_right_to_read(glass, "handler-3", MINE, NOON + DAY)
    break_glass.require_right_to_read(break_glass.decider.fold([OPENED, RATIFIED]), "handler-3", MINE, NOON)
    with pytest.raises(break_glass.BreakGlassUnknownError):
        break_glass.require_right_to_read(glass, "handler-4", MINE, NOON)
    for over, now in ((glass, THREE_DAYS), (break_glass.decider.fold([OPENED, REJECTED]), NOON)):
        with pytest.raises(break_glass.BreakGlassOverError):
            break_glass.require_right_to_read(over, "handler-3", MINE, now)


def disclosing(asked_by: disclosure.AskedBy, identity: disclosure.Identity) -> disclosure.AskForDisclosure:
    return disclosure.AskForDisclosure(
        disclosure_id=GLASS,
        request_id=REQUEST,
        call_id=None,
        asked_by=asked_by,
        identity=identity,
        today=NOON - timedelta(hours=12),
        most=2,
        decided_by="agent-7",
        now=NOON,
    )


@pytest.mark.parametrize(
    ("asked_by", "identity", "reason"),
    [
        ("third_party", "agrees", DisclosureRefusal.THIRD_PARTY),
        ("accused", "agrees", DisclosureRefusal.ACCUSED),
        ("requester", "differs", DisclosureRefusal.IDENTITY_MISMATCH),
        ("requester", "unknown", DisclosureRefusal.IDENTITY_UNKNOWN),
    ],
)
def test_nobody_but_the_requester_whose_identity_agrees_is_told_and_the_mismatch_is_recorded(
    asked_by: str, identity: str, reason: DisclosureRefusal
) -> None:
    """A148."""
    command = disclosing(disclosure.AskedBy(asked_by), disclosure.Identity(identity))
    (refused,) = given(disclosure.decider).when(command).events
    assert isinstance(refused, DisclosureRefused)
    assert refused.reason is reason


def test_guesses_end_when_as_many_differed_today_as_the_rules_allow() -> None:
    """A148: counted where it is decided; another day has its own, and who asks for somebody else hears that first."""
    wrong = disclosing(disclosure.AskedBy.REQUESTER, disclosure.Identity.DIFFERS)
    right = replace(wrong, identity=disclosure.Identity.AGREES)
    history: list[object] = []
    for reason in (DisclosureRefusal.IDENTITY_MISMATCH,) * 2 + (DisclosureRefusal.TOO_MANY_MISMATCHES,) * 2:
        (refused,) = given(disclosure.decider, *history).when(wrong).events
        assert refused.reason is reason
        history.append(refused)
    assert given(disclosure.decider, *history).when(right).events[0].reason is DisclosureRefusal.TOO_MANY_MISMATCHES
    other = replace(right, asked_by=disclosure.AskedBy.ACCUSED)
    assert given(disclosure.decider, *history).when(other).events[0].reason is DisclosureRefusal.ACCUSED
    tomorrow = replace(right, today=NOON + timedelta(hours=12), now=NOON + timedelta(days=1))
    assert isinstance(given(disclosure.decider, *history).when(tomorrow).events[0], DisclosureMade)


def test_the_requester_whose_identity_agrees_is_told() -> None:
    """A148."""
    (made,) = given(disclosure.decider).when(disclosing(disclosure.AskedBy.REQUESTER, disclosure.Identity.AGREES)).events
    assert isinstance(made, DisclosureMade)


@pytest.mark.parametrize(
    ("claims", "kept", "identity"),
    [
        ({"name": "张三", "phone": "0552 311-5678"}, {"name": "张三", "phone": "0552-3115678"}, "agrees"),
        ({"name": "张三", "phone": "0552-3115679"}, {"name": "张三", "phone": "0552-3115678"}, "differs"),
        ({"name": "张三"}, {"name": "张三"}, "unknown"),
        ({"name": "张三", "address": "解放路"}, {"name": "张三"}, "unknown"),
        ({}, {}, "unknown"),
    ],
)
def test_what_a_caller_claims_is_compared_with_what_is_kept(
    claims: dict[str, str], kept: dict[str, str], identity: str
) -> None:
    """A148: two facts at least, however they are written."""
    assert disclosure.compare(claims, kept, enough=RULES.privacy.disclosure_facts) == identity


def ask_export(by: str = "inspector-1", *, end: datetime = NOON) -> export.AskForExport:
    return export.AskForExport(
        export_id=GLASS,
        start=NOON - DAY,
        end=end,
        purpose=export.Purpose.STATISTICS,
        by=by,
        rules=RULES,
        now=NOON,
    )


(ASKED,) = given(export.decider).when(ask_export()).events
(APPROVED,) = given(export.decider, ASKED).when(export.ApproveExport(by="officer-1", rules=RULES, now=NOON)).events
NOT_ALLOWED = ExportRejected(export_id=GLASS, rejected_by="officer-1", occurred_at=NOON)


def fetch(by: str = "inspector-1", *, rows: int = 3, now: datetime = NOON) -> export.FetchExport:
    return export.FetchExport(rows=rows, most=RULES.privacy.export_rows, watermark="mark", by=by, now=now)


def test_an_export_leaves_only_after_a_second_person_has_agreed_and_only_for_a_while() -> None:
    """A146."""
    assert isinstance(ASKED, ExportAskedFor)
    assert isinstance(APPROVED, ExportApproved)
    assert APPROVED.valid_until == NOON + DAY
    taken = ExportFetched(export_id=GLASS, rows=3, watermark="mark", fetched_by="inspector-1", occurred_at=NOON)
    approved = given(export.decider, ASKED, APPROVED)
    approved.when(fetch()).then(taken)
    given(export.decider, ASKED, APPROVED, taken).when(fetch()).then(taken)
    approved.when(fetch(now=NOON + DAY)).then_rejected(export.ExportOverError)
    approved.when(fetch("inspector-2")).then_rejected(export.NotYourExportError)
    approved.when(fetch(rows=RULES.privacy.export_rows + 1)).then_rejected(export.ExportTooLargeError)
    given(export.decider, ASKED).when(fetch()).then_rejected(export.ExportNotApprovedError)
    given(export.decider).when(fetch()).then_rejected(export.ExportUnknownError)
    assert export.ExportNotApprovedError().missing == "export.approved"


def test_nobody_approves_their_own_export() -> None:
    """A146."""
    own = export.ApproveExport(by="inspector-1", rules=RULES, now=NOON)
    given(export.decider, ASKED).when(own).then_rejected(export.SecondPersonError)
    given(export.decider, ASKED).when(export.RejectExport(by="inspector-1", now=NOON)).then_rejected(export.SecondPersonError)
    given(export.decider, ASKED, APPROVED).when(replace(own, by="officer-2")).then_nothing()


def test_an_export_is_refused_or_an_approval_taken_back_while_it_lasts() -> None:
    """A146."""
    reject = export.RejectExport(by="officer-1", now=NOON)
    for history in ([ASKED], [ASKED, APPROVED]):
        given(export.decider, *history).when(reject).then(NOT_ALLOWED)
    given(export.decider, ASKED, APPROVED).when(replace(reject, now=NOON + DAY)).then_rejected(export.ExportOverError)
    given(export.decider, ASKED, NOT_ALLOWED).when(reject).then_nothing()
    given(export.decider, ASKED, NOT_ALLOWED).when(fetch()).then_rejected(export.ExportRejectedError)
    approve = export.ApproveExport(by="officer-2", rules=RULES, now=NOON)
    given(export.decider, ASKED, NOT_ALLOWED).when(approve).then_rejected(export.ExportRejectedError)


def test_an_export_covers_a_span_and_is_asked_for_once() -> None:
    """A146."""
    given(export.decider).when(ask_export(end=NOON - DAY)).then_rejected(export.EmptySpanError)
    given(export.decider, ASKED).when(ask_export()).then_nothing()


def entry(code: str, tier: str = "published", number: str | None = "0552-3115678", **more: Any) -> DirectoryEntry:
    return DirectoryEntry(
        code=code, name_zh=code, name_en=code, group="duty_rooms", tier=DirectoryTier(tier), number=number, **more
    )


def publish(version: int, *entries: DirectoryEntry) -> directory.PublishDirectory:
    return directory.PublishDirectory(directory_version=version, entries=entries, published_by="admin", rules=RULES, now=NOON)


ENTRIES = (entry("duty", speed_dial=1), entry("chief", "leader", None), entry("mobile", "staff_mobile", None))
(PUBLISHED,) = given(directory.decider).when(publish(1, *ENTRIES)).events


def test_the_directory_is_published_whole_version_after_version() -> None:
    """A149, A159."""
    assert isinstance(PUBLISHED, DirectoryPublished)
    assert PUBLISHED.stale_at == RULES.after(RULES.privacy.directory_stale, NOON)
    given(directory.decider, PUBLISHED).when(publish(1, *ENTRIES)).then_nothing()
    for version in (1, 3):
        changed = publish(version, *ENTRIES[:1])
        given(directory.decider, PUBLISHED).when(changed).then_rejected(directory.DirectoryVersionError)
    for twice in (entry("duty"), entry("other", speed_dial=1)):
        given(directory.decider).when(publish(1, ENTRIES[0], twice)).then_rejected(directory.DuplicateEntryError)


def test_a_directory_that_nobody_renewed_for_a_month_goes_stale() -> None:
    """A149: the alarm of a version that was replaced says nothing."""
    (timer,) = directory.timers(PUBLISHED)
    command = directory.on_timer(timer).command
    stale = DirectoryWentStale(directory_version=1, occurred_at=timer.due_at)
    given(directory.decider, PUBLISHED).when(command).then(stale)
    given(directory.decider, PUBLISHED, stale).when(command).then_nothing()
    (renewed,) = given(directory.decider, PUBLISHED, stale).when(publish(2, *ENTRIES)).events
    given(directory.decider, PUBLISHED, stale, renewed).when(command).then_nothing()


@pytest.mark.parametrize("tier", ["staff_mobile", "manager_desk", "leader"])
def test_a_number_that_is_told_to_nobody_is_neither_kept_nor_told(tier: str) -> None:
    """A147: asking for it is on record."""
    kept = publish(1, entry("someone", tier))
    given(directory.decider).when(kept).then_rejected(directory.NumberInDirectoryError)
    published = replace(PUBLISHED, entries=(entry("someone", tier, None), ENTRIES[0]))
    ask = directory.LookUpNumber(code="someone", asked_by="agent-7", now=NOON)
    denied = DirectoryLookupDenied(code="someone", tier=DirectoryTier(tier), asked_by="agent-7", occurred_at=NOON)
    given(directory.decider, published).when(ask).then(denied)
    given(directory.decider, published).when(replace(ask, code="duty")).then_nothing()
    given(directory.decider, published).when(replace(ask, code="nobody")).then_rejected(directory.EntryUnknownError)
