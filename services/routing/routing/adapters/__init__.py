"""Where routing meets HTTP, the other services' events, and its own read models."""
