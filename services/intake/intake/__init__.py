"""Intake decides calls, requests and who a person is."""
