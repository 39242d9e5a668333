"""A work order: one registered request on its way through classification, departments, rework and closing.

Each concern is a module with its commands, its part of the state and its rules: `lifecycle` (begin and end), `dispatching`,
`returning`, `handling`, `clocks`. `commands` joins what may be asked, `state` what a decision reads, `decider` the rules;
`refusals`, `guards` and `standing` are what they share.
"""

from routing.domain.work_order.decider import decide, decider, on_timer, work_order_id_of
from routing.domain.work_order.standing import Status, Stint
from routing.domain.work_order.state import WorkOrder, evolve

__all__ = ["Status", "Stint", "WorkOrder", "decide", "decider", "evolve", "on_timer", "work_order_id_of"]
