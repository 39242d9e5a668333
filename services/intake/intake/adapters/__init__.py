"""Where intake meets HTTP, the events and the tables."""
