"""Reporting's edges: read models and HTTP."""
