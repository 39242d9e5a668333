"""`hotline up` and what stands under `hotline demo`: a run that starts, ends as it should, and says why when it does not."""

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner

from hotline_cli.main import main
from hotline_cli.up import running_stack

# `hotline up` over the servers alone; the services have their own tests of the whole.
_RUN = """
import sys, pathlib, click
from hotline_cli.up import running_stack, wait_until_interrupted, print_urls
@click.command()
def run():
    with running_stack(pathlib.Path(sys.argv[1]), services=(), logs=True) as stack:
        print_urls(stack)
        print("pids", *[process.pid for process in stack.processes.values()], flush=True)
        wait_until_interrupted()
    print("ended in order", flush=True)
run(args=[])
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="hotline-cli-"))
    yield path
    shutil.rmtree(path)


def _start(folder: Path) -> tuple[subprocess.Popen[str], list[int]]:
    run = subprocess.Popen(
        [sys.executable, "-c", _RUN, str(folder)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert run.stdout is not None
    for line in run.stdout:
        if line.startswith("pids"):
            return run, [int(word) for word in line.split()[1:]]
    raise AssertionError("the run ended before it was up")


def test_only_commands_that_are_installed_are_listed() -> None:
    listed = re.findall(r"(?m)^  (\w+)", CliRunner().invoke(main, ["--help"]).output.split("Commands:")[1])
    assert "up" in listed
    assert all(importlib.util.find_spec(f"hotline_cli.{name}") for name in listed)
    assert CliRunner().invoke(main, ["no-such-command"]).exit_code == 2


def test_ctrl_c_ends_every_process_and_the_run_with_status_0(folder: Path) -> None:
    run, children = _start(folder)
    run.send_signal(signal.SIGINT)
    output, _ = run.communicate(timeout=60)
    assert run.returncode == 0
    assert "ended in order" in output
    assert not any(psutil.pid_exists(pid) for pid in children)


def test_a_crash_of_one_process_ends_all_with_its_log_and_status_1(folder: Path) -> None:
    run, children = _start(folder)
    os.kill(children[1], signal.SIGKILL)
    output, _ = run.communicate(timeout=60)
    assert run.returncode == 1
    assert "Error: nats ended with status -9" in output
    assert "Server is ready" in output, "the end of its log is shown"
    assert not any(psutil.pid_exists(pid) for pid in children)


def test_a_second_run_in_the_folder_says_so_and_a_killed_one_blocks_nothing(folder: Path) -> None:
    first, _ = _start(folder)
    second = subprocess.run([sys.executable, "-c", _RUN, str(folder)], check=False, capture_output=True, text=True, timeout=60)
    assert second.returncode == 1
    assert f"Another run (process {first.pid})" in second.stderr
    first.kill()
    first.communicate(timeout=60)
    third, _ = _start(folder)
    third.send_signal(signal.SIGTERM)
    third.communicate(timeout=60)
    assert third.returncode == 0


def test_an_error_of_the_block_itself_is_not_hidden(folder: Path) -> None:
    with pytest.raises(ZeroDivisionError), running_stack(folder, services=()):
        _ = 1 / 0
