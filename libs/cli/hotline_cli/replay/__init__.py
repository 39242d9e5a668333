"""Replay of real input: a file, a mapping, and the public API."""

from hotline_cli.replay.command import replay

__all__ = ["replay"]
