"""Reporting follows everything and decides nothing: timelines, open orders, indicators."""
