"""How a caller is addressed: by the surname and a title, never by the whole name (A10)."""

from hotline_events.catalogue.intake import CallerTitle

COMPOUND = frozenset(
    "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 司徒 司空 夏侯 端木 轩辕 宇文 长孙 南宫 独孤 呼延".split()  # noqa: SIM905
)
_ZH = {CallerTitle.MR: "先生", CallerTitle.MS: "女士", CallerTitle.NEUTRAL: "同志"}
_EN = {CallerTitle.MR: "Mr ", CallerTitle.MS: "Ms ", CallerTitle.NEUTRAL: ""}


def surname_of(name: str) -> str:
    """Return the surname: of a Chinese name its first sign or the two of a compound one, of another its last word."""
    name = name.strip()
    if name.isascii():
        return name.rpartition(" ")[2]
    return name[:2] if name[:2] in COMPOUND and len(name) > 2 else name[:1]  # noqa: PLR2004 - two signs are one surname


def address_of(name: str, title: CallerTitle | None) -> tuple[str, str]:
    """Return the address in Chinese and in English."""
    surname, title = surname_of(name), title or CallerTitle.NEUTRAL
    return f"{surname}{_ZH[title]}", f"{_EN[title]}{surname}"
