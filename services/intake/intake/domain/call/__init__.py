"""A call: from the first ring to the completed record, and every step that the rules ask for in between (A01-A24, A45-A63).

Each concern is a module with its commands and its rules: `lifecycle` (received, answered, held, resumed), `speaking` (scripts,
silent, misdialled and harassing calls), `hearing` (transcripts), `attending` (priority, long talks), `passing` (transfer),
`ringing` (unanswered telephones), `reaching` (consultation, leaders), `ending` (the end and what was left out), `clocks`.
`exchange` and `reconciling` bring a call to what the exchange saw of it. `state`, `conduct` and `steps` are what a decision
reads; `refusals` and `guards` are shared.
"""

from intake.domain.call.attending import (
    ChooseMenuOption,
    DetectOverflow,
    KeepLineOpen,
    NotifyWaiting,
    PrioritiseCall,
    PromiseCallback,
    ReachTalkLimit,
    TagDistress,
)
from intake.domain.call.conduct import SILENT_PATH
from intake.domain.call.decider import CallCommand, decide, decider, on_timer
from intake.domain.call.ending import EndCall, ReleaseLine, SettleCall, WrapUpCall
from intake.domain.call.exchange import Fact, FactKind, Picture, picture_of
from intake.domain.call.hearing import HearTranscript
from intake.domain.call.lifecycle import AbandonCall, AnswerCall, HoldCall, ReceiveCall, ResumeCall
from intake.domain.call.passing import (
    BriefTransfer,
    ConfirmTransfer,
    ConnectTransfer,
    DeclineTransfer,
    PrepareTransfer,
    target_of,
)
from intake.domain.call.reaching import BeginHunt, ConsultColleague, ScreenForLeader, TryPlace
from intake.domain.call.reconciling import ReconcileCall
from intake.domain.call.ringing import ChooseAlternative, GiveProgress, ReleaseExtension, RingExtension
from intake.domain.call.speaking import (
    ApologiseLate,
    FlagHarassment,
    HandleMisdial,
    HandleSilence,
    IdentifyCaller,
    SpeakScript,
)
from intake.domain.call.standing import OVER, TALKING, Status
from intake.domain.call.state import Call, evolve

__all__ = [
    "OVER",
    "SILENT_PATH",
    "TALKING",
    "AbandonCall",
    "AnswerCall",
    "ApologiseLate",
    "BeginHunt",
    "BriefTransfer",
    "Call",
    "CallCommand",
    "ChooseAlternative",
    "ChooseMenuOption",
    "ConfirmTransfer",
    "ConnectTransfer",
    "ConsultColleague",
    "DeclineTransfer",
    "DetectOverflow",
    "EndCall",
    "Fact",
    "FactKind",
    "FlagHarassment",
    "GiveProgress",
    "HandleMisdial",
    "HandleSilence",
    "HearTranscript",
    "HoldCall",
    "IdentifyCaller",
    "KeepLineOpen",
    "NotifyWaiting",
    "Picture",
    "PrepareTransfer",
    "PrioritiseCall",
    "PromiseCallback",
    "ReachTalkLimit",
    "ReceiveCall",
    "ReconcileCall",
    "ReleaseExtension",
    "ReleaseLine",
    "ResumeCall",
    "RingExtension",
    "ScreenForLeader",
    "SettleCall",
    "SpeakScript",
    "Status",
    "TagDistress",
    "TryPlace",
    "WrapUpCall",
    "decide",
    "decider",
    "evolve",
    "on_timer",
    "picture_of",
    "target_of",
]
