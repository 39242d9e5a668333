"""The hotline command."""
