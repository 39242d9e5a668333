"""The example that a newcomer runs first does what it says: a whole life by hand, and problems that name the missing step."""

import os
import subprocess
import sys
from pathlib import Path

from hotline_embedded.city import City

EXAMPLE = Path(__file__).parents[2] / "examples" / "one_matter.py"


async def test_the_example_lives_through_a_matter_and_is_told_each_missing_step(stack: City) -> None:
    """A24, A92, A108."""
    environment = {**os.environ, "HOTLINE_FOLDER": str(stack.root)}
    done = subprocess.run(
        [sys.executable, str(EXAMPLE), "en"], env=environment, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    wrong = [line.split("missing=")[1] for line in done.stdout.splitlines() if line.startswith("409")]
    assert wrong == ["answered", "classified", "verification", "verification"], done.stdout
    assert not [line for line in done.stdout.splitlines() if line[:3] not in {"200", "201", "409"}], done.stdout
