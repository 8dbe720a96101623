"""Whatever happens on the way, the chat hears things in order and ends with the newest edit."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from kernel_fakes import Home
from sqlalchemy import select

from core import audit, outbox
from core.storage.schema import outbox as outbox_table

CHATS = (1, 2)


class _Undone(Exception):
    """What was to be said is not said after all."""


@dataclass
class Known:
    """What is known of one letter."""

    id: int
    chat: int
    kind: str
    edit_of: int | None
    state: str = "queued"
    not_before: datetime | None = None
    attempts: int = 0


class Outbox(RuleBasedStateMachine):
    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.home = Home(self.template)
        self.clock = self.home.clock
        self.letters: dict[int, Known] = {}
        self.arrived: dict[int, list[int]] = {chat: [] for chat in CHATS}

    def teardown(self) -> None:
        self._drain()
        for letter in self.letters.values():
            edits = [each for each in self.letters.values() if each.edit_of == letter.id]
            if edits:  # the newest was tried, and last
                tried = [each for each in edits if each.state in ("sent", "unknown", "failed")]
                assert tried[-1].id == edits[-1].id

        async def sound() -> None:
            async with self.home.database.read() as connection:
                assert await outbox.backlog(connection) == 0
                assert (await audit.verify(connection)).broken is None

        self.home(sound())
        self.home.close()

    async def _put(self, chat: int, *, edit_of: int | None = None, undo: bool = False) -> int:
        async with self.home.database.write() as connection:
            letter_id = await outbox.put(
                connection,
                self.clock,
                chat_id=chat,
                kind="edit" if edit_of else "text",
                payload={"html": "words"},
                edit_of=edit_of,
            )
            if undo:
                raise _Undone
        return letter_id

    def _add(self, chat: int, edit_of: int | None) -> None:
        letter_id = self.home(self._put(chat, edit_of=edit_of))
        assert letter_id > max(self.letters, default=0)
        for known in self.letters.values():
            if edit_of and known.edit_of == edit_of and known.state == "queued":
                known.state = "dropped"
        kind = "edit" if edit_of else "text"
        self.letters[letter_id] = Known(letter_id, chat, kind, edit_of)

    @rule(chat=st.sampled_from(CHATS))
    def say(self, chat: int) -> None:
        self._add(chat, None)

    @precondition(lambda self: any(known.kind == "text" for known in self.letters.values()))
    @rule(data=st.data())
    def edit(self, data: st.DataObject) -> None:
        texts = [known for known in self.letters.values() if known.kind == "text"]
        letter = data.draw(st.sampled_from(texts), label="letter")
        self._add(letter.chat, letter.id)

    @precondition(lambda self: any(known.kind == "text" for known in self.letters.values()))
    @rule(data=st.data())
    def edit_in_vain(self, data: st.DataObject) -> None:
        """The transaction is undone: the edit that waits is still there."""
        texts = [known for known in self.letters.values() if known.kind == "text"]
        letter = data.draw(st.sampled_from(texts), label="letter")

        async def attempt() -> None:
            with suppress(_Undone):
                await self._put(letter.chat, edit_of=letter.id, undo=True)

        self.home(attempt())

    @rule(minutes=st.sampled_from([1, 10]))
    def time_passes(self, minutes: int) -> None:
        self.clock.advance(timedelta(minutes=minutes))

    def _expected(self) -> set[int]:
        found: set[int] = set()
        for chat in CHATS:
            queued = [k for k in self.letters.values() if k.chat == chat and k.state == "queued"]
            if queued and (queued[0].not_before or self.clock.now()) <= self.clock.now():
                found.add(queued[0].id)
        return found

    def _due(self) -> list[Any]:
        async def look() -> list[Any]:
            async with self.home.database.read() as connection:
                return await outbox.due(connection, self.clock)

        letters = self.home(look())
        assert {letter.id for letter in letters} == self._expected()
        return letters

    @rule(ends=st.lists(st.sampled_from(["sent", "unknown", "failed", "queued", "crash"])))
    def deliver(self, ends: list[str]) -> None:
        """The courier takes what is due, one after the other, until it dies."""
        for letter, end in zip(self._due(), ends, strict=False):
            if not self._claim(letter.id):
                continue
            if end == "crash":
                self._recover()
                return
            self._settle(letter.id, end)

    def _claim(self, letter_id: int) -> bool:
        async def take() -> bool:
            async with self.home.database.write() as connection:
                return await outbox.claim(connection, letter_id)

        async def twice() -> list[bool]:
            return list(await asyncio.gather(take(), take()))

        known = self.letters[letter_id]
        free = known.state == "queued"
        assert sorted(self.home(twice())) == [False, free]
        if free:
            known.state = "sending"
            known.attempts += 1
        return free

    def _settle(self, letter_id: int, state: Any) -> None:
        again = self.clock.now() + timedelta(minutes=5) if state == "queued" else None

        async def end() -> None:
            async with self.home.database.write() as connection:
                await outbox.settle(
                    connection, self.clock, letter_id, state=state, not_before=again
                )

        self.home(end())
        known = self.letters[letter_id]
        known.state, known.not_before = state, again
        if state == "sent":
            self.arrived[known.chat].append(letter_id)

    def _recover(self) -> None:
        """As the next courier does: an edit can be repeated, a message can't."""

        async def interrupted() -> list[Any]:
            async with self.home.database.read() as connection:
                return await outbox.interrupted(connection)

        found = self.home(interrupted())
        under_way = [known.id for known in self.letters.values() if known.state == "sending"]
        assert [letter.id for letter in found] == under_way
        for letter in found:
            if letter.kind == "edit":
                self._settle(letter.id, "queued")
            else:
                self._settle(letter.id, "unknown")

    def _drain(self) -> None:
        for _ in range(len(self.letters) + 1):
            self.clock.advance(timedelta(minutes=5))
            for letter in self._due():
                assert self._claim(letter.id)
                self._settle(letter.id, "sent")

    @invariant()
    def everything_arrives_in_the_order_in_which_it_was_said(self) -> None:
        for arrived in self.arrived.values():
            assert arrived == sorted(set(arrived))

    @invariant()
    def what_is_stored_is_what_is_known(self) -> None:
        async def read() -> list[Any]:
            async with self.home.database.read() as connection:
                return list((await connection.execute(select(outbox_table))).all())

        stored = {row.id: (row.state, row.attempts) for row in self.home(read())}
        known = self.letters.values()
        assert stored == {each.id: (each.state, each.attempts) for each in known}


def test_the_chat_hears_things_in_order_and_the_newest_edit_last(migrated_template: Path) -> None:
    Outbox.template = migrated_template
    run_state_machine_as_test(
        Outbox, settings=settings(max_examples=25, stateful_step_count=20, deadline=None)
    )
