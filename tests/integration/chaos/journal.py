"""What the clients did: every command sent, and every answer that acknowledged one."""

import time
from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command under the id that its client made: however often it is sent, it is one command."""

    service: str
    user: str
    method: str
    path: str
    body: dict[str, object]
    command_id: UUID
    stream: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """What a service answered: from now on the command must be found at exactly this place."""

    command: Command
    version: int
    position: int


@dataclass(slots=True)
class Journal:
    """The clients' own memory, against which the stores are checked."""

    acknowledged: list[Acknowledged] = field(default_factory=list)
    open: dict[UUID, Command] = field(default_factory=dict)
    attempts: int = 0
    sent: int = 0
    repeated: int = 0
    unchanged: int = 0
    no_answer: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    lives: Counter[str] = field(default_factory=Counter)
    began: float = field(default_factory=time.monotonic)
    in_second: Counter[int] = field(default_factory=Counter)

    @property
    def unknown(self) -> int:
        """Count the commands whose client was stopped before it had an answer: stored or not, both are right."""
        return len(self.open)

    def send(self, command: Command) -> None:
        self.sent += 1
        self.open[command.command_id] = command

    def acknowledge(self, command: Command, *, version: int, position: int, attempts: int) -> None:
        del self.open[command.command_id]
        self.repeated += attempts > 1
        self.in_second[int(time.monotonic() - self.began)] += 1
        if position == 0:
            self.unchanged += 1
            return
        self.acknowledged.append(Acknowledged(command=command, version=version, position=position))

    def refuse(self, command: Command, answer: str) -> None:
        """Note an answer that no client of this load should ever get: every command is right when it is sent."""
        del self.open[command.command_id]
        self.refused[f"{command.method} {command.service} …/{command.path.rpartition('/')[2][:12]}: {answer}"] += 1
