"""Namespaces of ids that follow from what they stand for."""

from uuid import UUID

TIMERS = UUID("b6d6f3f4-1f55-5f0e-9d6b-12345c0de002")
