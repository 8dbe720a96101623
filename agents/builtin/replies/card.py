"""What a card lets a reply change, and how it reads the reply's clauses."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agents.builtin.replies.reply import Reply

Changes = dict[str, Any]


def nothing(_: Reply) -> Changes:
    """No change."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A kind of card. The three readers give new values by slot; {} where nothing is certain."""

    alone: Callable[[Reply, bool], Changes]
    """What one clause changes by itself; the flag tells whether the reply says nothing else."""
    starts: Callable[[Reply], bool]
    """Whether a clause surely starts a change of its own, even after free words."""
    together: Callable[[Reply], Changes] = nothing
    """What all clauses that change nothing by themselves change together: sums and moments."""
    links: re.Pattern[str] | None = None
    """Before what a clause may end too, if what stands before it is read: "2600 for the logo"."""
