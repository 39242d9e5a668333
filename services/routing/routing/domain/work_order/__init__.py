"""A work order: one registered request on its way through classification, departments, rework and closing.

Each concern is a module with its commands and its rules: `lifecycle` (begin and end), `dispatching`, `returning`,
`arbitrating`, `cohandling`, `merging`, `following`, `handling`, `clocks`, `beside`; what it alone reads is a part of the state,
in `parts`. `commands` joins what may be asked, `state` what a decision reads, `decider` the rules; `refusals`, `guards`,
`stints` and `standing` are what they share.
"""

from routing.domain.work_order.decider import decide, decider, on_timer, work_order_id_of
from routing.domain.work_order.standing import Status, Stint
from routing.domain.work_order.state import WorkOrder, evolve

__all__ = ["Status", "Stint", "WorkOrder", "decide", "decider", "evolve", "on_timer", "work_order_id_of"]
