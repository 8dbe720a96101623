"""Pins every version, the transitive ones too, into pyproject.toml.

    uv lock --upgrade && uv run python .ci/pin.py

The lock file itself stays out of the repository, since it names download hosts; the pins make
two machines resolve alike.
"""

import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parent.parent / "pyproject.toml"
BEGIN, END = "# pins: begin\n", "# pins: end\n"


def main() -> int:
    """Writes the pins between the two marks."""
    exported = subprocess.run(
        ["uv", "export", "--format", "requirements.txt", "--no-hashes", "--all-groups",
         "--all-extras", "--no-annotate", "--no-header", "--no-emit-project"],
        check=True, capture_output=True, text=True, cwd=PROJECT.parent,
    ).stdout  # fmt: skip
    pins = [line.strip() for line in exported.splitlines() if "==" in line]
    quoted = "".join(f"    {pin!r},\n" if '"' in pin else f'    "{pin}",\n' for pin in pins)
    text = PROJECT.read_text()
    block = f"{BEGIN}constraint-dependencies = [\n{quoted}]\n{END}"
    PROJECT.write_text(re.sub(f"{BEGIN}.*?{END}", lambda _: block, text, flags=re.S))
    sys.stdout.write(f"{len(pins)} versions pinned.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
