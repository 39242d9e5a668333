"""Followup decides revisits: whether the caller was helped."""
