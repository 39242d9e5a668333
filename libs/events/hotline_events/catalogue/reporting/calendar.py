"""Calendars: the holidays and make-up workdays of a year, as the office loads them."""

from datetime import date, datetime
from typing import TypeAlias

from hotline_events.registry import event


@event("reporting.calendar.loaded")
class CalendarLoaded:
    """The year is known: its dates are working from Monday to Friday but for these. A later table of a year replaces it."""

    year: int
    holidays: tuple[date, ...]
    workdays: tuple[date, ...]
    loaded_by: str
    occurred_at: datetime


CalendarEvent: TypeAlias = CalendarLoaded
