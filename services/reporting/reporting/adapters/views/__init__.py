"""Reporting's read models. Checkpoint names never change once released: a changed table is a new name."""

from hotline_chassis.access import VIEW as ACCESS
from hotline_events.projection import View
from reporting.adapters.views import calls, orders, revisits, rule_sets, timeline

VIEWS: tuple[View, ...] = (timeline.VIEW, calls.VIEW, orders.VIEW, revisits.VIEW, rule_sets.VIEW, ACCESS)
