"""The event catalogue, the event store, the relay and the cursors of the hotline."""
