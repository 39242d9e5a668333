"""A work order: one registered request on its way through classification, departments, rework and closing.

`commands` holds what may be asked and what is refused, `state` what a decision reads, `decider` the rules.
"""

from routing.domain.work_order.decider import decide, decider, on_timer, work_order_id_of
from routing.domain.work_order.state import Status, Stint, WorkOrder, evolve

__all__ = ["Status", "Stint", "WorkOrder", "decide", "decider", "evolve", "on_timer", "work_order_id_of"]
