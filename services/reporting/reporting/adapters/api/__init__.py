"""Reporting's HTTP: figures and timelines, and the rules that the office changes."""

from fastapi import APIRouter

from reporting.adapters.api import commitments, indicators, reports, rule_sets, rulebook, timelines

ROUTERS: tuple[APIRouter, ...] = (
    timelines.router,
    indicators.router,
    reports.router,
    rulebook.router,
    rule_sets.router,
    commitments.router,
)
