"""(name, version) -> a pure function to the next version, applied on read. Stored rows never change.

One step per version, never a jump. A step takes and returns the payload as parsed JSON. None is needed yet: every event
is at version 1. `CONTRIBUTING.md` says how to add the first.
"""

from collections.abc import Callable, Mapping
from typing import Any

Payload = dict[str, Any]
Upcast = Callable[[Payload], Payload]

UPCASTS: Mapping[tuple[str, int], Upcast] = {}


def upcast(
    name: str, version: int, current: int, payload: Payload, steps: Mapping[tuple[str, int], Upcast] = UPCASTS
) -> Payload:
    """Bring a payload from its stored version to the current one, step by step."""
    for step in range(version, current):
        payload = steps[name, step](payload)
    return payload
