"""The rule packs of a city: which is in force at a moment, and which one a matter began under (A152, A162)."""

from datetime import datetime

from hotline_rules.documents import shipped_packs
from hotline_rules.pack import RulePack, UnknownRulePackError, load_pack


class RuleBook:
    """Begins with the pack of the settings; published packs join it and take over on their effective date."""

    def __init__(self, first: RulePack) -> None:
        self._first = first
        self._packs: dict[str, RulePack] = {first.number: first}

    def publish(self, pack: RulePack) -> None:
        """Add an approved pack; publishing the same one again changes nothing."""
        self._packs[pack.number] = pack

    def in_force(self, moment: datetime) -> RulePack:
        """Return the pack that decides what begins at this moment: of those already in effect, the one published last."""
        day = moment.astimezone(self._first.timezone).date()
        effective = [pack for pack in self._packs.values() if pack is not self._first and pack.effective_from <= day]
        return max(effective, key=lambda pack: pack.effective_from, default=self._first)

    def of(self, number: str | None) -> RulePack:
        """Return the pack that a matter keeps, by its number; None is the first one."""
        if number is None:
            return self._first
        if number not in self._packs:
            for name in shipped_packs():
                pack = load_pack(name)
                if pack.number == number:
                    self._packs.setdefault(number, pack)
        if number not in self._packs:
            raise UnknownRulePackError(number)
        return self._packs[number]
