"""Bot, worker and queue die at every commit and at random moments; nothing is lost or doubled."""

import json
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from driving import until
from provider import Provider
from storm import Storm, storm

KILLS = int(os.environ.get("FACTOTUM_KILLS", "64"))
LONG = KILLS > 200
"""Whether waits may be as long as they are in life."""
PARTS = max(2, KILLS // 250)
"""Tests the kills are spread over, so that pytest's workers can share them."""
SEED = int(os.environ.get("FACTOTUM_KILL_SEED", "0"))

Tell = Callable[[str, object], None]


def told(raging: Storm, record_property: Tell) -> None:
    """Keeps for the summary what a storm reached."""
    died = [point for _, point in raging.control.fired()]
    found = {"seen": sorted(raging.control.seen()), "died": died, "kills": raging.kills}
    record_property("faults", json.dumps(found))


@pytest.mark.parametrize("part", range(PARTS))
def test_kills_lose_and_double_nothing(
    tmp_path: Path, part: int, provider: Provider, record_property: Tell
) -> None:
    seed = SEED or random.SystemRandom().randrange(1, 1_000_000)
    kept = provider if part % 2 == 0 else None  # else mail goes into the Maildir
    with storm(tmp_path, seed, part=(part, PARTS), provider=kept) as raging:
        raging.blow(KILLS // PARTS)
        told(raging, record_property)


def test_the_whole_machine_dies(tmp_path: Path, provider: Provider, record_property: Tell) -> None:
    with storm(tmp_path, 1, provider=provider) as raging:
        owner = raging.owner
        waiting = owner.say("Invoice Northwind 4000 EUR for the power cut")
        owner.card(waiting)
        for kind in ("mail", "undo", "reminder") if LONG else ("undo",):
            with raging.killing_at_random():
                raging.play(kind)
            meanwhile = raging.owner.say(f"Email Northwind that the {kind} waits")
            raging.reboot()
            raging.owner.finish(meanwhile)
        raging.owner.finish(waiting)
        told(raging, record_property)


def test_a_card_is_changed_though_nobody_noted_that_it_arrived(
    tmp_path: Path, record_property: Tell
) -> None:
    with storm(tmp_path, 1) as raging:
        under_way = "SELECT 1 FROM outbox WHERE state IN ('queued', 'sending')"
        until(lambda: not raging.house.rows(under_way), "the courier's rest")
        raging.play("edit", at={"bot.courier:Courier._settle.write@before-commit": 1})
        assert raging.kills == 1
        told(raging, record_property)


@pytest.mark.parametrize(
    "point",
    [
        "bot.inbound:Inbound._on_membership.write@after-commit",
        "bot.inbound:Inbound._on_membership.write@before-commit",
    ],
)
def test_a_group_is_left_and_told_of(tmp_path: Path, point: str, record_property: Tell) -> None:
    with storm(tmp_path, 1) as raging:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("storm.PATIENCE", 10)
            raging.play("group", at={point: 1})
        assert raging.kills == 1
        assert raging.house.phone.log("leaveChat")
        told(raging, record_property)
