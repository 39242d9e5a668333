"""The rule packs of a city: which is in force at a moment, and which one a matter began under (A152, A162)."""

from dataclasses import replace
from datetime import date, datetime

from hotline_rules.calendar import NO_TABLE, CalendarTable, joined
from hotline_rules.documents import shipped_packs
from hotline_rules.pack import RulePack, UnknownRulePackError, load_pack


class RuleBook:
    """Begins with the pack of the settings; published packs join it and take over on their effective date, but never for what
    began before they were published.

    A table of days that the office loads is joined to the calendar of every pack: which days are holidays is no rule of a pack.
    """

    def __init__(self, first: RulePack) -> None:
        self._first = first.number
        self._table = NO_TABLE
        self._years: frozenset[int] = frozenset()
        self._packs: dict[str, RulePack] = {first.number: first}
        self._effective: dict[str, date] = {}
        self._published_at: dict[str, datetime] = {}

    @property
    def published(self) -> list[RulePack]:
        """Return the packs that were published, in the order in which they were, each with the date it takes effect."""
        return [self._packs[number] for number in self._effective]

    @property
    def years(self) -> frozenset[int]:
        """Return the years for which the office loaded a table of days."""
        return self._years

    def publish(self, pack: RulePack, *, effective_from: date | None = None, published_at: datetime | None = None) -> None:
        """Add an approved pack, in force from this date on, of its first day from the moment at which it was published;
        publishing the same one again changes nothing.
        """
        day = effective_from or pack.effective_from
        self._packs[pack.number] = replace(pack.with_table(self._table), effective_from=day)
        self._effective[pack.number] = day
        if published_at is not None:
            self._published_at[pack.number] = published_at

    def load_calendar(self, year: int, table: CalendarTable) -> None:
        """Join the office's table of a year to every pack; a later table of the year replaces the one before."""
        self._table = joined(self._table, table)
        self._years |= {year}
        self._packs = {number: pack.with_table(table) for number, pack in self._packs.items()}

    def in_force(self, moment: datetime) -> RulePack:
        """Return the pack that decides what begins at this moment: of those in effect the latest, of one day's the last."""
        day = moment.astimezone(self._packs[self._first].timezone).date()
        latest, found = date.min, self._first
        for number, effective in self._effective.items():
            if latest <= effective <= day and self._published_at.get(number, moment) <= moment:
                latest, found = effective, number
        return self._packs[found]

    def of(self, number: str | None) -> RulePack:
        """Return the pack that a matter keeps, by its number; None is the first one."""
        if number is None:
            return self._packs[self._first]
        if number not in self._packs:
            for name in shipped_packs():
                pack = load_pack(name)
                if pack.number == number:
                    self._packs.setdefault(number, pack.with_table(self._table))
        if number not in self._packs:
            raise UnknownRulePackError(number)
        return self._packs[number]
