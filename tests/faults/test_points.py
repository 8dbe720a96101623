"""The enumeration of fault points knows the code, all of it."""

import re

from points import ROOMS, ROOT, points, sites


def test_known_points_are_among_them() -> None:
    found = set(points())
    for known in (
        "core.executor:Executor.execute.write@before-commit",
        "core.executor:Executor._carry_out.write[2]@after-commit",
        "core.executor:Executor._call.perform@before",
        "core.executor:Executor._call.check@after",
        "core.executor:Executor._compensate.compensate@after",
        "connectors.billing.ledger:Ledger.issue.write@after-commit",
        "connectors.durable:create.sync_folder@before",
        "bot.inbound:Inbound._take.write@after-commit",
        "bot.taps:handle.write@before-commit",
        "bot.sending:Sender._send_text._formatted@after",
        "bot.courier:Courier.answer.answer_callback_query@before",
    ):
        assert known in found
    assert len(found) == len(points()) == 2 * len(sites())


def test_every_block_that_writes_is_one() -> None:
    """A second way of reading the code, by its words, finds the same calls."""
    worded = {
        (path, line)
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if not {"sandbox", "bench"}.intersection(path.parts)
        for line, text in enumerate(path.read_text("utf-8").splitlines(), 1)
        if re.search(r"\.write\(\)", text) and not text.lstrip().startswith(('"', "#", "`"))
    }
    # Prose speaks of ``write()`` without an object before it.
    named = {(site.path, line) for site in sites() if ".write" in site.name for line in site.lines}
    assert named == worded
