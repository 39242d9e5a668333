"""The telephone directory: published whole, version after version; a number that is told to nobody is never told (A147, A149).

The numbers of staff and leaders are not in it at all: their entries name a person of the vault, whom the exchange connects.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, TypeAlias, assert_never
from uuid import uuid5

from hotline_events.catalogue.intake.directory import (
    DirectoryEntry,
    DirectoryEvent,
    DirectoryLookupDenied,
    DirectoryPublished,
    DirectoryTier,
    DirectoryWentStale,
)
from hotline_events.decider import Decider, RefusalError, Timer
from hotline_events.reaction_batch import Reaction
from hotline_rules.pack import RulePack
from intake.domain.namespaces import TIMERS

MAIN = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishDirectory:
    """Replace the directory. Its version is the present one plus one, so nobody overwrites another's unseen."""

    directory_version: int
    entries: tuple[DirectoryEntry, ...]
    published_by: str
    rules: RulePack
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GoStale:
    """A month is over since this version was published."""

    directory_version: int
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUpNumber:
    """Someone asks for the number of an entry."""

    code: str
    asked_by: str
    now: datetime


DirectoryCommand: TypeAlias = PublishDirectory | GoStale | LookUpNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """What a decision about the directory reads."""

    version: int = 0
    stale: bool = False
    entries: tuple[DirectoryEntry, ...] = ()

    def entry(self, code: str) -> DirectoryEntry | None:
        """Return the entry of this code."""
        return next((entry for entry in self.entries if entry.code == code), None)


class DirectoryVersionError(RefusalError):
    """The version handed in does not follow the directory's present one."""

    code: ClassVar[str] = "directory_version"
    rule: ClassVar[str | None] = "present_version_plus_one"
    field: ClassVar[str | None] = "path.directory_version"


class DuplicateEntryError(RefusalError):
    """Two entries have one code, or one speed dial."""

    code: ClassVar[str] = "duplicate_entry"
    rule: ClassVar[str | None] = "entries_differ"
    field: ClassVar[str | None] = "body.entries"
    status: ClassVar[int] = 422


class NumberInDirectoryError(RefusalError):
    """Only a published number stands in the directory; of any other entry the vault keeps it (A147)."""

    code: ClassVar[str] = "number_in_directory"
    rule: ClassVar[str | None] = "A147"
    field: ClassVar[str | None] = "body.entries"
    status: ClassVar[int] = 422


class EntryUnknownError(RefusalError):
    """There is no such entry."""

    code: ClassVar[str] = "not_found"
    status: ClassVar[int] = 404


def decide(directory: Directory, command: DirectoryCommand) -> list[DirectoryEvent]:
    match command:
        case PublishDirectory():
            return _publish(directory, command)
        case GoStale():
            return _go_stale(directory, command)
        case LookUpNumber():
            return _look_up(directory, command)
        case _:
            assert_never(command)


def evolve(directory: Directory, event: DirectoryEvent) -> Directory:
    match event:
        case DirectoryPublished():
            return Directory(version=event.directory_version, entries=event.entries)
        case DirectoryWentStale():
            return replace(directory, stale=True)
        case DirectoryLookupDenied():
            return directory
        case _:
            assert_never(event)


def timers(event: DirectoryEvent) -> Sequence[Timer]:
    """Watch over the age of each version."""
    if not isinstance(event, DirectoryPublished):
        return ()
    name = f"directory:{event.directory_version}"
    rule = {"directory_version": event.directory_version}
    return (
        Timer(timer_id=uuid5(TIMERS, name), kind="directory.stale", due_at=event.stale_at, stream="directory-main", rule=rule),
    )


def on_timer(timer: Timer) -> Reaction:
    """Turn a due date into its command."""
    command = GoStale(directory_version=timer.rule["directory_version"], now=timer.due_at)
    return Reaction(decider=decider, aggregate_id=MAIN, command=command)


def _publish(directory: Directory, command: PublishDirectory) -> list[DirectoryEvent]:
    if command.directory_version == directory.version and command.entries == directory.entries:
        return []
    if command.directory_version != directory.version + 1:
        raise DirectoryVersionError
    for entry in command.entries:
        if (entry.tier is DirectoryTier.PUBLISHED) != (entry.number is not None):
            raise NumberInDirectoryError
    codes = [entry.code for entry in command.entries]
    dials = [entry.speed_dial for entry in command.entries if entry.speed_dial is not None]
    if len(set(codes)) < len(codes) or len(set(dials)) < len(dials):
        raise DuplicateEntryError
    return [
        DirectoryPublished(
            directory_version=command.directory_version,
            entries=command.entries,
            stale_at=command.rules.after(command.rules.privacy.directory_stale, command.now),
            published_by=command.published_by,
            rule_version=command.rules.number,
            occurred_at=command.now,
        )
    ]


def _go_stale(directory: Directory, command: GoStale) -> list[DirectoryEvent]:
    if directory.stale or directory.version != command.directory_version:
        return []
    return [DirectoryWentStale(directory_version=command.directory_version, occurred_at=command.now)]


def _look_up(directory: Directory, command: LookUpNumber) -> list[DirectoryEvent]:
    """A published number is simply read; asking for any other is on record and answered with nothing."""
    entry = directory.entry(command.code)
    if entry is None:
        raise EntryUnknownError
    if entry.tier is DirectoryTier.PUBLISHED:
        return []
    return [DirectoryLookupDenied(code=entry.code, tier=entry.tier, asked_by=command.asked_by, occurred_at=command.now)]


decider: Decider[DirectoryCommand, Directory, DirectoryEvent] = Decider("directory", decide, evolve, Directory(), timers)
