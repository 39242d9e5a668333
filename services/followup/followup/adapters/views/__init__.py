"""Followup's read models, one module a list that somebody works from.

Each table hears one service only, so the tables are the same however the services' events interleave; a question puts them
together. Texts stay sealed here. When a person is erased their boxes are hidden or no key opens them.
"""

from followup.adapters.views.apologies import apologies
from followup.adapters.views.call_matters import call_matters
from followup.adapters.views.promises import promises
from followup.adapters.views.revisits import RevisitStatus, revisits
from followup.adapters.views.suggestions import suggestions
from hotline_chassis.access import VIEW as ACCESS
from hotline_chassis.confidentiality import VIEW as CONFIDENTIALITY

VIEWS = (revisits, suggestions, apologies, promises, call_matters, CONFIDENTIALITY, ACCESS)

__all__ = ["VIEWS", "RevisitStatus", "apologies", "promises", "revisits", "suggestions"]
