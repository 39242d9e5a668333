"""The parts of an order's state that one concern alone reads: each a dataclass and how events change it.

A part meets every event of its order and answers itself where it does not care. It imports `standing` at most.
"""

from routing.domain.work_order.parts.dispatching import Dispatching, evolve_dispatching

__all__ = ["Dispatching", "evolve_dispatching"]
