"""Mappings, rows and codes: what a file means, what is refused, and where a refusal says to look."""

import gzip
import re
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from hotline_cli.replay.codes import code_of, codes_of
from hotline_cli.replay.mapping import AnyMapping, MappingError, read_mapping
from hotline_cli.replay.matters import CallMatter, Reading, RequestMatter, read_file
from hotline_cli.replay.rows import FileError
from hotline_cli.replay.steps import Script, Step
from hotline_cli.replay.tables import codes_for, scopes_for

MAPPING = b"""\
name: small
kind: requests
title: Small
timezone: America/New_York
key: id
unused: [note]
record:
  channel: {column: how, values: {Phone: phone, Web: web}}
  request_type: {column: what, patterns: [{match: 'thank', value: praise}], default: help}
  title: {columns: [what, where], separator: " / "}
  matter: {column: what}
  category: {column: what}
  place: {column: where, absent: [nowhere]}
department: {column: who}
times:
  registered: {column: opened}
  signed: {column: closed}
  contacted: {column: reached, if_possible: yes}
  resolved: {column: closed}
reply: {column: reply, default: none}
revisit:
  solved: {column: reply, patterns: [{match: done, value: yes}], default: unknown}
  satisfied: {column: reply, patterns: [{match: done, value: yes}], default: unknown}
  reason: {column: reply, default: none}
"""
HEADER = "id,how,what,where,who,opened,closed,reached,reply,note"
ROW = "1,Phone,Holes,Main St,Roads,2016-07-13 15:11:07+00:00,2016-07-14 12:00:00+00:00,2016-07-14 09:00:00+00:00,done,x"
CALLS = (Path(__file__).parents[1] / "hotline_cli/mappings/anonbank_calls.yaml").read_bytes()


def _mapping(document: bytes = MAPPING) -> AnyMapping:
    return read_mapping("small.yaml", document)


def _read(tmp_path: Path, *rows: str, header: str = HEADER, limit: int | None = None) -> Reading:
    file = tmp_path / "rows.csv"
    file.write_text("\n".join([header, *rows]) + "\n")
    return read_file(file, _mapping(), limit=limit)


def _reasons(reading: Reading) -> list[tuple[int, str, str]]:
    return [(row.line, row.column, row.reason) for row in reading.rejected]


def _acts(reading: Reading) -> list[Step]:
    script = Script(mapping="small", codes=codes_for(reading.matters))
    return [step for matter in reading.matters for step in script.steps(matter)]


def test_a_row_becomes_the_record_that_the_mapping_declares(tmp_path: Path) -> None:
    (matter,) = _read(tmp_path, ROW).matters
    assert isinstance(matter, RequestMatter)
    assert matter.record == {
        "channel": "phone",
        "request_type": "help",
        "title": "Holes / Main St",
        "matter": "Holes",
        "category": "Holes",
        "place": "Main St",
    }
    assert matter.told is not None
    assert (matter.department, matter.told.solved, matter.reply) == ("Roads", True, "done")
    assert matter.registered_at == datetime(2016, 7, 13, 15, 11, 7, tzinfo=UTC)


def test_a_time_without_a_zone_is_of_the_mappings_zone(tmp_path: Path) -> None:
    (matter,) = _read(tmp_path, ROW.replace("2016-07-13 15:11:07+00:00", "2016-07-13 15:11:07")).matters
    assert isinstance(matter, RequestMatter)
    assert matter.registered_at == datetime(2016, 7, 13, 19, 11, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "column", "reason"),
    [
        (("1,", ","), "id", "a missing id"),
        (("2016-07-13", "2016-13-13"), "opened", "a broken date"),
        (("2016-07-13", "1916-07-13"), "opened", "a time before 1970 or in the future"),
        (("2016-07-13 15:11:07+00:00", ""), "opened", "a required value is empty"),
        (("2016-07-14 12", "2016-07-12 12"), "closed", "closed before it was opened"),
        (("Phone", "Pigeon"), "how", "a value that the mapping does not know, and no default"),
        (("Roads", ""), "who", "a required value is empty"),
        (("Roads", "R" * 121), "who", "a text longer than the hotline keeps, and no longest"),
        (("Holes", "H" * 121), "what", "a text longer than the hotline keeps, and no longest"),
        ((",x", ",x,y"), "", "another number of cells than the header"),
    ],
)
def test_a_row_that_cannot_be_right_is_named_and_the_rest_goes_on(
    tmp_path: Path, change: tuple[str, str], column: str, reason: str
) -> None:
    reading = _read(tmp_path, ROW.replace(*change, 1), ROW.replace("1,", "2,", 1))
    assert _reasons(reading) == [(2, column, reason)]
    assert [matter.key for matter in reading.matters] == ["2"]


def test_a_repeated_row_counts_once_and_a_repeated_id_with_other_content_is_refused(tmp_path: Path) -> None:
    reading = _read(tmp_path, ROW, ROW, ROW.replace("Holes", "Trees"))
    assert (len(reading.matters), reading.counts["repeated"], reading.counts["read"]) == (1, 1, 3)
    assert _reasons(reading) == [(4, "id", "a repeated id with other content")]


def test_a_contact_outside_the_matters_life_is_left_out_where_the_mapping_says_so(tmp_path: Path) -> None:
    (matter,) = _read(tmp_path, ROW.replace("2016-07-14 09", "2016-07-15 09")).matters
    assert isinstance(matter, RequestMatter)
    assert matter.contacted_at is None


def test_a_reference_that_the_hotline_cannot_keep_is_named_before_anything_is_sent(tmp_path: Path) -> None:
    document = MAPPING.replace(b"  place:", b"  source_reference: {column: note}\n  place:").replace(b"unused: [note]\n", b"")
    file = tmp_path / "rows.csv"
    file.write_text(f"{HEADER}\n{ROW}\n{ROW.replace('1,', '2,', 1)[:-1]}工单 7\n")
    reading = read_file(file, _mapping(document))
    assert _reasons(reading) == [(3, "note", "no source_reference, which is ASCII without spaces")]


def test_a_limit_counts_rows_of_the_file_and_cells_may_hold_line_breaks(tmp_path: Path) -> None:
    reading = _read(tmp_path, ROW.replace("done", '"done\nwell"'), ROW.replace("1,", "2,", 1), limit=1)
    assert [matter.line for matter in reading.matters] == [2, 4]
    assert [matter.key for matter in reading.within] == ["1"]


def test_gzip_and_excel_are_read_like_plain_csv(tmp_path: Path) -> None:
    packed = tmp_path / "rows.csv.gz"
    packed.write_bytes(gzip.compress(f"{HEADER}\n{ROW}\n".encode()))
    book = Workbook()
    assert book.active is not None
    for line in (HEADER, ROW):
        book.active.append(line.split(","))
    book.save(tmp_path / "rows.xlsx")
    plain = _read(tmp_path, ROW).matters
    assert read_file(packed, _mapping()).matters == plain == read_file(tmp_path / "rows.xlsx", _mapping()).matters


def test_a_book_that_is_wrong_about_its_own_size_is_read_whole(tmp_path: Path) -> None:
    """Programs other than Excel write a sheet's size as they please: rows and columns beyond it are there all the same."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for line in (HEADER, ROW, ROW.replace("1,", "2,", 1)):
        sheet.append([cell or None for cell in line.split(",")])
    book.save(tmp_path / "right.xlsx")
    with ZipFile(tmp_path / "right.xlsx") as right, ZipFile(tmp_path / "wrong.xlsx", "w") as wrong:
        for name in right.namelist():
            wrong.writestr(name, re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:B2"', right.read(name)))
    reading = read_file(tmp_path / "wrong.xlsx", _mapping())
    assert ([matter.key for matter in reading.matters], reading.rejected) == (["1", "2"], [])


def test_a_date_of_excel_is_a_date_whatever_format_the_mapping_names_for_texts(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for line in (HEADER, ROW, ROW.replace("1,", "2,", 1)):
        sheet.append([cell or None for cell in line.split(",")])
    opened = HEADER.split(",").index("opened") + 1
    sheet.cell(row=2, column=opened).value = datetime(2016, 7, 13, 11, 11, 7)  # noqa: DTZ001 - Excel knows no zone
    sheet.cell(row=3, column=opened).value = "07/13/2016 11:11:07"
    book.save(tmp_path / "dates.xlsx")
    mapping = _mapping(MAPPING.replace(b"{column: opened}", b"{column: opened, format: '%m/%d/%Y %H:%M:%S'}"))
    reading = read_file(tmp_path / "dates.xlsx", mapping)
    first, second = reading.matters
    assert isinstance(first, RequestMatter)
    assert isinstance(second, RequestMatter)
    assert first.registered_at == second.registered_at == datetime(2016, 7, 13, 15, 11, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ("2016/7/13 15:11:07", 19),
        ("2016/7/13 15:11", 19),
        ("2016/7/13", 4),
        ("2016.7.13", 4),
        ("2016年7月13日 15时11分", 19),
        ("2016-7-13 9:11:07", 13),
        ("20160713", 4),
        ("2016-07-13T15:11:07.250", 19),
        ("2016-07-13T15:11:07+00:00", 15),
    ],
)
def test_times_are_read_as_people_write_them(tmp_path: Path, written: str, hour: int) -> None:
    (matter,) = _read(tmp_path, ROW.replace("2016-07-13 15:11:07+00:00", written)).matters
    assert isinstance(matter, RequestMatter)
    assert (matter.registered_at.date().isoformat(), matter.registered_at.hour) == ("2016-07-13", hour)


@pytest.mark.parametrize("written", ["13/7/2016", "2016/7/32", "0001-01-01", "9999-12-31", "42564.6", "昨天"])
def test_a_time_that_could_mean_two_things_or_none_is_refused(tmp_path: Path, written: str) -> None:
    reading = _read(tmp_path, ROW.replace("2016-07-13 15:11:07+00:00", written))
    assert [(row.line, row.column) for row in reading.rejected] == [(2, "opened")]


def test_a_mapping_may_name_the_formats_of_its_times(tmp_path: Path) -> None:
    formats = b'registered: {column: opened, format: ["%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y"]}'
    file = tmp_path / "rows.csv"
    file.write_text(
        f"{HEADER}\n{ROW.replace('2016-07-13 15:11:07+00:00', '07/13/2016 03:11:07 PM')}\n{ROW.replace('1,', '2,')}\n"
    )
    reading = read_file(file, _mapping(MAPPING.replace(b"registered: {column: opened}", formats)))
    assert [getattr(matter, "registered_at", None) for matter in reading.matters] == [
        datetime(2016, 7, 13, 19, 11, 7, tzinfo=UTC)
    ]
    assert _reasons(reading) == [(3, "opened", "a broken date")]


def test_a_file_may_tell_days_instead_of_a_time(tmp_path: Path) -> None:
    document = MAPPING.replace(b"resolved: {column: closed}", b'resolved: {column: opened, days_after: note, at: "17:00"}')
    document = document.replace(b"unused: [note]\n", b"").replace(b"  signed: {column: closed}\n", b"")
    file = tmp_path / "rows.csv"
    bare = HEADER.replace(",closed", "")
    row = ROW.replace(",2016-07-14 12:00:00+00:00", "").removesuffix(",x").replace("2016-07-14 09:00:00+00:00", "")
    file.write_text(f"{bare}\n{row},2\n{row.replace('1,', '2,', 1)},\n{row.replace('1,', '3,', 1)},-1\n")
    reading = read_file(file, _mapping(document))
    assert [getattr(matter, "resolved_at", 0) for matter in reading.matters] == [datetime(2016, 7, 15, 21, tzinfo=UTC), None]
    assert _reasons(reading) == [(4, "note", "not a number of days")]


def test_a_column_that_may_be_missing_is_read_as_if_it_were_empty(tmp_path: Path) -> None:
    """`if_possible` on a time or an element: a city's older files know less."""
    document = MAPPING.replace(b"place: {column: where,", b"place: {column: district, if_possible: yes,")
    file = tmp_path / "rows.csv"
    file.write_text(f"{HEADER.replace(',reached', '')}\n{ROW.replace(',2016-07-14 09:00:00+00:00', '')}\n")
    (matter,) = read_file(file, _mapping(document)).matters
    assert isinstance(matter, RequestMatter)
    assert (matter.contacted_at, matter.record.get("place")) == (None, None)


def test_other_encodings_and_delimiters_are_read_when_the_mapping_names_them(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(f"{HEADER}\n{ROW}\n".replace("Holes", "路灯").replace(",", ";").encode("gb18030"))
    with pytest.raises(FileError, match="gb18030"):
        read_file(file, _mapping())
    (matter,) = read_file(file, _mapping(MAPPING + b'encoding: gb18030\ndelimiter: ";"\n')).matters
    assert isinstance(matter, RequestMatter)
    assert matter.record["category"] == "路灯"


def test_windows_files_empty_rows_and_empty_last_cells_are_read_like_any_other(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(f"\ufeff{HEADER},,\r\n{ROW},,\r\n\r\n,,,\r\n{ROW.replace('1,', '2,', 1)}\r\n".encode())
    reading = read_file(file, _mapping())
    assert ([matter.line for matter in reading.matters], reading.rejected) == ([2, 5], [])


def test_a_file_that_is_no_table_is_refused_by_its_name(tmp_path: Path) -> None:
    for name, content in (("a.xlsx", b"not a book"), ("b.csv.gz", b"not gzip"), ("c.csv", f'{HEADER}\n1,"a"b'.encode())):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(FileError, match=name):
            read_file(tmp_path / name, _mapping())
    with pytest.raises(FileError, match="line 2"):
        read_file(tmp_path / "c.csv", _mapping())


def test_all_that_is_wrong_with_a_header_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileError) as refused:
        _read(tmp_path, ROW, header=HEADER.replace("who", "whom").replace("what", "kind"))
    assert "small.yaml, line 9, column: 'what' is missing" in str(refused.value)
    assert 'unused: ["kind", "whom"]' in str(refused.value)


def test_a_file_of_which_no_column_is_known_is_told_what_else_may_be_wrong(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="none of its columns") as refused:
        _read(tmp_path, ROW, header=HEADER.replace(",", ";"))
    assert "delimiter" in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1
    (tmp_path / "empty.csv").write_bytes(b"")
    with pytest.raises(FileError, match="empty"):
        read_file(tmp_path / "empty.csv", _mapping())


def test_a_text_with_a_character_that_no_service_takes_is_rejected_where_its_column_is_known(tmp_path: Path) -> None:
    (rejected,) = _read(tmp_path, ROW.replace("Holes", "Ho\x00les")).rejected
    assert rejected.reason == "a NUL character in the text"
    assert rejected.column != ""


@pytest.mark.parametrize("header", [HEADER.replace("who", "whom"), HEADER + ",extra", HEADER + ",id"])
def test_a_header_that_does_not_fit_the_mapping_is_refused_whole(tmp_path: Path, header: str) -> None:
    with pytest.raises(FileError, match="line 1"):
        _read(tmp_path, ROW, header=header)


@pytest.mark.parametrize(
    ("old", "new", "line", "rule"),
    [
        (b"kind: requests", b"kind: letters", 2, "kind"),
        (b"Phone: phone", b"Phone: telephone", 8, "record.channel.values.Phone"),
        (b"match: 'thank'", b"match: '('", 9, "record.request_type.patterns[0].match"),
        (b"  matter: {column: what}\n", b"", 8, "record"),
        (b"timezone: America/New_York", b"timezone: Mars", 4, "timezone"),
        (b"reply: {column: reply", b"reply: {place: reply", 20, "reply.place"),
        (b"key: id", b"key: [id", 6, ""),
        (b"key: id", b"key: []", 5, "key"),
        (b"{column: opened}", b"{column: opened, format: '%H:%M'}", 16, "times.registered.format"),
        (b"unused: [note]", b"unused: [note]\nencoding: latin-99", 7, "encoding"),
        (b"unused: [note]", b"unused: [note]\ndelimiter: ab", 7, "delimiter"),
        (b"{column: who}", b"{column: who, if_possible: yes}", 14, "department.if_possible"),
        (b"if_possible: yes", b"if_possible: perhaps", 18, "times.contacted.if_possible"),
    ],
)
def test_a_wrong_mapping_names_its_line_and_rule(old: bytes, new: bytes, line: int, rule: str) -> None:
    with pytest.raises(MappingError) as refused:
        _mapping(MAPPING.replace(old, new))
    assert (refused.value.line, refused.value.rule) == (line, rule)
    assert str(refused.value).startswith("small.yaml, line")


def test_a_matter_lives_in_order_and_every_id_is_the_same_in_every_run(tmp_path: Path) -> None:
    other = ROW.replace("1,", "2,", 1).replace("Roads", "Parks")
    first, again = _acts(_read(tmp_path, ROW, other)), _acts(_read(tmp_path, ROW, other))
    assert first == again
    assert [step.act for step in first[:5]] == ["register", "transfer", "contact", "sign", "resolve"]
    assert [step.user for step in first[:3]] == ["call_taker", "dispatcher", "handler@roads"]
    assert first[0].body["occurred_at"] == "2016-07-13T15:11:07Z"


def test_a_complaint_is_looked_into_and_followed_up_before_its_result(tmp_path: Path) -> None:
    """A92, A98: the rules refuse a complaint's result without them."""
    file = tmp_path / "rows.csv"
    file.write_text(f"{HEADER}\n{ROW}\n")
    steps = _acts(read_file(file, _mapping(MAPPING.replace(b"default: help", b"default: complaint"))))
    assert [step.act for step in steps[-5:]] == ["contact", "sign", "investigation", "department-contact", "resolve"]
    assert [step.user for step in steps[-3:-1]] == ["handler@roads", "call_taker"]
    assert steps[-3].at == steps[-1].at


def test_the_scope_table_transfers_only_what_the_whole_file_gives_to_one_department(tmp_path: Path) -> None:
    reading = _read(
        tmp_path, ROW, ROW.replace("1,", "2,", 1).replace("Holes", "Trees"), ROW.replace("1,", "3,").replace("Roads", "Parks")
    )
    codes = codes_for(reading.matters)
    assert scopes_for(reading.matters, codes) == {"trees": "roads"}
    assert codes.automatic == {"Trees"}


def test_codes_are_short_distinct_and_the_same_in_every_file() -> None:
    assert code_of("DPW Ops Queue") == "dpw-ops-queue"
    long = "SSP - MTA General Complaints Queue of the whole city"
    assert len(code_of(long)) <= 32
    assert code_of(long) != code_of(long + "!")
    assert code_of("道路")[:1].isalnum()
    twins = codes_of(["311 Queue", "311-queue", "Roads"])
    assert len(set(twins.values())) == 3
    assert twins["Roads"] == "roads"


def test_a_call_log_says_who_was_answered_who_left_and_what_was_no_call(tmp_path: Path) -> None:
    header = (
        "vru+line,call_id,customer_id,priority,type,date,vru_entry,vru_exit,vru_time,q_start,q_exit,q_time,outcome,"
        "ser_start,ser_exit,ser_time,server"
    )
    common = "AA01,{},0,0,PS,1999-08-01,9:10:10,,{},,,{},{},,,{},AGENT_01"
    rows = [
        (1, 10, 20, "AGENT", 60),
        (2, 5, 0, "HANG", 0),
        (3, 5, 9, "HANG", 0),
        (4, 5, 9, "PHANTOM", 0),
        (5, -5, 9, "AGENT", 1),
    ]
    file = tmp_path / "calls.csv"
    file.write_text("\n".join([header, *(common.format(*row) for row in rows)]) + "\n")
    reading = read_file(file, read_mapping("calls.yaml", CALLS))
    matters = [matter for matter in reading.matters if isinstance(matter, CallMatter)]
    assert [(matter.answered, matter.in_menu, matter.wait_ms) for matter in matters] == [
        (True, False, 20_000),
        (False, True, 0),
        (False, False, 9_000),
    ]
    assert reading.counts["skipped"] == 1
    assert _reasons(reading) == [(6, "vru_time", "a negative duration")]
    acts = [step.act for step in _acts(reading)]
    assert acts == ["receive", "answer", "end", "wrap-up", "receive", "abandon", "receive", "abandon"]
    assert {step.user for step in _acts(reading)} == {"service@replay"}, "a log is no word of the desk's"
