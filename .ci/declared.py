"""Print a digest of every declared dependency, so that an outdated lock is noticed without a network."""

import hashlib
import json
import tomllib
from pathlib import Path


def main() -> None:
    root = Path(__file__).parent.parent
    declared = {}
    members = [*root.glob("libs/*/pyproject.toml"), *root.glob("services/*/pyproject.toml")]
    for file in [root / "pyproject.toml", *sorted(members)]:
        content = tomllib.loads(file.read_text())
        groups = content.get("dependency-groups", {})
        declared[content["project"]["name"]] = [content["project"].get("dependencies", []), groups]
    print(hashlib.sha256(json.dumps(declared, sort_keys=True).encode()).hexdigest())


if __name__ == "__main__":
    main()
