"""A short walk in every run of the tests; `make walk` walks 500 sequences."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.timeout(600)
def test_no_sequence_of_commands_breaks_a_rule():
    """A65, A93, A100, A101, A108: the run is a program of its own, as `make walk` starts it; a failure prints its sequence."""
    run = Path(__file__).with_name("run.py")
    command = [sys.executable, str(run), "--sequences", "25"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-6000:]}"
