"""Reporting's rules: what an indicator is, and when a clock has run out. No input, no output, no clock."""
