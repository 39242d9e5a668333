"""The read models of privacy, together."""

from hotline_chassis.access import VIEW as ACCESS
from hotline_chassis.confidentiality import VIEW as CONFIDENTIALITY
from intake.adapters.views import break_glass, callers, directory, disclosures, exports, order_holders, readings

VIEWS = (
    directory.VIEW,
    break_glass.VIEW,
    exports.VIEW,
    disclosures.VIEW,
    order_holders.VIEW,
    callers.VIEW,
    readings.VIEW,
    CONFIDENTIALITY,
    ACCESS,
)
