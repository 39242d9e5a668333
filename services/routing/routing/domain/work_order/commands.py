"""What may be asked of a work order: the commands of every concern, joined.

Acts of a department carry the department that acts: another one's order is refused with the very answer for an order that
does not exist.
"""

from typing import TypeAlias

from routing.domain.work_order.arbitrating import ArbitratingCommand, DecideArbitration, OpenArbitration
from routing.domain.work_order.beside import BesideCommand, NoteEmergency, NoteEscalation
from routing.domain.work_order.clocks import ClockCommand, PassLimit
from routing.domain.work_order.closing import CloseByHand, CloseOrder, ClosingCommand
from routing.domain.work_order.cohandling import AssignHandler, CohandlingCommand, ReportPart
from routing.domain.work_order.dispatching import (
    ChangeRequestType,
    ClassifyOrder,
    DispatchingCommand,
    NameAccused,
    TransferOrder,
)
from routing.domain.work_order.extending import (
    DenyExtension,
    ExplainDeferral,
    ExtendingCommand,
    GrantExtension,
    RequestExtension,
)
from routing.domain.work_order.following import EndFollower, FollowClassification, FollowingCommand, FollowResolution
from routing.domain.work_order.handling import (
    ContactCaller,
    HandlingCommand,
    ReportInvestigation,
    ResolveOrder,
    SignOrder,
)
from routing.domain.work_order.lifecycle import (
    LifecycleCommand,
    OpenWorkOrder,
    ReworkOrder,
    WithdrawOrder,
)
from routing.domain.work_order.merging import (
    MergeOrder,
    MergingCommand,
    ReleaseFollower,
    TakeFollower,
    UnmergeOrder,
)
from routing.domain.work_order.returning import ReturningCommand, ReturnOrder
from routing.domain.work_order.reviewing import (
    CorrectReply,
    FileUnresolvable,
    ReviewingCommand,
    ReviewReply,
    ReviewUnresolvable,
)
from routing.domain.work_order.supervision import (
    AnswerSupervision,
    CloseSupervision,
    OpenSupervision,
    PassSupervision,
    SendBackSupervision,
    SupervisionCommand,
)
from routing.domain.work_order.tracking import InformCaller, RecordContact, TrackingCommand
from routing.domain.work_order.urging import ClimbRung, UrgeOrder, UrgingCommand
from routing.domain.work_order.waiting import PassDispatch, WaitingCommand

WorkOrderCommand: TypeAlias = (
    LifecycleCommand
    | DispatchingCommand
    | ReturningCommand
    | ArbitratingCommand
    | WaitingCommand
    | CohandlingCommand
    | MergingCommand
    | FollowingCommand
    | HandlingCommand
    | ClockCommand
    | UrgingCommand
    | SupervisionCommand
    | ExtendingCommand
    | TrackingCommand
    | ReviewingCommand
    | ClosingCommand
    | BesideCommand
)
DepartmentAct: TypeAlias = (
    HandlingCommand
    | ReturningCommand
    | CohandlingCommand
    | AnswerSupervision
    | RequestExtension
    | ExplainDeferral
    | CorrectReply
    | FileUnresolvable
)
"""What a department does: every one of these has a `department`."""
OfficeAct: TypeAlias = (
    UrgeOrder
    | OpenSupervision
    | SendBackSupervision
    | CloseSupervision
    | GrantExtension
    | DenyExtension
    | TrackingCommand
    | ReviewReply
    | ReviewUnresolvable
    | CloseByHand
)
"""What the hotline and those who watch over it do."""

__all__ = [
    "AnswerSupervision",
    "ArbitratingCommand",
    "AssignHandler",
    "BesideCommand",
    "ChangeRequestType",
    "ClassifyOrder",
    "ClimbRung",
    "ClockCommand",
    "CloseByHand",
    "CloseOrder",
    "CloseSupervision",
    "ClosingCommand",
    "CohandlingCommand",
    "ContactCaller",
    "CorrectReply",
    "DecideArbitration",
    "DenyExtension",
    "DepartmentAct",
    "DispatchingCommand",
    "EndFollower",
    "ExplainDeferral",
    "ExtendingCommand",
    "FileUnresolvable",
    "FollowClassification",
    "FollowResolution",
    "FollowingCommand",
    "GrantExtension",
    "HandlingCommand",
    "InformCaller",
    "LifecycleCommand",
    "MergeOrder",
    "MergingCommand",
    "NameAccused",
    "NoteEmergency",
    "NoteEscalation",
    "OfficeAct",
    "OpenArbitration",
    "OpenSupervision",
    "OpenWorkOrder",
    "PassDispatch",
    "PassLimit",
    "PassSupervision",
    "RecordContact",
    "ReleaseFollower",
    "ReportInvestigation",
    "ReportPart",
    "RequestExtension",
    "ResolveOrder",
    "ReturnOrder",
    "ReturningCommand",
    "ReviewReply",
    "ReviewUnresolvable",
    "ReviewingCommand",
    "ReworkOrder",
    "SendBackSupervision",
    "SignOrder",
    "SupervisionCommand",
    "TakeFollower",
    "TrackingCommand",
    "TransferOrder",
    "UnmergeOrder",
    "UrgeOrder",
    "UrgingCommand",
    "WaitingCommand",
    "WithdrawOrder",
    "WorkOrderCommand",
]
