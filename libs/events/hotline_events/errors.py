"""What can go wrong between a command and its committed events. Every error says what changed: nothing."""

from uuid import UUID


class HotlineError(Exception):
    """The root of the errors that this library raises on purpose."""


class VersionConflictError(HotlineError):
    """Someone else appended to the stream first; the caller decided on an old state."""

    def __init__(self, stream: str, expected: int, actual: int | None = None) -> None:
        super().__init__(f"{stream} is not at version {expected}" + (f" but at {actual}" if actual is not None else ""))
        self.stream = stream
        self.expected = expected
        self.actual = actual


class CommandReusedError(HotlineError):
    """A command id was used before with other content."""

    def __init__(self, command_id: UUID) -> None:
        super().__init__(f"command {command_id} was used before with other content")
        self.command_id = command_id


class StoreUnavailableError(HotlineError):
    """The database did not answer in time. The command may or may not be stored: repeat it with the same command id."""


class NotFoundError(HotlineError):
    """There is no such thing, or none that the asker may see: the answer is the same on purpose."""


class CheckpointMovedError(HotlineError):
    """Another worker has moved this consumer's checkpoint; nothing of the batch was applied."""


class GapError(HotlineError):
    """The next event is not the one that follows the checkpoint: reopen the cursor, apply nothing."""


class EpochChangedError(HotlineError):
    """The source was restored: positions after the restore point were handed out again."""

    def __init__(self, source: str, known: int, met: int, start: int) -> None:
        super().__init__(f"{source} went from epoch {known} to {met}, which starts after position {start}")
        self.source = source
        self.known = known
        self.met = met
        self.start = start


class UnknownVersionError(HotlineError):
    """An event has a schema version that this code does not know yet: stop, deploy first."""


class PoisonEventError(HotlineError):
    """A projection cannot apply an event; it stops there and says which."""

    def __init__(self, consumer: str, source: str, position: int, error: str) -> None:
        super().__init__(f"{consumer} stops at {source} {position}: {error}")
        self.consumer = consumer
        self.source = source
        self.position = position
