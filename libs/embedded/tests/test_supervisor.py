"""The supervisor, with real processes: order, crashes, interruptions, and its own sudden death."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from hotline_embedded.ports import PortBook
from hotline_embedded.process import Process, ProcessEndedError
from hotline_embedded.service import Service, StepError, run_steps
from hotline_embedded.supervisor import AlreadyRunningError, ChildFailedError, Supervisor

_SERVER = """
import http.server, sys
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/crash":
            print("the reason of the crash", flush=True); import os; os._exit(3)
        self.send_response(200); self.end_headers()
print("serving", flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Ready).serve_forever()
"""

# The whole of a run: three services, their ids printed, then waiting as `hotline up` does.
_RUN = """
import contextlib, pathlib, sys, threading
from hotline_embedded.process import Process
from hotline_embedded.ports import PortBook
from hotline_embedded.service import Service
from hotline_embedded.supervisor import Supervisor, interruptions_raise
folder, server = pathlib.Path(sys.argv[1]), sys.argv[2]
def service(name):
    port = PortBook(folder / "ports.json").port(name)
    process = Process(name, [sys.executable, "-c", server, str(port)], log=folder / "logs" / f"{name}.log")
    return Service(process, port=port)
with interruptions_raise(), contextlib.suppress(KeyboardInterrupt), Supervisor(folder) as supervisor:
    units = [service(name) for name in ("one", "two", "three")]
    supervisor.start(*units)
    print(*[unit.process.pid for unit in units], flush=True)
    supervisor.watch(threading.Event())
print("ended in order", flush=True)
"""


def _service(folder: Path, name: str) -> Service:
    port = PortBook(folder / "ports.json").port(name)
    command = [sys.executable, "-c", _SERVER, str(port)]
    return Service(Process(name, command, log=folder / "logs" / f"{name}.log"), port=port)


def _eventually(condition: Callable[[], bool], *, within: float = 10) -> bool:
    deadline = time.monotonic() + within
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def _gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def _run(folder: Path) -> tuple[subprocess.Popen[str], list[int]]:
    run = subprocess.Popen(
        [sys.executable, "-c", _RUN, str(folder), _SERVER], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert run.stdout is not None
    return run, [int(word) for word in run.stdout.readline().split()]


def test_everything_that_was_started_is_ready_and_stops_in_reverse_order(tmp_path: Path) -> None:
    ended: list[str] = []

    class _Noted(Service):
        def stop(self) -> None:
            super().stop()
            ended.append(self.name)

    first, second = _service(tmp_path, "first"), _service(tmp_path, "second")
    noted = [_Noted(unit.process, port=unit.port) for unit in (first, second)]
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(noted[0])
        supervisor.start(noted[1])
        assert first.is_ready()
        assert second.is_ready()
    assert ended == ["second", "first"]
    assert not first.process.alive
    assert not second.process.alive


def test_a_process_that_ends_by_itself_is_shown_with_the_end_of_its_log(tmp_path: Path) -> None:
    said: list[str] = []
    service = _service(tmp_path, "fragile")
    with Supervisor(tmp_path, say=said.append) as supervisor:
        supervisor.start(service)
        Service(service.process, port=service.port, ready_path="/crash").is_ready()
        with pytest.raises(ChildFailedError, match=r"(?s)fragile ended with status 3.*the reason of the crash"):
            supervisor.watch(threading.Event())
    assert any("fragile" in line and "the reason of the crash" in line for line in said)


def test_a_process_that_we_killed_has_not_failed(tmp_path: Path) -> None:
    service = _service(tmp_path, "killed")
    until = threading.Event()
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(service)
        service.process.kill()
        threading.Timer(0.5, until.set).start()
        supervisor.watch(until, every=0.05)
        service.start()
        assert service.is_ready()


def test_a_process_that_cannot_start_ends_the_wait_at_once(tmp_path: Path) -> None:
    process = Process("broken", [sys.executable, "-c", "raise SystemExit('no such table')"], log=tmp_path / "broken.log")
    with pytest.raises(ProcessEndedError, match="no such table"):
        Service(process, port=1).start()


def test_a_frozen_process_answers_nothing_until_it_is_woken_and_can_be_stopped_frozen(tmp_path: Path) -> None:
    service = _service(tmp_path, "frozen")
    service.start()
    service.process.freeze()
    assert not service.is_ready()
    service.process.thaw()
    assert service.is_ready()
    service.process.freeze()
    service.stop()
    assert not service.process.alive


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_stops_everything_and_ends_well(tmp_path: Path, how: signal.Signals) -> None:
    run, children = _run(tmp_path)
    assert len(children) == 3
    run.send_signal(how)
    output, _ = run.communicate(timeout=60)
    assert run.returncode == 0
    assert "ended in order" in output
    assert all(_gone(pid) for pid in children)


def test_a_sudden_death_of_the_supervisor_leaves_no_child_and_blocks_nothing(tmp_path: Path) -> None:
    run, children = _run(tmp_path)
    psutil.Process(children[1]).suspend()
    run.kill()
    run.communicate(timeout=60)
    assert _eventually(lambda: all(_gone(pid) for pid in children)), "frozen children die too"
    second, _ = _run(tmp_path)
    second.send_signal(signal.SIGINT)
    second.communicate(timeout=60)
    assert second.returncode == 0


def test_a_child_outlives_the_thread_that_asked_for_it(tmp_path: Path) -> None:
    """The kernel's parent-death signal follows the thread that forked; ours must live as long as the process."""
    service = _service(tmp_path, "threaded")
    thread = threading.Thread(target=service.start)
    thread.start()
    thread.join()
    time.sleep(0.2)
    assert service.process.alive
    service.stop()


def test_two_runs_in_one_folder_refuse_each_other_by_name(tmp_path: Path) -> None:
    with Supervisor(tmp_path), pytest.raises(AlreadyRunningError, match="Another run"), Supervisor(tmp_path):
        pass
    with Supervisor(tmp_path):
        pass


def test_steps_run_side_by_side_and_the_first_failure_is_shown(tmp_path: Path) -> None:
    def step(code: str) -> tuple[list[str], dict[str, str]]:
        return [sys.executable, "-c", code], {"PATH": ""}

    run_steps({"good": step("print(1)"), "better": step("print(2)")}, logs=tmp_path)
    with pytest.raises(StepError, match=r"(?s)bad ended with status 1.*no such column"):
        run_steps({"bad": step("raise SystemExit('no such column')"), "good": step("print(1)")}, logs=tmp_path)


def test_a_port_is_kept_until_somebody_else_takes_it(tmp_path: Path) -> None:
    book = PortBook(tmp_path / "ports.json")
    port = book.port("intake")
    assert PortBook(tmp_path / "ports.json").port("intake") == port
    service = Service(Process("thief", [sys.executable, "-c", _SERVER, str(port)], log=tmp_path / "thief.log"), port=port)
    service.start()
    try:
        assert book.port("intake", held_by_us=True) == port
        assert book.port("intake") != port
    finally:
        service.stop()
