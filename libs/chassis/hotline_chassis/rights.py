"""The one table of rights: what each role may do. It is checked at the API, and departments again in SQL."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from hotline_chassis.roles import Role
from hotline_events.catalogue.intake.kinds import Confidentiality


class Right(StrEnum):
    CALL_RECORD = "call_record"
    CALL_READ = "call_read"
    CALL_CONDUCT = "call_conduct"
    CALL_REVIEW = "call_review"
    TELEPHONY_REPORT = "telephony_report"
    TELEPHONY_READ = "telephony_read"
    NUMBER_RESTRICT = "number_restrict"
    NUMBER_READ = "number_read"
    VISIT_RECORD = "visit_record"
    REQUEST_REGISTER = "request_register"
    REQUEST_READ = "request_read"
    REQUEST_ANSWER = "request_answer"
    REQUEST_RECORD = "request_record"
    REQUEST_CORRECT = "request_correct"
    REQUEST_SEARCH = "request_search"
    RELAY_TAKE = "relay_take"
    RELAY_HAND_ON = "relay_hand_on"
    RELAY_MIND = "relay_mind"
    KNOWLEDGE_READ = "knowledge_read"
    KNOWLEDGE_WRITE = "knowledge_write"
    KNOWLEDGE_PUBLISH = "knowledge_publish"
    PERSON_REGISTER = "person_register"
    PERSON_READ = "person_read"
    PERSON_ERASE = "person_erase"
    DESK_READ = "desk_read"
    LINE_PUBLISH = "line_publish"
    LINE_FAULT_REPORT = "line_fault_report"
    LINE_FAULT_MEND = "line_fault_mend"
    CALLEE_CONNECT = "callee_connect"
    CALL_BACK = "call_back"
    ROSTER_PUBLISH = "roster_publish"
    SHIFT_KEEP = "shift_keep"
    ABSENCE_REPORT = "absence_report"
    NOTICE_POST = "notice_post"
    PLAYBOOK_PUBLISH = "playbook_publish"
    ORDER_READ = "order_read"
    ORDER_CLASSIFY = "order_classify"
    ORDER_TRANSFER = "order_transfer"
    ORDER_HANDLE = "order_handle"
    ORDER_URGE = "order_urge"
    ORDER_SUPERVISE = "order_supervise"
    ORDER_TRACK = "order_track"
    ORDER_REVIEW = "order_review"
    ORDER_CLOSE = "order_close"
    EXTENSION_DECIDE = "extension_decide"
    ORDER_MERGE = "order_merge"
    ORDER_ARBITRATE = "order_arbitrate"
    DISPATCH_READ = "dispatch_read"
    PRECEDENT_READ = "precedent_read"
    PRECEDENT_REVOKE = "precedent_revoke"
    QUEUE_READ = "queue_read"
    TABLES_READ = "tables_read"
    TABLES_WRITE = "tables_write"
    BROKER_CREDENTIALS = "broker_credentials"
    EMERGENCY_DECLARE = "emergency_declare"
    EMERGENCY_ACKNOWLEDGE = "emergency_acknowledge"
    EMERGENCY_REPORT = "emergency_report"
    EMERGENCY_READ = "emergency_read"
    ESCALATION_RAISE = "escalation_raise"
    ESCALATION_ANSWER = "escalation_answer"
    ESCALATION_READ = "escalation_read"
    SENSITIVE_PERIOD_WRITE = "sensitive_period_write"
    INSTRUCTION_REPORT = "instruction_report"
    INSTRUCTION_ACKNOWLEDGE = "instruction_acknowledge"
    INSTRUCTION_READ = "instruction_read"
    ACCESS_READ = "access_read"
    ACCESS_WRITE = "access_write"
    CLEARANCE_GRANT = "clearance_grant"
    CONFIDENTIALITY_MARK = "confidentiality_mark"
    IDENTITY_READINGS_READ = "identity_readings_read"
    SCREEN_POP = "screen_pop"
    NOTE_TAKE = "note_take"
    DIRECTORY_READ = "directory_read"
    DIRECTORY_WRITE = "directory_write"
    DISCLOSURE_RECORD = "disclosure_record"
    BREAK_GLASS = "break_glass"
    BREAK_GLASS_RATIFY = "break_glass_ratify"
    BREAK_GLASS_READ = "break_glass_read"
    EXPORT_ASK = "export_ask"
    EXPORT_APPROVE = "export_approve"
    EXPORT_READ = "export_read"
    DISCLOSURE_READ = "disclosure_read"
    REVISIT_READ = "revisit_read"
    REVISIT_RECORD = "revisit_record"
    REVISIT_PLAN = "revisit_plan"
    REVISIT_OWN = "revisit_own"
    SURVEY_RECORD = "survey_record"
    EXCEPTION_REVIEW = "exception_review"
    SUGGESTION_READ = "suggestion_read"
    SUGGESTION_ACKNOWLEDGE = "suggestion_acknowledge"
    APOLOGY_READ = "apology_read"
    APOLOGY_REPORT = "apology_report"
    APOLOGY_CONFIRM = "apology_confirm"
    PROMISE_READ = "promise_read"
    PROMISE_KEEP = "promise_keep"
    REPORT_READ = "report_read"
    REPORT_DEPARTMENT_READ = "report_department_read"
    TIMELINE_READ = "timeline_read"
    RULES_DRAFT = "rules_draft"
    RULES_APPROVE = "rules_approve"
    RULES_PUBLISH = "rules_publish"
    CALENDAR_LOAD = "calendar_load"
    COMMITMENT_PUBLISH = "commitment_publish"
    HISTORY_READ = "history_read"
    CLOCK_DRIVE = "clock_drive"
    OPERATE = "operate"


_TAKER = Role.CALL_TAKER
_LEADER = Role.SHIFT_LEADER
_DISPATCHER = Role.DISPATCHER
_HANDLER = Role.DEPARTMENT_HANDLER
_HEAD = Role.DEPARTMENT_HEAD
_REVISIT = Role.REVISIT_AGENT
_INSPECTOR = Role.INSPECTOR
_OVERSIGHT = Role.OVERSIGHT_OFFICER
_ADMIN = Role.ADMINISTRATOR
_SERVICE = Role.SERVICE

_DESK = frozenset({_TAKER, _LEADER})
_DEPARTMENT = frozenset({_HANDLER, _HEAD})
_WATCH = frozenset({_INSPECTOR, _OVERSIGHT})

# The office that answers for the hotline; it reads every matter and names who else may (A145).
_OFFICE = frozenset({_LEADER, _OVERSIGHT})
LEVELS: Mapping[Confidentiality, frozenset[Role]] = MappingProxyType(
    {
        Confidentiality.ORDINARY: frozenset(Role),
        Confidentiality.SENSITIVE: _OFFICE | {_DISPATCHER, _HEAD, _REVISIT},
        Confidentiality.SECRET: _OFFICE,
    }
)

# Service accounts stand for machines: the exchange, the web form, a replay. They register what reached the hotline and
# read history to rebuild; they are no department and read no identity.
RIGHTS: Mapping[Right, frozenset[Role]] = MappingProxyType(
    {
        Right.CALL_RECORD: _DESK | {_SERVICE},
        Right.CALL_READ: _DESK | {_INSPECTOR},
        Right.CALL_CONDUCT: _DESK,
        Right.CALL_REVIEW: frozenset({_LEADER, _INSPECTOR}),
        Right.TELEPHONY_REPORT: frozenset({_SERVICE}),
        Right.TELEPHONY_READ: frozenset({_LEADER, _ADMIN, _SERVICE}),
        Right.NUMBER_RESTRICT: frozenset({_LEADER}),
        Right.NUMBER_READ: _DESK | {_INSPECTOR},
        Right.VISIT_RECORD: _DESK,
        Right.REQUEST_REGISTER: _DESK | {_SERVICE},
        Right.REQUEST_READ: _DESK | {_DISPATCHER, _REVISIT, _INSPECTOR},
        Right.REQUEST_ANSWER: _DESK | {_SERVICE},
        Right.REQUEST_RECORD: _DESK,
        Right.REQUEST_CORRECT: _DESK | {_DISPATCHER},
        Right.REQUEST_SEARCH: _DESK | {_INSPECTOR},
        Right.RELAY_TAKE: _DESK | {_SERVICE},
        Right.RELAY_HAND_ON: _DESK,
        Right.RELAY_MIND: _DESK | _DEPARTMENT | _WATCH | {_DISPATCHER, _REVISIT, _ADMIN},
        Right.KNOWLEDGE_READ: _DESK | _DEPARTMENT | _WATCH | {_DISPATCHER, _REVISIT, _ADMIN, _SERVICE},
        Right.KNOWLEDGE_WRITE: _DESK | _DEPARTMENT | {_DISPATCHER, _INSPECTOR},
        Right.KNOWLEDGE_PUBLISH: frozenset({_LEADER, _INSPECTOR}),
        Right.PERSON_REGISTER: _DESK | {_SERVICE},
        Right.PERSON_READ: _DESK | {_DISPATCHER, _REVISIT, _INSPECTOR},
        Right.PERSON_ERASE: frozenset({_ADMIN}),
        Right.DESK_READ: _DESK | _WATCH | {_DISPATCHER, _REVISIT, _ADMIN, _SERVICE},
        Right.LINE_PUBLISH: frozenset({_ADMIN}),
        Right.LINE_FAULT_REPORT: _DESK | {_ADMIN},
        Right.LINE_FAULT_MEND: frozenset({_LEADER, _ADMIN}),
        Right.CALLEE_CONNECT: _DESK,
        Right.CALL_BACK: _DESK,
        Right.ROSTER_PUBLISH: frozenset({_LEADER}),
        Right.SHIFT_KEEP: _DESK | {_DISPATCHER, _REVISIT},
        Right.ABSENCE_REPORT: frozenset({_LEADER, _INSPECTOR}),
        Right.NOTICE_POST: frozenset({_LEADER}),
        Right.PLAYBOOK_PUBLISH: frozenset({_ADMIN}),
        Right.ORDER_READ: _DESK | _DEPARTMENT | _WATCH | {_DISPATCHER, _REVISIT},
        Right.ORDER_CLASSIFY: frozenset({_DISPATCHER, _LEADER}),
        Right.ORDER_TRANSFER: frozenset({_DISPATCHER, _LEADER}),
        Right.ORDER_HANDLE: _DEPARTMENT,
        Right.ORDER_URGE: _DESK | {_DISPATCHER},
        Right.ORDER_SUPERVISE: frozenset({_LEADER, _OVERSIGHT}),
        Right.ORDER_TRACK: _DESK | {_DISPATCHER, _REVISIT},
        Right.ORDER_REVIEW: _WATCH | {_LEADER},
        Right.ORDER_CLOSE: frozenset({_LEADER}),
        Right.EXTENSION_DECIDE: frozenset({_LEADER, _DISPATCHER, _OVERSIGHT}),
        Right.ORDER_MERGE: frozenset({_DISPATCHER, _LEADER}),
        Right.ORDER_ARBITRATE: frozenset({_LEADER, _OVERSIGHT}),
        Right.DISPATCH_READ: frozenset({_DISPATCHER, _LEADER}) | _WATCH,
        Right.PRECEDENT_READ: frozenset({_DISPATCHER, _LEADER}) | _WATCH,
        Right.PRECEDENT_REVOKE: frozenset({_OVERSIGHT}),
        Right.QUEUE_READ: _DEPARTMENT,
        Right.TABLES_READ: _DESK | _DEPARTMENT | _WATCH | {_DISPATCHER, _REVISIT, _ADMIN, _SERVICE},
        Right.TABLES_WRITE: frozenset({_ADMIN}),
        Right.BROKER_CREDENTIALS: frozenset({_HEAD, _ADMIN}),
        Right.EMERGENCY_DECLARE: _DESK | {_DISPATCHER},
        Right.EMERGENCY_ACKNOWLEDGE: _DEPARTMENT | {_LEADER, _OVERSIGHT},
        Right.EMERGENCY_REPORT: _DEPARTMENT | {_LEADER, _DISPATCHER},
        Right.EMERGENCY_READ: _DESK | _DEPARTMENT | _WATCH | {_DISPATCHER},
        Right.ESCALATION_RAISE: _DESK | {_DISPATCHER, _HEAD},
        Right.ESCALATION_ANSWER: frozenset({_LEADER, _HEAD, _OVERSIGHT}),
        Right.ESCALATION_READ: _DEPARTMENT | _WATCH | {_LEADER, _DISPATCHER},
        Right.SENSITIVE_PERIOD_WRITE: frozenset({_OVERSIGHT, _ADMIN}),
        Right.INSTRUCTION_REPORT: _DESK | {_DISPATCHER},
        Right.INSTRUCTION_ACKNOWLEDGE: _DEPARTMENT,
        Right.INSTRUCTION_READ: _DEPARTMENT | _WATCH | {_LEADER, _DISPATCHER},
        Right.ACCESS_READ: frozenset({_OVERSIGHT, _ADMIN}),
        Right.ACCESS_WRITE: frozenset({_ADMIN}),
        Right.CLEARANCE_GRANT: _OFFICE | {_HEAD},
        Right.CONFIDENTIALITY_MARK: _DESK | {_DISPATCHER, _OVERSIGHT},
        Right.IDENTITY_READINGS_READ: _WATCH | {_ADMIN},
        Right.SCREEN_POP: _DESK | {_DISPATCHER, _REVISIT},
        Right.NOTE_TAKE: _DESK | {_REVISIT},
        Right.DIRECTORY_READ: _DESK | _DEPARTMENT | {_DISPATCHER, _REVISIT, _ADMIN},
        Right.DIRECTORY_WRITE: frozenset({_ADMIN}),
        Right.DISCLOSURE_RECORD: _DESK | {_DISPATCHER, _REVISIT},
        Right.BREAK_GLASS: _DESK | _DEPARTMENT | {_DISPATCHER, _REVISIT, _OVERSIGHT},
        Right.BREAK_GLASS_RATIFY: _WATCH | {_HEAD, _ADMIN},
        Right.BREAK_GLASS_READ: _WATCH | _DEPARTMENT | {_ADMIN},
        Right.EXPORT_ASK: _WATCH | {_LEADER},
        Right.EXPORT_APPROVE: frozenset({_OVERSIGHT, _ADMIN}),
        Right.EXPORT_READ: _WATCH | {_LEADER, _ADMIN},
        Right.DISCLOSURE_READ: _WATCH | {_LEADER},
        Right.REVISIT_READ: frozenset({_REVISIT, _LEADER}) | _WATCH,
        # Who met a caller first makes that caller's revisit; of others' revisits the desk at the telephone sees nothing.
        Right.REVISIT_RECORD: _DESK | {_REVISIT},
        Right.REVISIT_PLAN: frozenset({_REVISIT, _LEADER}),
        Right.REVISIT_OWN: _DESK,
        Right.SURVEY_RECORD: frozenset({_REVISIT, _SERVICE}),
        Right.EXCEPTION_REVIEW: frozenset({_LEADER, _OVERSIGHT}),
        Right.SUGGESTION_READ: _DEPARTMENT | _WATCH | {_REVISIT, _LEADER},
        Right.SUGGESTION_ACKNOWLEDGE: _DEPARTMENT,
        Right.APOLOGY_READ: _DEPARTMENT | _WATCH | {_REVISIT, _LEADER},
        Right.APOLOGY_REPORT: _DEPARTMENT,
        Right.APOLOGY_CONFIRM: frozenset({_REVISIT, _LEADER}),
        Right.PROMISE_READ: _DESK | _WATCH | {_REVISIT},
        Right.PROMISE_KEEP: _DESK | {_REVISIT},
        Right.REPORT_READ: _WATCH | {_LEADER, _ADMIN},
        Right.REPORT_DEPARTMENT_READ: _WATCH | _DEPARTMENT | {_LEADER, _ADMIN},
        Right.TIMELINE_READ: _WATCH | {_LEADER, _DISPATCHER},
        Right.RULES_DRAFT: frozenset({_ADMIN}),
        Right.RULES_APPROVE: frozenset({_OVERSIGHT}),
        Right.RULES_PUBLISH: frozenset({_OVERSIGHT, _ADMIN}),
        Right.CALENDAR_LOAD: frozenset({_ADMIN}),
        Right.COMMITMENT_PUBLISH: frozenset({_OVERSIGHT, _ADMIN}),
        Right.HISTORY_READ: frozenset({_SERVICE}),
        Right.CLOCK_DRIVE: frozenset({_ADMIN, _SERVICE}),
        Right.OPERATE: frozenset({_ADMIN, _SERVICE}),
    }
)
