"""Write the next, empty migration of a service: `migration.py <service> <what it does>`."""

import re
import sys
from pathlib import Path

_TEMPLATE = '''"""{message}."""

from alembic import op

revision = "{number:04d}"
down_revision = "{previous}"


def upgrade() -> None:
    """Work with the code before it and after it: expand now, contract in a later release."""
    op.execute("")
'''


def main() -> None:
    service, message = sys.argv[1], sys.argv[2].strip().rstrip(".")
    versions = Path(__file__).parent.parent / "services" / service / "migrations" / "versions"
    last = max(versions.glob("[0-9]*_*.py"))
    previous = last.name.split("_")[0]
    slug = re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_")
    file = versions / f"{int(previous) + 1:04d}_{slug}.py"
    file.write_text(_TEMPLATE.format(message=message, number=int(previous) + 1, previous=previous))
    print(file.relative_to(Path.cwd()))


if __name__ == "__main__":
    main()
