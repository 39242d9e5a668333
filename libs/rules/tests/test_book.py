"""The book of packs: what is in force at a moment, and what a matter keeps."""

from datetime import date, datetime

import pytest

from hotline_rules.book import RuleBook
from hotline_rules.calendar import SHANGHAI, CalendarTable, DayKind, UnknownCalendarYearError
from hotline_rules.deadlines import LimitKind
from hotline_rules.documents import Document, documents_of
from hotline_rules.pack import RulePack, UnknownRulePackError, load_pack, parse_pack, read_documents

BEFORE, AFTER = datetime(2026, 3, 1, 23, 59, tzinfo=SHANGHAI), datetime(2026, 3, 2, tzinfo=SHANGHAI)
DAY = date(2026, 3, 2)


def town(version: int, rules: str = "") -> RulePack:
    head = f"extends: default\nnumber: town/{version}\ntitle: A town\neffective_from: 2026-03-02\nsources: [its own]\n"
    return parse_pack("town.yaml", (head + rules).encode())


def test_a_published_pack_takes_over_on_its_date_and_not_before() -> None:
    """A152, A162."""
    book = RuleBook(load_pack("default"))
    book.publish(town(1))
    assert (book.in_force(BEFORE).number, book.in_force(AFTER).number) == ("default/1", "town/1")
    book.publish(load_pack("bengbu"), effective_from=date(2026, 3, 3))
    assert book.in_force(AFTER).number == "town/1"
    later = book.in_force(datetime(2026, 3, 3, tzinfo=SHANGHAI))
    assert (later.number, later.effective_from) == ("bengbu/1", date(2026, 3, 3)), "the date that it was published for"


def test_of_two_packs_of_one_day_the_one_published_last_holds() -> None:
    book = RuleBook(load_pack("default"))
    for version in (3, 1, 2, 1):
        book.publish(town(version))
    assert book.in_force(AFTER).number == "town/2"
    assert [pack.number for pack in book.published] == ["town/3", "town/1", "town/2"]


def test_a_matter_keeps_the_pack_it_began_under() -> None:
    """A152."""
    book = RuleBook(load_pack("default"))
    book.publish(town(1, "limits:\n  any:\n    resolve: {working_days: 9}\n"))
    assert book.of("default/1").due_at(LimitKind.RESOLVE, AFTER) < book.of("town/1").due_at(LimitKind.RESOLVE, AFTER)
    assert (book.of(None).number, book.of("seeds/1").number) == ("default/1", "seeds/1")
    with pytest.raises(UnknownRulePackError):
        book.of("town/2")


def test_a_table_of_days_reaches_every_pack_those_published_before_and_after_it() -> None:
    book = RuleBook(load_pack("default"))
    book.publish(town(1))
    start = datetime(2031, 1, 1, 9, tzinfo=SHANGHAI)
    for number in ("default/1", "town/1", "bengbu/1"):
        with pytest.raises(UnknownCalendarYearError, match="2031"):
            book.of(number).due_at(LimitKind.SIGN, start)
    book.load_calendar(2031, CalendarTable(days={date(2031, 1, 2): DayKind.HOLIDAY}, complete_years=frozenset({2031})))
    book.publish(town(2))
    assert book.years == {2031}
    for number in ("default/1", "town/1", "town/2", "bengbu/1", "shandong_2020/1"):
        assert book.of(number).due_at(LimitKind.SIGN, start) == datetime(2031, 1, 4, tzinfo=SHANGHAI)


def test_a_corrected_calendar_replaces_the_one_before_it_in_every_pack() -> None:
    """A89: a day that the office takes back is no holiday for any deadline."""
    book = RuleBook(load_pack("default"))
    for days in ({date(2031, 1, 2): DayKind.HOLIDAY}, {}):
        book.load_calendar(2031, CalendarTable(days=days, complete_years=frozenset({2031})))
    book.publish(town(1))
    start = datetime(2031, 1, 1, 9, tzinfo=SHANGHAI)
    for number in ("default/1", "town/1", "bengbu/1"):
        assert book.of(number).due_at(LimitKind.SIGN, start) == datetime(2031, 1, 3, tzinfo=SHANGHAI)
    book.load_calendar(2032, CalendarTable(days={date(2032, 1, 2): DayKind.HOLIDAY}, complete_years=frozenset({2032})))
    assert not book.of("town/1").calendar.is_working_day(date(2032, 1, 2))
    assert book.of("town/1").calendar.is_working_day(date(2031, 1, 2))


def test_what_began_before_a_pack_was_published_keeps_what_was_in_force() -> None:
    """A152, A162: a pack may take effect today, but not for the hours of today that are past."""
    book = RuleBook(load_pack("default"))
    three = datetime(2026, 3, 2, 15, tzinfo=SHANGHAI)
    book.publish(town(1), published_at=three)
    assert book.in_force(three.replace(hour=9)).number == "default/1"
    assert (book.in_force(three).number, book.in_force(three.replace(hour=16)).number) == ("town/1", "town/1")
    book.publish(town(2), published_at=three.replace(hour=17))
    assert book.in_force(three.replace(hour=16)).number == "town/1"
    assert book.in_force(three.replace(hour=17)).number == "town/2"


def test_a_pack_that_travelled_with_what_it_extends_is_the_same_pack() -> None:
    """A152: its hash proves it."""
    text = b"extends: default\nnumber: town/1\ntitle: A town\neffective_from: 2026-03-02\nsources: [its own]\n"
    documents = documents_of(Document(name="town.yaml", content=text))
    assert [document.name for document in documents] == ["town.yaml", "default.yaml"]
    assert read_documents(documents).sha256 == town(1).sha256
    other = Document(name="default.yaml", content=documents[1].content.replace(b"ring_limit: 3", b"ring_limit: 4"))
    assert read_documents([documents[0], other]).calls.ring_limit == 4
    assert read_documents([documents[0], other]).sha256 != town(1).sha256


def test_the_figures_of_a_pack_are_named_by_their_path() -> None:
    figures = load_pack("bengbu").figures
    assert (figures["limits.by_channel.web.resolve.working_days"], figures["calls.ring_limit"]) == ("3", "3")
    assert figures["transfers.hunt"] == "office; mobile; residence; other_department"
    assert figures["duty.weekday_shifts"].startswith("name day, start 08:30, end 17:30; ")
    assert not any(rule.startswith(("number", "title", "sources", "effective_from")) for rule in figures)


def test_a_figure_is_quoted_by_the_path_of_its_rule() -> None:
    pack = load_pack("bengbu")
    assert pack.figure("limits.any.resolve") == "5 working_days"
    assert pack.figure("limits.by_channel.web.resolve") == "3 working_days"
    assert (pack.figure("calls.ring_limit"), pack.figure("calls.nothing")) == ("3", None)
