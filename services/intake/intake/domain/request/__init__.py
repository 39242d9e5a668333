"""A request: a matter registered with its record elements, whatever its channel, and what the desk did about it.

`registering` takes the matter in and answers it, `recording` completes the record, `correcting` changes what was written,
`helping` says what else was done for the caller; `state` holds what their decisions read, `decider` joins them.
"""

from intake.domain.request.correcting import ChangeType, CorrectableField, CorrectRequest, value_in
from intake.domain.request.decider import decide, decider
from intake.domain.request.helping import (
    AddCoOwner,
    ContactDepartment,
    DeclineRequest,
    ExplainDeferral,
    ExplainProcess,
    RecordSearch,
    deadline_of,
)
from intake.domain.request.recording import Completeness, CompleteRecord, completeness
from intake.domain.request.registering import AnswerRequest, RegisterRequest
from intake.domain.request.state import Request, evolve

__all__ = [
    "AddCoOwner",
    "AnswerRequest",
    "ChangeType",
    "CompleteRecord",
    "Completeness",
    "ContactDepartment",
    "CorrectRequest",
    "CorrectableField",
    "DeclineRequest",
    "ExplainDeferral",
    "ExplainProcess",
    "RecordSearch",
    "RegisterRequest",
    "Request",
    "completeness",
    "deadline_of",
    "decide",
    "decider",
    "evolve",
    "value_in",
]
