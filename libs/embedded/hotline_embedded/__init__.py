"""Postgres, NATS and the service processes of a development machine, run by one supervisor."""
