"""The parts of an order's state that one concern alone reads: each a dataclass and how events change it.

A part meets every event of its order and answers itself where it does not care. It imports `standing` at most.
"""

from routing.domain.work_order.parts.beside import Beside, evolve_beside
from routing.domain.work_order.parts.dispatching import Dispatching, evolve_dispatching
from routing.domain.work_order.parts.extending import Extending, evolve_extending
from routing.domain.work_order.parts.handling import Handling, evolve_handling
from routing.domain.work_order.parts.supervision import Supervising, evolve_supervising
from routing.domain.work_order.parts.urging import Ladder, Urging, evolve_urging

__all__ = [
    "Beside",
    "Dispatching",
    "Extending",
    "Handling",
    "Ladder",
    "Supervising",
    "Urging",
    "evolve_beside",
    "evolve_dispatching",
    "evolve_extending",
    "evolve_handling",
    "evolve_supervising",
    "evolve_urging",
]
