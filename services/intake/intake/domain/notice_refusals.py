"""What intake refuses about notices and playbooks, and by which rule. The texts are in `locale`."""

from typing import ClassVar

from hotline_events.decider import RefusalError
from intake.domain.duty_refusals import StepMissingError


class NoticeNotPostedError(RefusalError):
    """There is no such notice."""

    code: ClassVar[str] = "notice_not_posted"
    status: ClassVar[int] = 404


class NoticeAlreadyPostedError(RefusalError):
    """The id belongs to another notice."""

    code: ClassVar[str] = "notice_already_posted"
    rule: ClassVar[str | None] = "A160"


class NoticeEndsError(RefusalError):
    """A notice ends after it starts."""

    code: ClassVar[str] = "notice_ends"
    rule: ClassVar[str | None] = "A160"
    field: ClassVar[str | None] = "body.ends_at"
    status: ClassVar[int] = 422


class PlaybookUnknownError(RefusalError):
    """Nobody published this playbook."""

    code: ClassVar[str] = "playbook_unknown"
    status: ClassVar[int] = 404


class PlaybookNotOpenedError(RefusalError):
    """Nobody works by a playbook under this id."""

    code: ClassVar[str] = "playbook_not_opened"
    status: ClassVar[int] = 404


class PlaybookAlreadyOpenedError(RefusalError):
    """The id belongs to another use of a playbook."""

    code: ClassVar[str] = "playbook_already_opened"
    rule: ClassVar[str | None] = "A161"


class PlaybookStepsError(RefusalError):
    """The steps of a playbook have codes of their own."""

    code: ClassVar[str] = "playbook_steps"
    rule: ClassVar[str | None] = "A161"
    field: ClassVar[str | None] = "body.steps"
    status: ClassVar[int] = 422


class UnknownStepError(RefusalError):
    """The playbook has no such step."""

    code: ClassVar[str] = "unknown_step"
    rule: ClassVar[str | None] = "A161"
    field: ClassVar[str | None] = "path.step"
    status: ClassVar[int] = 422


class StepOutOfOrderError(StepMissingError):
    """Steps are worked off in their order."""

    code: ClassVar[str] = "step_out_of_order"
    rule: ClassVar[str | None] = "A161"
