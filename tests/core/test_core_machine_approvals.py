"""Whatever is tapped, put aside, changed and waited for: an approval is used once, or never."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from kernel_fakes import Home, Kernel, buy
from sqlalchemy import select, update

from core import approvals, audit, waiting
from core.approvals import LIFETIME, NUDGES, Decision
from core.storage.schema import approval as approval_table
from core.storage.schema import journal
from core.storage.schema import step as step_table

ENDS = ("approved", "rejected", "expired", "replaced", "cancelled")
CHOICES = ("approved", "approved", "rejected", "replaced")


@dataclass
class Known:
    """What is known of one approval."""

    id: str
    run_id: str
    what: str
    policy: str
    asked: datetime
    nudge_at: datetime | None
    state: str = "pending"
    snoozed: bool = False
    changed: bool = False


class Approvals(RuleBasedStateMachine):
    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.home = Home(self.template)
        self.clock = self.home.clock
        self.kernel = Kernel(self.home.database, self.clock)
        self.cards: list[Known] = []
        self.policy = "default"

    def teardown(self) -> None:
        async def sound() -> None:
            async with self.home.database.read() as connection:
                assert (await audit.verify(connection)).broken is None

        self.home(sound())
        self.home.close()

    def _one(self, data: st.DataObject) -> Known:
        """Rather one that is still pending, where there is one."""
        pending = [card for card in self.cards if card.state == "pending"]
        among = data.draw(st.sampled_from([pending or self.cards, self.cards]), label="among")
        return data.draw(st.sampled_from(among), label="card")

    @initialize()
    def first(self) -> None:
        self.ask(batch=False)

    @rule(batch=st.booleans())
    def ask(self, batch: bool) -> None:
        what = f"w{len(self.cards)}"
        started = self.home(self.kernel.start(buy(what=what), batch_id="bat_1" if batch else None))
        now = self.clock.now()
        assert started.approval_id is not None
        self.cards.append(
            Known(started.approval_id, started.run_id, what, self.policy, now, now + NUDGES[0])
        )

    async def _tap(self, card: Known, to: Any) -> Decision:
        """A tap with all that comes of it, in one transaction, as the bot does it."""
        kernel = self.kernel
        async with self.home.database.write() as connection:
            policy = await kernel.policy.refresh(connection)
            found = await approvals.decide(
                connection, self.clock, card.id, to=to, user_id=1, policy=policy.version
            )
            if found.taken and to == "approved":
                await kernel.director.release(connection, card.run_id)
            elif found.taken:
                await kernel.director.stop(connection, card.run_id, state=to)
            elif found.approval and found.approval.state in ("expired", "cancelled"):
                await kernel.director.stop(connection, card.run_id, state="cancelled")
        return found

    @precondition(lambda self: self.cards)
    @rule(
        data=st.data(),
        choices=st.lists(st.sampled_from(CHOICES), min_size=1, max_size=3),
        before=st.sampled_from(["nothing", "nothing", "policy", "payload", "last", "late"]),
        fresh=st.booleans(),
    )
    def tap(self, data: st.DataObject, choices: list[str], before: str, fresh: bool) -> None:
        """Several taps on one card at once, not all for the same, after something happened."""
        if fresh:
            self.ask(batch=False)
        card = self.cards[-1] if fresh else self._one(data)
        match before:
            case "policy":
                self.change_policy("stricter" if self.policy == "strict" else "strict")
            case "payload":
                self._change(card)
            case "last" | "late" if card.state == "pending":
                second = timedelta(seconds=before == "last")
                self.clock.advance(card.asked + LIFETIME - second - self.clock.now())
            case _:
                pass

        async def all_at_once() -> list[Decision]:
            return list(await asyncio.gather(*(self._tap(card, to) for to in choices)))

        decisions = self.home(all_at_once())
        for to, decision in zip(choices, decisions, strict=True):
            before = card.state
            if before == "pending":
                card.state = self._expected(card, to)
            assert decision.taken == (before == "pending" and card.state == to)
            assert decision.approval is not None
            assert decision.approval.state == card.state
            said = decision.words
            if not decision.taken:
                told = {
                    "expired": "expired",
                    "cancelled": "policy" if not card.changed else "changed",
                }
                assert before != "pending" or told[card.state] in said
                assert said
        self.home(self.kernel.work())

    def _expected(self, card: Known, to: str) -> str:
        if card.asked + LIFETIME <= self.clock.now():
            return "expired"
        if to == "approved" and (card.changed or card.policy != self.policy):
            return "cancelled"
        return to

    @precondition(lambda self: self.cards)
    @rule(data=st.data(), hours=st.sampled_from([1, 24, 100, 300]))
    def snooze(self, data: st.DataObject, hours: int) -> None:
        card = self._one(data)
        until = self.clock.now() + timedelta(hours=hours)

        async def aside() -> bool:
            async with self.home.database.write() as connection:
                return await waiting.snooze(connection, self.clock, card.id, until)

        assert self.home(aside()) == (card.state == "pending")
        if card.state == "pending":
            card.nudge_at, card.snoozed = until, True

    @rule()
    def sweep(self) -> None:
        """Two workers look at once; each end and each reminder comes once."""
        now = self.clock.now()
        pending = [card for card in self.cards if card.state == "pending"]
        over = {card.id for card in pending if card.asked + LIFETIME <= now}
        due = {
            (card.id, card.snoozed)
            for card in pending
            if card.id not in over and card.nudge_at and card.nudge_at <= now
        }

        async def look() -> tuple[list[str], list[tuple[str, bool]]]:
            async with self.home.database.write() as connection:
                told = bool(await connection.scalar(select(waiting.any_overdue(self.clock))))
                ended = await waiting.expired(connection, self.clock)
                for each in ended:
                    await self.kernel.director.stop(connection, each.run_id, state="cancelled")
                nudged = await waiting.nudges(connection, self.clock)
                assert told == bool(ended or nudged)
                return [each.id for each in ended], [(each.id, each.snoozed) for each in nudged]

        async def both() -> Any:
            return await asyncio.gather(look(), look())

        (ended, nudged), second = self.home(both())
        assert (sorted(ended), sorted(nudged)) == (sorted(over), sorted(due))
        assert second == ([], [])
        for card in pending:
            if card.id in over:
                card.state = "expired"
            elif (card.id, card.snoozed) in due:
                later = [card.asked + wait for wait in NUDGES if card.asked + wait > now]
                card.nudge_at, card.snoozed = later[0] if later else None, False

    @rule(hours=st.sampled_from([1, 23, 25, 100, 144, 168, -5]))
    def time_passes(self, hours: int) -> None:
        self.clock.advance(timedelta(hours=hours))

    @rule(policy=st.sampled_from(["default", "strict", "stricter"]))
    def change_policy(self, policy: str) -> None:
        if policy == "default":
            self.kernel.policy.path.unlink(missing_ok=True)
        else:
            self.kernel.rule("ask", because=f'"{policy}"')
        self.policy = policy

    def _change(self, card: Known) -> None:
        """What the card covers is no longer what was shown."""
        if card.state != "pending":
            return

        async def change() -> None:
            async with self.home.database.write() as connection:
                await connection.execute(
                    update(step_table)
                    .where(step_table.c.run_id == card.run_id)
                    .values(params={"what": "gold"})
                )

        self.home(change())
        card.changed = True

    @precondition(lambda self: self.cards)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        card = self._one(data)
        assert self.home(self.kernel.cancel(card.run_id)) == (card.state == "pending")
        if card.state == "pending":
            card.state = "cancelled"

    @precondition(lambda self: self.cards)
    @rule(data=st.data())
    def try_again(self, data: st.DataObject) -> None:
        """Never a way around the tap."""
        assert self.home(self.kernel.retry(self._one(data).run_id)) == []
        self.home(self.kernel.work())

    @invariant()
    def what_is_stored_is_what_is_known(self) -> None:
        async def read() -> tuple[list[Any], list[Any]]:
            async with self.home.database.read() as connection:
                rows = (await connection.execute(select(approval_table))).all()
                ends = select(journal.c.subject, journal.c.kind).where(
                    journal.c.kind.in_([f"approval.{end}" for end in ENDS])
                )
                return list(rows), list((await connection.execute(ends)).all())

        rows, ended = self.home(read())
        assert {row.id: (row.state, row.nudge_at, row.snoozed) for row in rows} == {
            card.id: (card.state, card.nudge_at, card.snoozed) for card in self.cards
        }
        assert sorted((row.subject, row.kind) for row in ended) == sorted(
            (card.id, f"approval.{card.state}") for card in self.cards if card.state != "pending"
        )

    @invariant()
    def only_what_was_approved_happens_and_once(self) -> None:
        approved = [card.what for card in self.cards if card.state == "approved"]
        assert sorted(self.kernel.shop.sold) == sorted(approved)


def test_an_approval_is_used_once_or_never(migrated_template: Path) -> None:
    Approvals.template = migrated_template
    run_state_machine_as_test(
        Approvals, settings=settings(max_examples=25, stateful_step_count=14, deadline=None)
    )
