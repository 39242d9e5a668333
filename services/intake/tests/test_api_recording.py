"""HTTP: a record from the reading back to the last element, what is relayed, and what an answer cites."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from hotline_events.clock import FixedClock
from hotline_events.timers import Timers
from hotline_rules.pack import load_pack
from intake.main import build_work

RULES = load_pack("default")
SPOKEN = {
    "channel": "phone",
    "read_back": True,
    "request_type": "complaint",
    "title": "夜间施工",
    "matter": "解放路工地夜间施工扰民。",
}
FACTS = {"name": "欧阳春晓", "gender": "female", "phone": "0552-3115678"}
ARTICLE = {"title": "夜间施工许可", "body": "夜间施工须经住建部门批准。", "keywords": ["施工", "噪声"]}
Desk = Any


async def done(answer: Any, status: int = 200) -> Any:
    response = await answer
    assert response.status_code == status, response.text
    return response.json()


async def refused(answer: Any, status: int, code: str) -> Any:
    problem = await done(answer, status)
    assert problem["type"] == f"urn:hotline:problem:{code}"
    return problem


async def a_matter(desk: Desk, *, by: str = "call_taker", named: bool = True, **elements: object) -> UUID:
    person_id, request_id = uuid4(), uuid4()
    if named:
        await done(desk.ask("PUT", f"/persons/{person_id}", FACTS), 201)
    body = {**SPOKEN, "requester_id": str(person_id), "anonymous": not named, **elements}
    await done(desk.ask("PUT", f"/requests/{request_id}", body, by=by), 201)
    return request_id


async def a_relay(desk: Desk, **elements: object) -> UUID:
    relay_id = uuid4()
    body = {
        "sender_id": str(uuid4()),
        "anonymous": True,
        "kind": "absent_message",
        "channel": "phone",
        "content": "请李主任回电。",
        "addressee_kind": "department",
        "addressee": "roads",
        **elements,
    }
    await done(desk.ask("PUT", f"/relays/{relay_id}", body), 201)
    return relay_id


async def an_article(desk: Desk, code: str, **texts: object) -> int:
    """Bring the next version of an article into force."""
    drafted = await done(desk.ask("PUT", f"/articles/{code}/draft", {**ARTICLE, **texts}))
    await desk.catch_up()
    (draft,) = [one for one in (await done(desk.ask("GET", "/article-drafts")))["items"] if one["code"] == code]
    assert draft["title"] == {**ARTICLE, **texts}["title"]
    await done(desk.ask("POST", f"/articles/{code}/review", {"draft": draft["draft"], "approved": True}, by="inspector"))
    await done(desk.ask("POST", f"/articles/{code}/publish", {"draft": draft["draft"]}, by="shift_leader"))
    await desk.catch_up()
    return int(drafted["version"])


async def fire(desk: Desk, later: timedelta) -> None:
    clock = FixedClock(desk.runtime.clock.now() + later)
    await Timers(desk.runtime.aggregates, clock, "intake", build_work(desk.runtime).on_timer).fire_due(clock.now())
    await desk.catch_up()


async def test_a_complaints_record_is_completed_step_by_step(desk: Desk) -> None:
    """A25, A28, A29, A33, A34, A71, A157: what is missing is named until nothing is."""
    request_id = await a_matter(desk, accused="某施工队", accused_department="urban", happened_at="2026-03-01T15:00:00Z")
    path = f"/requests/{request_id}"
    lacking = await refused(desk.ask("POST", f"{path}/complete", {}), 409, "record_incomplete")
    assert lacking["missing"] == "handling, place, department_contact"
    await desk.catch_up()
    record = await done(desk.ask("GET", f"/records/{request_id}"))
    assert (record["completeness"], record["missing"]) == (62, ["handling", "place", "department_contact"])
    assert record["say_zh"] == f"您的诉求已登记，编号{request_id}，承办期限至2026-03-10 00:00。"
    await done(desk.ask("POST", f"{path}/correct", {"field": "place", "value": "解放路", "reason": "new_facts"}))
    await done(desk.ask("POST", f"{path}/contacts", {"department": "urban", "contact": "值班室李主任"}))
    wrong = await refused(
        desk.ask("POST", f"{path}/process", {"deadline": "2026-03-05T00:00:00Z"}), 409, "deadline_not_of_the_rules"
    )
    assert wrong["detail"] == record["deadline"].replace("Z", "+00:00")
    await done(desk.ask("POST", f"{path}/process", {"deadline": record["deadline"]}))
    await done(desk.ask("POST", f"{path}/complete", {}))
    assert (await done(desk.ask("POST", f"{path}/complete", {})))["position"] == 0
    await desk.catch_up()
    record = await done(desk.ask("GET", f"/records/{request_id}"))
    assert (record["complete"], record["completeness"], record["rule_version"]) == (True, 100, "default/1")
    assert record["deadline_told"] == record["deadline"]
    shown = await done(desk.ask("GET", path))
    assert (shown["accused"], shown["accused_department"], shown["place"]) == ("某施工队", "urban", "解放路")


async def test_what_is_said_is_saved_when_it_was_read_back(desk: Desk) -> None:
    """A33: for a person at the telephone; a machine has nobody to read it to."""
    path, body = f"/requests/{uuid4()}", {**SPOKEN, "requester_id": str(uuid4()), "anonymous": True, "read_back": False}
    problem = await refused(desk.ask("PUT", path, body), 422, "read_back_missing")
    assert (problem["field"], problem["missing"], problem["rule"]) == ("body.read_back", "read_back", "A33")
    assert await desk.history() == []
    await done(desk.ask("PUT", path, body, by="service@exchange"), 201)
    for dodge in ({"source_reference": "6115873"}, {"channel": "web", "call_id": str(uuid4())}):
        await refused(desk.ask("PUT", f"/requests/{uuid4()}", body | dodge), 422, "read_back_missing")
    await done(desk.ask("PUT", f"/requests/{uuid4()}", body | {"channel": "web"}), 201)


async def test_both_values_of_a_correction_stay_in_sight(desk: Desk) -> None:
    """A43, A44: signed, with a reason; the words are sealed, and a wrong reply is apologised for."""
    request_id = await a_matter(desk, place="解放路")
    path = f"/requests/{request_id}"
    correction = {"field": "place", "value": "解放路东侧", "reason": "misheard", "note": "听录音核对"}
    await done(desk.ask("POST", f"{path}/correct", correction))
    assert (await done(desk.ask("POST", f"{path}/correct", correction)))["position"] == 0
    await done(desk.ask("POST", f"{path}/correct", {"field": "category", "value": "noise", "reason": "mistyped"}))
    await refused(
        desk.ask("POST", f"{path}/correct", {"field": "reply", "value": "x", "reason": "wrong_reply"}),
        409,
        "nothing_to_correct",
    )
    await done(desk.ask("POST", f"{path}/answer", {"reply": "已停工"}))
    reply = {"field": "reply", "value": "许可到二十二点", "reason": "wrong_reply"}
    await refused(desk.ask("POST", f"{path}/correct", reply), 409, "apology_missing")
    last = await done(desk.ask("POST", f"{path}/correct", reply | {"apologised": True}))
    await desk.catch_up()
    acts = (await done(desk.ask("GET", f"/records/{request_id}/acts?after={last['position']}", by="inspector")))["items"]
    assert [(act["code"], act["was"], act["became"], act["was_value"], act["became_value"]) for act in acts] == [
        ("place:misheard", "解放路", "解放路东侧", None, None),
        ("category:mistyped", None, None, None, "noise"),
        ("reply:wrong_reply", "已停工", "许可到二十二点", None, None),
    ]
    assert (acts[0]["actor"], acts[0]["note"], acts[2]["said_yes"]) == ("demo-call_taker", "听录音核对", True)
    shown = await done(desk.ask("GET", path))
    assert (shown["place"], shown["category"], shown["reply"]) == ("解放路东侧", "noise", "许可到二十二点")
    assert not [event for event in await desk.history() if "解放路" in event.raw]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "长" * 201),
        ("happened_at", "yesterday"),
        ("happened_at", "2027-01-01T00:00:00Z"),
        ("accused_department", "a b"),
    ],
)
async def test_a_correction_that_cannot_stand_in_its_field_is_refused(desk: Desk, field: str, value: str) -> None:
    request_id = await a_matter(desk)
    before = len(await desk.history())
    body = {"field": field, "value": value, "reason": "misheard"}
    problem = await refused(desk.ask("POST", f"/requests/{request_id}/correct", body), 422, "invalid_input")
    assert problem["field"] == "body.value"
    assert len(await desk.history()) == before


async def test_corrections_made_at_once_follow_each_other(desk: Desk) -> None:
    """A43: each names what it found; a bound one is refused when the matter moved on."""
    request_id = await a_matter(desk, place="一")
    path = f"/requests/{request_id}/correct"
    await done(desk.ask("POST", path, {"field": "place", "value": "二", "reason": "misheard"}))
    body = {"field": "place", "value": "三", "reason": "misheard"}
    await refused(desk.ask("POST", path, body, if_match='"1"'), 412, "version_conflict")
    await done(desk.ask("POST", path, body, if_match='"2"'))
    await desk.catch_up()
    acts = (await done(desk.ask("GET", f"/records/{request_id}/acts")))["items"]
    assert [(act["was"], act["became"]) for act in acts] == [("一", "二"), ("二", "三")]


async def test_a_matter_is_relabelled_in_the_open(desk: Desk) -> None:
    """A30: with both kinds, a reason and who did it."""
    request_id = await a_matter(desk)
    body = {"request_type": "help", "reason": "wrong_kind"}
    await done(desk.ask("POST", f"/requests/{request_id}/type", body, by="shift_leader"))
    assert (await done(desk.ask("POST", f"/requests/{request_id}/type", body, by="dispatcher")))["position"] == 0
    await desk.catch_up()
    (act,) = (await done(desk.ask("GET", f"/records/{request_id}/acts")))["items"]
    assert (act["kind"], act["was_value"], act["became_value"]) == ("type_changed", "complaint", "help")
    assert (act["code"], act["actor"]) == ("wrong_kind", "demo-shift_leader")
    assert (await done(desk.ask("GET", f"/requests/{request_id}")))["request_type"] == "help"


async def test_the_first_contact_is_kept_when_somebody_stands_beside(desk: Desk) -> None:
    """A65."""
    request_id = await a_matter(desk)
    body = {"co_owner": "demo-call_taker_2", "reason": "shift_ended"}
    await done(desk.ask("POST", f"/requests/{request_id}/co-owners", body))
    await desk.catch_up()
    record = await done(desk.ask("GET", f"/records/{request_id}"))
    assert (record["first_contact"], record["co_owners"]) == ("demo-call_taker", ["demo-call_taker_2"])
    mine = await done(desk.ask("GET", "/records?mine=true", by="call_taker_2"))
    assert [one["request_id"] for one in mine["items"]] == [str(request_id)]


async def test_nobody_is_turned_away_without_look_up_ground_and_basis(desk: Desk) -> None:
    """A66, A70, A154: each missing step is named."""
    request_id = await a_matter(desk)
    path = f"/requests/{request_id}"
    ground = {"ground": "in_litigation", "basis_told": True}
    deferral = {"reason": "department_closed", "explanation": "已下班,明早答复。", "understood": True}
    for act, body in (("decline", ground), ("deferral", deferral)):
        assert (await refused(desk.ask("POST", f"{path}/{act}", body), 409, "look_up_missing"))["missing"] == "searched"
    await done(desk.ask("POST", f"{path}/searches", {"source": "knowledge_base", "found": False, "sought": "诉讼"}))
    await done(desk.ask("POST", f"{path}/deferral", deferral))
    untold = await refused(desk.ask("POST", f"{path}/decline", ground | {"basis_told": False}), 409, "basis_not_told")
    assert untold["missing"] == "basis_told"
    await refused(desk.ask("POST", f"{path}/decline", {"ground": "too_busy", "basis_told": True}), 422, "invalid_input")
    await done(desk.ask("POST", f"{path}/decline", ground))
    await refused(desk.ask("POST", f"{path}/answer", {"reply": "好"}), 409, "request_not_accepted")
    (event,) = [event.event for event in await desk.history() if event.name == "intake.request.not_accepted"]
    assert (event.basis_told, event.rule_version, event.decided_by) == (True, "default/1", "demo-call_taker")
    await desk.catch_up()
    record = await done(desk.ask("GET", f"/records/{request_id}"))
    assert (record["ground"], record["searches"]) == ("in_litigation", 1)


async def test_records_left_incomplete_are_listed_until_they_are_complete(desk: Desk) -> None:
    """A35: due first at the top, the late ones by themselves; a complete one is off the list."""
    first = await a_matter(desk)
    answered = await a_matter(desk, request_type="praise")
    await done(desk.ask("POST", f"/requests/{answered}/answer", {"reply": "谢谢"}))
    await done(desk.ask("POST", f"/requests/{answered}/complete", {}))
    await desk.catch_up()
    (listed,) = (await done(desk.ask("GET", "/records", by="shift_leader")))["items"]
    assert (listed["request_id"], listed["complete_by"]) == (str(first), "2026-03-02T04:30:00Z")
    assert (await done(desk.ask("GET", "/records?mine=true", by="call_taker_2")))["items"] == []
    assert (await done(desk.ask("GET", "/records?late=true")))["items"] == []
    desk.app.state.runtime = replace(desk.runtime, clock=FixedClock(desk.runtime.clock.now() + timedelta(minutes=30)))
    assert len((await done(desk.ask("GET", "/records?late=true")))["items"]) == 1


async def test_how_long_after_the_call_a_record_was_saved(desk: Desk) -> None:
    """A34: the save latency after the call's end."""
    call_id = uuid4()
    await done(desk.ask("PUT", f"/calls/{call_id}", {"line": "12345", "occurred_at": "2026-03-02T03:00:00Z"}), 201)
    await done(desk.ask("POST", f"/calls/{call_id}/answer", {"occurred_at": "2026-03-02T03:00:05Z"}))
    await done(desk.ask("POST", f"/calls/{call_id}/end", {"occurred_at": "2026-03-02T03:05:00Z", "ended_by": "caller"}))
    late = await a_matter(desk, call_id=str(call_id), occurred_at="2026-03-02T03:05:41Z")
    during = await a_matter(desk, call_id=str(call_id), occurred_at="2026-03-02T03:04:00Z")
    await desk.catch_up()
    latencies = [(await done(desk.ask("GET", f"/records/{one}")))["save_latency_ms"] for one in (late, during)]
    assert latencies == [41_000, 0]


async def test_ones_own_matters_are_found_by_their_words(desk: Desk) -> None:
    """A34, A144: every word, in any text; others' matters and secret ones are not among what is found."""
    mine = await a_matter(desk, place="解放路口", title="ＬＥＤ路灯不亮")
    await a_matter(desk, by="call_taker_2", place="解放路口", title="LED路灯不亮")
    await a_matter(desk, place="胜利路")
    await desk.catch_up()

    async def found(words: str, by: str = "call_taker") -> list[str]:
        page = await done(desk.ask("POST", "/records/search", {"words": words}, by=by))
        return [one["request_id"] for one in page["items"]]

    assert await found("led 解放") == [str(mine)]
    assert len(await found("led 解放", by="shift_leader")) == 2
    assert await found("led 胜利") == []
    await refused(desk.ask("POST", "/records/search", {"words": " "}), 422, "invalid_input")
    window = {"words": "路灯", "since": "2026-03-02T04:01:00Z"}
    assert (await done(desk.ask("POST", "/records/search", window)))["items"] == []
    await a_matter(desk, by="call_taker_2", title="LED密件", confidentiality="secret")
    await desk.catch_up()
    assert (len(await found("led", by="shift_leader")), len(await found("led", by="inspector"))) == (3, 2)


async def test_a_search_goes_on_where_its_page_ended_and_forgets_the_erased(desk: Desk) -> None:
    """A34, A146."""
    ids = [await a_matter(desk, title=f"路灯{number}", occurred_at=f"2026-03-02T03:0{number}:00Z") for number in range(5)]
    await desk.catch_up()
    seen: list[str] = []
    cursor = ""
    while True:
        page = await done(desk.ask("POST", f"/records/search?limit=2{cursor}", {"words": "路灯"}))
        seen += [one["request_id"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == [str(one) for one in reversed(ids)]
    requester = (await done(desk.ask("GET", f"/requests/{ids[0]}")))["requester_id"]
    await done(desk.ask("POST", f"/persons/{requester}/erase", {"reason": "court_order"}, by="administrator"))
    await desk.catch_up()
    assert (await done(desk.ask("POST", "/records/search", {"words": "路灯0"})))["items"] == []


async def test_a_message_reaches_its_department_and_no_other(desk: Desk) -> None:
    """A36, A39, A41, A144: taken, passed on, acknowledged, answered, checked; another department finds nothing."""
    relay_id = await a_relay(desk)
    path = f"/relays/{relay_id}"
    await refused(desk.ask("POST", f"{path}/acknowledge", {}, by="handler@roads"), 409, "relay_not_passed_on")
    await done(desk.ask("POST", f"{path}/pass-on", {"relayed_to": "roads-1", "means": "telephone"}))
    missing = await desk.ask("POST", f"/relays/{uuid4()}/acknowledge", {}, by="handler@parks")
    hidden = await desk.ask("POST", f"{path}/acknowledge", {}, by="handler@parks")
    same = ("type", "title", "status", "rule", "field")
    assert [hidden.json().get(name) for name in same] == [missing.json().get(name) for name in same]
    await refused(desk.ask("POST", f"{path}/acknowledge", {}), 409, "relay_not_meant_for_them")
    await done(desk.ask("POST", f"{path}/acknowledge", {}, by="handler@roads"))
    await desk.catch_up()
    assert (await desk.ask("GET", path, by="handler@parks")).status_code == 404
    assert (await done(desk.ask("GET", "/relays/open", by="head@parks")))["items"] == []
    (waiting,) = (await done(desk.ask("GET", "/relays/open", by="head@roads")))["items"]
    assert (waiting["content"], waiting["acknowledged_by"]) == ("请李主任回电。", "demo-handler@roads")
    await done(desk.ask("POST", f"{path}/answer", {"answer": "明早回电。"}, by="head@roads"))
    await done(desk.ask("POST", f"{path}/receipt", {"asked": "sender", "arrived": True}))
    await desk.catch_up()
    shown = await done(desk.ask("GET", path, by="handler@roads"))
    assert (shown["answer"], shown["answered_by"], shown["arrived"]) == ("明早回电。", "demo-head@roads", True)
    assert (await done(desk.ask("GET", "/relays/open")))["items"] == []
    assert not [event for event in await desk.history() if "李主任" in event.raw]


async def test_nothing_that_was_taken_is_lost(desk: Desk) -> None:
    """A36, A38, A155: a fax, a notice and a report wait on the list, and what is late is told of."""
    fax = await a_relay(desk, kind="document", channel="fax", document_reference="FAX-17", pages=3)
    notice = await a_relay(
        desk,
        kind="meeting_notice",
        addressee_kind=None,
        addressee=None,
        meets_at="2026-03-02T05:00:00Z",
        place="三楼会议室",
        attendees="各科长",
    )
    report = await a_relay(desk, kind="work_report", addressee_kind="post", addressee="shift_leader")
    incomplete = await refused(
        desk.ask("PUT", f"/relays/{uuid4()}", {"sender_id": str(uuid4()), "anonymous": True, "kind": "document",
                                             "channel": "fax", "content": "x", "addressee_kind": "staff", "addressee": "a"}),
        422,
        "relay_incomplete",
    )  # fmt: skip
    assert incomplete["missing"] == "document_reference, pages"
    await fire(desk, timedelta(minutes=61))
    open_now = (await done(desk.ask("GET", "/relays/open")))["items"]
    assert [(one["relay_id"], one["delayed"]) for one in open_now] == [
        (str(notice), ["acknowledge"]),
        *((one, []) for one in sorted([str(fax), str(report)])),
    ]
    assert open_now[0]["addressee"] == "office_head"
    guided = {"answer": "先通知抢修队。"}
    await done(desk.ask("POST", f"/relays/{report}/pass-on", {"relayed_to": "demo-shift_leader", "means": "telephone"}))
    await done(desk.ask("POST", f"/relays/{report}/answer", guided, by="shift_leader"))
    await desk.catch_up()
    reports = (await done(desk.ask("GET", "/relays?kind=work_report", by="shift_leader")))["items"]
    assert [(one["answer"], one["answered_by"]) for one in reports] == [("先通知抢修队。", "demo-shift_leader")]
    assert not [event for event in await desk.history() if event.name.startswith("intake.request")]


async def test_an_answer_cites_an_article_at_a_version_that_was_in_force(desk: Desk) -> None:
    """A42: drafted, read by a second person, published; every version stays readable."""
    await refused(desk.ask("POST", "/articles/noise/publish", {"draft": 1}, by="shift_leader"), 404, "article_unknown")
    await an_article(desk, "noise")
    await an_article(desk, "noise", body="夜间施工须经住建部门批准并公告。")
    request_id = await a_matter(desk)
    path = f"/requests/{request_id}/answer"
    for code, version in (("noise", 3), ("quiet", 1)):
        body = {"reply": "须经批准", "article": {"code": code, "version": version}}
        problem = await refused(desk.ask("POST", path, body), 422, "article_not_citable")
        assert problem["field"] == "body.article"
    await done(desk.ask("POST", path, {"reply": "须经批准", "article": {"code": "noise", "version": 1}}))
    at_once = await a_matter(desk, reply="须经批准并公告", article={"code": "noise", "version": 2})
    await desk.catch_up()
    cited = [(await done(desk.ask("GET", f"/requests/{one}")))["article_version"] for one in (request_id, at_once)]
    assert cited == [1, 2]
    old = await done(desk.ask("GET", "/articles/noise/versions/1", by="handler@roads"))
    assert (old["body"], (await done(desk.ask("GET", "/articles/noise")))["version"]) == (ARTICLE["body"], 2)


async def test_articles_are_found_by_their_words_until_they_are_retired(desk: Desk) -> None:
    """A42: in title, keywords and body; the title counts most."""
    await an_article(desk, "noise")
    await an_article(desk, "permits", title="施工许可办理", body="网上办理。ＬＥＤ屏另行申请。", keywords=["许可"])
    await an_article(desk, "lamps", title="路灯报修", body="施工损坏的路灯请报修。", keywords=[])

    async def by_words(words: str) -> list[str]:
        page = await done(desk.ask("GET", f"/articles?words={words}", by="dispatcher"))
        return [one["code"] for one in page["items"]]

    assert await by_words("施工") == ["noise", "permits", "lamps"]
    assert await by_words("许可%20led") == ["permits"]
    assert await by_words("灯") == ["lamps"]
    assert await by_words("工施") == []
    assert len(await by_words("")) == 3
    await done(desk.ask("POST", "/articles/noise/retire", {"reason": "law_changed"}, by="inspector"))
    await desk.catch_up()
    assert await by_words("施工") == ["permits", "lamps"]
    assert (await done(desk.ask("GET", "/articles/noise")))["retired_at"] is not None
    await refused(desk.ask("PUT", "/articles/noise/draft", ARTICLE), 409, "article_retired")


async def test_nobody_reviews_their_own_draft(desk: Desk) -> None:
    """A42: four eyes."""
    await done(desk.ask("PUT", "/articles/noise/draft", ARTICLE, by="shift_leader"))
    body = {"draft": 1, "approved": True}
    await refused(desk.ask("POST", "/articles/noise/review", body, by="shift_leader"), 409, "reviewer_is_author")
    await refused(desk.ask("POST", "/articles/noise/publish", {"draft": 1}, by="shift_leader"), 409, "draft_not_approved")
