"""Mutation tests: how many removed or inverted checks the tests notice. See docs/mutation.md."""

import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from configparser import ConfigParser
from pathlib import Path

from checks import checks

ROOT = Path(__file__).parents[2]
CONFIG = Path(__file__).with_name("mutmut.cfg")
CAUGHT = ("killed", "timeout", "caught by type check")
GOAL = 0.95
MEMORY = 4 * 1024**3
"""Bytes of address space: a mutant that gathers without end is stopped before the machine is."""


def copy(to: Path) -> None:
    """The files that git knows, as they are now: the tree itself is left alone."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    shutil.copy2(CONFIG, to / "setup.cfg")


def mutmut(folder: Path, *arguments: str) -> str:
    """What a command of mutmut says."""
    command = [sys.executable, "-m", "mutmut", *arguments]
    return subprocess.run(
        command, cwd=folder, check=False, stdout=subprocess.PIPE, text=True
    ).stdout


def main() -> int:
    """Runs the mutants of the modules named, or of all; 1 where too few are caught."""
    config = ConfigParser()
    config.read(CONFIG)
    files = sys.argv[1:] or config["mutmut"]["only_mutate"].split()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    with tempfile.TemporaryDirectory(prefix="mutation-") as name:
        folder = Path(name)
        copy(folder)
        # One mutant, so that all are written down and the tests are timed.
        mutmut(folder, "run", "--max-children", "1", "core.gate.x_last_call__mutmut_2")
        chosen = set(checks(folder / "mutants", files))
        mutmut(folder, "run", "--max-children", "1", *sorted(chosen))
        results = mutmut(folder, "results", "--all", "true")
        found = {
            name: state.strip()
            for name, state in re.findall(r"^\s*(\S+): (.+)$", results, re.MULTILINE)
            if name in chosen
        }
        for name, state in sorted(found.items()):
            if state != "killed":  # also what took too long: a busy machine does that too
                sys.stdout.write(f"{name}: {state}\n{mutmut(folder, 'show', name)}\n")
    caught = sum(state in CAUGHT for state in found.values())
    sys.stdout.write(f"{dict(Counter(found.values()))}\n")
    sys.stdout.write(f"{caught} of {len(chosen)} caught: {caught / max(1, len(chosen)):.1%}\n")
    return 0 if chosen and caught / len(chosen) >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
