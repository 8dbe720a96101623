"""What comes next in a run: computed from its stored steps and nothing else.

The same steps always give the same moves, so a run that is picked up after a crash, or by
another worker, goes on exactly as it would have.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.runs import Node


@dataclass(frozen=True, slots=True)
class Moves:
    """What can move on now.

    ``ready`` can go; ``held`` begin their hold window; ``waits`` begin to wait; ``dropped`` are
    fallbacks that aren't needed. ``begun`` tells whether anything is done yet, ``over`` whether
    everything that counts is.
    """

    ready: list[Node] = field(default_factory=list[Node])
    held: list[Node] = field(default_factory=list[Node])
    waits: list[Node] = field(default_factory=list[Node])
    dropped: list[Node] = field(default_factory=list[Node])
    begun: bool = False
    over: bool = False


def next_moves(steps: Sequence[Node]) -> Moves:
    """The moves of a run with these steps.

    A step can go when all it depends on is fulfilled: done, or failed with its fallback done.
    """
    fulfilled = {step.key for step in steps if step.state == "done"}
    stands_for = {step.key: step.instead_of for step in steps if step.instead_of}
    for key in tuple(fulfilled):
        while key in stands_for:  # a fallback may have a fallback of its own
            key = stands_for[key]
            fulfilled.add(key)
    failed = {step.key for step in steps if step.state == "failed"}
    moves = Moves(
        begun=any(step.state == "done" and step.kind != "draft" for step in steps),
        over=all(
            step.key in fulfilled or step.instead_of in fulfilled
            for step in steps
            if step.kind != "draft"
        ),
    )
    for step in steps:
        if step.state != "blocked":
            continue
        if step.instead_of in fulfilled:
            moves.dropped.append(step)
        elif (step.instead_of and step.instead_of not in failed) or not (
            fulfilled.issuperset(step.depends)
        ):
            continue
        elif step.kind == "wait":
            moves.waits.append(step)
        elif step.hold_seconds and not step.attempts:
            moves.held.append(step)
        else:
            moves.ready.append(step)
    return moves


def set_free(steps: Sequence[Node]) -> Mapping[str, Sequence[Node]]:
    """By key, the steps that can go as soon as that one is done, whatever the others' state.

    A key is missing where more has to be looked at: a step that depends on several, begins to
    wait or to be held, a run with fallbacks, or one that may be over since nothing that counts
    depends on that step.
    """
    if any(step.instead_of for step in steps):
        return {}
    following: defaultdict[str, list[Node]] = defaultdict(list)
    for step in steps:
        for key in step.depends:
            following[key].append(step)
    return {
        key: nodes
        for key, nodes in following.items()
        if any(node.kind != "draft" for node in nodes)
        and all(
            set(node.depends) == {key} and node.kind != "wait" and not node.hold_seconds
            for node in nodes
        )
    }
