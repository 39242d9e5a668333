"""Between followup's decisions and the world: HTTP, events of other services, read models."""
