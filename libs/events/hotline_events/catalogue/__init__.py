"""Every event of the hotline, one module per owning service. Importing this package registers all of them."""

from hotline_events.catalogue import followup, intake, reporting, routing

__all__ = ["followup", "intake", "reporting", "routing"]
