"""Why a row was left out, in Chinese too: a person reads it who may know no English."""

from typing import Final

_CHINESE: Final = {
    "a broken date": "时间无法识别",
    "a time before 1970 or in the future": "时间早于1970年或在将来",
    "a required value is empty": "必填值为空",
    "a value that the mapping does not know, and no default": "映射未列出的取值，且无默认值",
    "a text longer than the hotline keeps, and no longest": "文字过长，且未设 longest",
    "no source_reference, which is ASCII without spaces": "来源编号只能用字母、数字和 . _ : / # -",
    "a NUL character in the text": "文字中有空字符（NUL）",
    "a missing id": "缺少编号",
    "a repeated id with other content": "编号重复而内容不同",
    "another number of cells than the header": "单元格数与表头不符",
    "closed before it was opened": "办结早于登记",
    "signed before it was opened or after it was closed": "签收不在登记与办结之间",
    "contacted before it was opened or after it was closed": "联系不在登记与办结之间",
    "not a number of days": "不是天数",
    "not a whole number of seconds": "不是整数秒",
    "no work order was opened: is the working-day calendar of its year loaded? see routing-worker.log": (
        "工单未生成：该年的工作日历是否已载入？"
    ),
    "a negative duration": "时长为负",
}
_BY_A_SERVICE: Final = "服务未接受"
_CHANGED: Final = ("此行已回放过，内容与当时不同", "replayed before with other content")


def in_both(reason: str) -> str:
    """Return a reason in Chinese and then in English; what a service would not take is told by its problem's code."""
    if reason.endswith("command_reused"):
        return f"{_CHANGED[0]} {_CHANGED[1]} ({reason})"
    return f"{_CHINESE.get(reason, _BY_A_SERVICE)} {reason}"
