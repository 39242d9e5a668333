"""Twenty seconds of chaos in every run of the tests; `make chaos SECONDS=600` is for longer nights."""

import subprocess
import sys
from pathlib import Path


def test_nothing_acknowledged_is_lost_while_servers_crash_and_processes_die():
    """The run is a program of its own, as `make chaos` starts it; its summary is the message of a failure."""
    run = Path(__file__).with_name("run.py")
    done = subprocess.run([sys.executable, str(run), "--seconds", "20"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
