"""Reporting's HTTP: reads only."""

from fastapi import APIRouter

from reporting.adapters.api import indicators, reports, rulebook, timelines

ROUTERS: tuple[APIRouter, ...] = (timelines.router, indicators.router, reports.router, rulebook.router)
