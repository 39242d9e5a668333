"""The read models of lines and of duty."""

from intake.adapters.views import duty, lines, missed_calls, notices, places, playbooks

VIEWS = (lines.VIEW, places.VIEW, missed_calls.VIEW, duty.VIEW, notices.VIEW, playbooks.VIEW)
