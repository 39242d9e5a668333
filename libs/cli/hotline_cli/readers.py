"""Who reads whose events: asked of the services themselves, so that documents and commands cannot be wrong about it."""

import importlib
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from hotline_chassis.rule_book import published_rules
from hotline_events.broker import SERVICES
from hotline_events.projection import View


@dataclass(frozen=True, slots=True)
class Reader:
    """One consumer: a read model or the reactions of a service."""

    service: str
    name: str
    sources: tuple[str, ...]
    what: str


def views_of(service: str) -> Sequence[View]:
    """Return the read models of a service: its own, and the published rules that every service follows."""
    views: Sequence[View] = importlib.import_module(f"{service}.adapters.views").VIEWS
    return [*views, published_rules(service)]


@cache
def readers() -> tuple[Reader, ...]:
    """Return every consumer of every service."""
    found = []
    for service in SERVICES:
        found += [Reader(service, view.name, view.sources, "A read model.") for view in views_of(service)]
        if importlib.util.find_spec(f"{service}.adapters.subscriber"):
            module = importlib.import_module(f"{service}.adapters.subscriber")
            found.append(Reader(service, module.NAME, tuple(module.SOURCES), "Decides because of what it hears."))
    return tuple(found)
