"""What follows from an answer, over the real broker: followup hears its own revisits, and a department meets its own only."""

from typing import Any

from hotline_embedded.city import City

RUDE: dict[str, Any] = {
    "solved": True,
    "satisfied": False,
    "reason": "来人态度恶劣",
    "reason_code": "attitude",
    "attitude": "bad",
    "suggestion": "希望公布维修进度",
    "channel": "caller_called",
}


async def test_an_answer_becomes_a_suggestion_and_an_apology_of_its_department_alone(stack: City) -> None:
    """A107, A110, A144: from the caller's answer to the second person's word, and nothing of it for another department."""
    mine, other = await stack.new_department("redress"), await stack.new_department("redress")
    matter = await stack.new_matter(mine)
    await stack.resolve(mine, matter)
    await stack.settled()
    (revisit,) = (await stack.ask("followup", "revisit_agent", f"/work-orders/{matter.work_order_id}/revisits"))["items"]
    await stack.tell("followup", "revisit_agent", f"/revisits/{revisit['id']}/revisit", RUDE)
    await stack.settled()
    handler, stranger = f"handler@{mine}", f"handler@{other}"
    (suggestion,) = (await stack.ask("followup", handler, "/suggestions"))["items"]
    (apology,) = (await stack.ask("followup", handler, "/apologies"))["items"]
    assert (suggestion["words"], apology["status"]) == ("希望公布维修进度", "ordered")
    for path in ("/suggestions", "/apologies"):
        assert (await stack.ask("followup", stranger, path))["items"] == []
    for path in (f"/suggestions/{suggestion['id']}", f"/apologies/{apology['id']}"):
        assert (await stack.client("followup", stranger).get(path)).status_code == 404
    await stack.tell("followup", handler, f"/suggestions/{suggestion['id']}/acknowledge", {"reply": "已列入计划"})
    await stack.tell("followup", handler, f"/apologies/{apology['id']}/report", {"proof": "上门道歉"})
    await stack.tell("followup", "shift_leader", f"/apologies/{apology['id']}/confirm", {"accept": True})
    await stack.settled()
    assert (await stack.ask("followup", handler, f"/suggestions/{suggestion['id']}"))["status"] == "acknowledged"
    assert (await stack.ask("followup", "inspector", f"/apologies/{apology['id']}"))["status"] == "confirmed"
    order = await stack.ask("routing", "dispatcher", f"/work-orders/{matter.work_order_id}")
    assert order["round"] == 1


async def test_a_matter_without_a_suggestion_or_a_cause_for_one_owes_nothing_more(stack: City) -> None:
    """A107, A110."""
    mine = await stack.new_department("redress")
    matter = await stack.new_matter(mine)
    await stack.resolve(mine, matter)
    await stack.settled()
    (revisit,) = (await stack.ask("followup", "revisit_agent", f"/work-orders/{matter.work_order_id}/revisits"))["items"]
    content = {"solved": True, "satisfied": True, "attitude": "good", "channel": "sms"}
    await stack.tell("followup", "service@survey", f"/revisits/{revisit['id']}/survey", content)
    await stack.settled()
    for path in ("/suggestions", "/apologies"):
        assert (await stack.ask("followup", f"head@{mine}", path))["items"] == []
