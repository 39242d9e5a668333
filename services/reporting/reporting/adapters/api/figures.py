"""How figures are shown: each with its variant, its parts, and the rules and calendar that it stands on."""

from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version
from typing import Annotated, Any

from pydantic import BaseModel, Field

from hotline_rules.pack import CalendarKind, RulePack
from reporting.adapters.counts import Window
from reporting.domain.formulas import Counts
from reporting.domain.indicators import Figure, figures


class WindowShown(BaseModel):
    """From `from` up to, and without, `to`; days are days of `timezone`."""

    start: Annotated[datetime, Field(serialization_alias="from", examples=["2026-03-01T16:00:00Z"])]
    end: Annotated[datetime, Field(serialization_alias="to", examples=["2026-03-02T16:00:00Z"])]
    timezone: Annotated[str, Field(examples=["Asia/Shanghai"])]


class FigureShown(BaseModel):
    """One indicator of a group. `value` is null where there was nothing to count."""

    id: Annotated[str, Field(examples=["T1"])]
    variant: Annotated[str, Field(examples=["T1/queue-offered"])]
    value: Annotated[float | None, Field(examples=[96.4])]
    unit: Annotated[str, Field(examples=["%"])]
    numerator: Annotated[float, Field(examples=[482])]
    denominator: Annotated[int, Field(examples=[500])]


class IndicatorShown(FigureShown):
    """One indicator with all that is needed to recompute it."""

    name_zh: Annotated[str, Field(examples=["接通率"])]
    name_en: Annotated[str, Field(examples=["Connection rate"])]
    target: Annotated[str | None, Field(examples=[">= 95"])]
    definition: Annotated[str, Field(examples=["Answered / offered."])]
    source: Annotated[str, Field(examples=["GB/T 33358-2016"])]
    department: Annotated[str | None, Field(examples=["roads"])]
    rule_version: Annotated[str, Field(examples=["default/1"])]
    calendar: Annotated[str, Field(examples=["china/chinesecalendar-1.11.0/0f3c9a1b7d2e"])]
    window: WindowShown


def calendar_of(pack: RulePack) -> str:
    """Name the calendar exactly: the official table's edition, and the hash of the pack that overrides it."""
    official = f"/chinesecalendar-{version('chinesecalendar')}" if pack.calendar_kind is CalendarKind.CHINA else ""
    return f"{pack.calendar_kind}{official}/{pack.sha256[:12]}"


def window_shown(window: Window, pack: RulePack) -> WindowShown:
    """Show a window in UTC, with the zone whose days it has."""
    return WindowShown(start=window.start, end=window.end, timezone=pack.timezone.key)


def figures_shown(counts: Counts, *, of_department: bool) -> list[FigureShown]:
    """Show every indicator that such a group can have."""
    return [FigureShown(**_parts(figure)) for figure in figures(counts, of_department=of_department)]


def indicators_shown(counts: Counts, pack: RulePack, window: Window, department: str | None) -> Sequence[IndicatorShown]:
    """Show every indicator with all that is needed to recompute it."""
    shown = window_shown(window, pack)
    calendar = calendar_of(pack)
    return [
        IndicatorShown(
            **_parts(figure),
            name_zh=figure.formula.name_zh,
            name_en=figure.formula.name_en,
            target=figure.formula.target,
            definition=figure.formula.definition,
            source=figure.formula.source,
            department=department,
            rule_version=pack.number,
            calendar=calendar,
            window=shown,
        )
        for figure in figures(counts, of_department=department is not None)
    ]


def _parts(figure: Figure) -> dict[str, Any]:
    formula, ratio = figure.formula, figure.ratio
    return {
        "id": formula.id,
        "variant": formula.variant,
        "value": ratio.value,
        "unit": formula.unit.value,
        "numerator": float(ratio.numerator),
        "denominator": ratio.denominator,
    }
