"""Examples are not timed: the first one of a calendar reads a whole year, and the machine may be busy."""

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
