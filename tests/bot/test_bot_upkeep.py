"""Memory's upkeep: episodes, signals, what is put away and brought back; all of it out and in."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot import digest
from bot.cards import memory as cards
from bot.ticking import keep_hours, look, schedule_digest
from core import audit
from core.errors import FactotumError
from core.memory import (
    contradictions,
    facts,
    forgetting,
    keeping,
    traces,
    transcripts,
    transfer,
    upkeep,
)
from core.memory.facts import Source, View
from core.memory.gate import Candidate
from core.memory.values import Value
from core.storage.database import Database
from core.storage.memory import episode, signal, summary
from core.storage.migrate import migrate
from core.storage.schema import inbox, outbox


async def _count(house: Any, table: Any, *where: Any) -> int:
    async with house.app.database.read() as connection:
        query = select(func.count()).select_from(table).where(*where)
        return await connection.scalar(query) or 0


async def _nights(house: Any, days: int) -> None:
    for _ in range(days):
        house.clock.advance(timedelta(days=1))
        await keep_hours(house.app, await look(house.app))


async def test_what_happened_becomes_episodes_of_whom_it_names(house: Any) -> None:
    await schedule_digest(house.app)
    await house.write("Northwind pays net 14")
    await house.work()
    await house.write("thanks")
    await _nights(house, 1)
    await _nights(house, 1)
    [client] = await house.clients()
    async with house.app.database.read() as connection:
        rows = (await connection.execute(select(episode).order_by(episode.c.ref))).all()
    assert [(r.kind, r.entity_id) for r in rows] == [
        ("message", client.id),
        ("message", None),
        ("run", client.id),
    ]


async def test_old_episodes_are_summed_up_put_away_told_and_brought_back(house: Any) -> None:
    await schedule_digest(house.app)
    await house.write("Northwind pays net 14")
    await _nights(house, 1)
    house.clock.advance(timedelta(days=100))
    await _nights(house, 8)  # over a Monday
    told = [x for x in await house.letters() if "Put away from memory" in x.payload.get("html", "")]
    assert len(told) == 1
    assert await _count(house, episode, episode.c.pruned_at.is_not(None)) == 1
    async with house.app.database.read() as connection:
        short = (await connection.execute(select(summary))).one()
        ids = list(await connection.scalars(select(episode.c.id)))
    assert short.sources == ids
    assert "Northwind pays net 14" in short.text
    assert await house.tap(told[0].payload["buttons"][0][0]["data"]) == "Brought back."
    assert await _count(house, episode, episode.c.pruned_at.is_not(None)) == 0
    assert await _count(house, summary) == 0
    assert "nothing" in await house.tap("unprune:all")


async def test_what_was_put_away_is_gone_after_a_week_and_facts_stay(house: Any) -> None:
    await house.write("Northwind pays net 14")
    await house.work()
    async with house.app.database.write() as connection:
        await upkeep.gather(connection, house.clock)
    house.clock.advance(timedelta(days=100))
    for _ in range(2):
        async with house.app.database.write() as connection:
            await upkeep.prune(
                connection, house.clock, episode_days=90, summary_days=730, transcript_days=365
            )
        house.clock.advance(timedelta(days=8))
    assert await _count(house, episode) == 0
    assert await _count(house, summary) == 1
    async with house.app.database.read() as connection:
        [kept] = await facts.everything(connection, view=View.now(house.clock))
    assert kept.statement == "Northwind pays net 14"


async def test_decisions_leave_a_signal_once(house: Any) -> None:
    await house.write("Invoice Northwind 2400 EUR for the brand workshop")
    house.clock.advance(timedelta(hours=2))
    approve = next(
        button["data"]
        for letter in await house.letters()
        for row in letter.payload["buttons"]
        for button in row
        if button["text"].startswith("Approve")
    )
    await house.tap(approve)
    for _ in range(2):
        async with house.app.database.write() as connection:
            await upkeep.gather(connection, house.clock)
    async with house.app.database.read() as connection:
        [row] = (await connection.execute(select(signal))).all()
    assert (row.name, row.value) == ("hours_to_decide", 2.0)


async def test_a_contradiction_that_nobody_asked_about_is_asked_by_the_sweep(house: Any) -> None:
    await house.write("Northwind pays net 14")
    await house.work()
    [client] = await house.clients()
    mail = Candidate(
        subject=client.id,
        relation="payment_terms",
        value=Value.number(45, "days"),
        statement="We pay net 45",
        source=Source(kind="mail", ref="m1", place="line 2", trust="untrusted"),
        asserted_by="reader",
    )
    async with house.app.database.write() as connection:
        await keeping.remember(connection, house.clock, mail, token="m1")
    for _ in range(2):
        await keep_hours(house.app, await look(house.app))
    asked = [
        x for x in await house.letters() if "A mail says (line 2)" in x.payload.get("html", "")
    ]
    assert len(asked) == 1
    async with house.app.database.read() as connection:
        assert len(await contradictions.pending(connection)) == 1


async def test_all_of_memory_goes_out_and_in(house: Any, tmp_path: Path) -> None:
    for text in ("Northwind pays net 14", "no, it's net 30", "Northwind prefers mails"):
        await house.write(text)
        await house.work()
        house.clock.advance(timedelta(minutes=1))
    async with house.app.database.write() as connection:
        await upkeep.gather(connection, house.clock)
    async with house.app.database.read() as connection:
        out = [line async for line in transfer.lines(connection)]
        before = await facts.everything(connection, view=View.now(house.clock))
    (tmp_path / "other").mkdir()
    migrate(tmp_path / "other" / "factotum.db")
    other = Database(tmp_path / "other" / "factotum.db")
    try:
        async with other.write() as connection:
            first = await transfer.read(connection, house.clock, out)
        async with other.write() as connection:
            again = await transfer.read(connection, house.clock, out)
        async with other.read() as connection:
            assert await facts.everything(connection, view=View.now(house.clock)) == before
            assert [line async for line in transfer.lines(connection)] == out
            found = await facts.search(connection, "mails", view=View.now(house.clock))
        assert [f.statement for f in found] == ["Northwind prefers mails"]
        assert (first.new, first.known) == (len(out) - 1, 0)
        assert (again.new, again.known) == (0, len(out) - 1)
        for wrong in ("x", '{"table": "journal"}', '{"table": "fact", "id": 1}'):
            with pytest.raises(FactotumError, match="Line 2"):
                async with other.write() as connection:
                    await transfer.read(connection, house.clock, [out[0], wrong])
    finally:
        await other.close()


async def _texts(house: Any) -> tuple[list[str], list[str]]:
    async with house.app.database.read() as connection:
        said = list(await connection.scalars(select(inbox.c.text).where(inbox.c.kind == "text")))
        told = list(await connection.scalars(select(outbox.c.payload["html"].as_string())))
    return said, told


async def _prune(house: Any, days: int = 30) -> upkeep.Pruned:
    async with house.app.database.write() as connection:
        return await upkeep.prune(
            connection, house.clock, episode_days=90, summary_days=730, transcript_days=days
        )


async def _deliver(house: Any) -> None:
    """As if the courier had sent everything."""
    async with house.app.database.write() as connection:
        await connection.execute(update(outbox).values(state="sent"))


async def test_raw_texts_are_put_away_after_a_short_window_and_come_back(house: Any) -> None:
    await house.write("Northwind pays net 14")
    await house.work()
    await _deliver(house)
    before = await _texts(house)
    assert (await _prune(house)).transcripts == 0
    house.clock.advance(timedelta(days=31))
    await house.write("Northwind prefers mails")
    done = await _prune(house)
    assert "the texts of 2 old messages" in cards.put_away(done, house.clock.now()).html
    said, told = await _texts(house)
    assert said == [transcripts.AWAY, "Northwind prefers mails"]
    assert told[0] == transcripts.AWAY
    async with house.app.database.read() as connection:
        assert (await audit.verify(connection)).broken is None
        assert await upkeep.put_away(connection) == 2
    assert "put away" in (await digest.compose(house.app))[0].html
    async with house.app.database.write() as connection:
        assert await upkeep.restore(connection, house.clock) == 2
    said, told = await _texts(house)
    assert (said[:1], told[:1]) == (before[0], before[1][:1])


async def test_raw_texts_are_gone_a_week_later_and_what_was_learnt_stays(house: Any) -> None:
    await house.write("Northwind pays net 14")
    await house.work()
    await _deliver(house)
    async with house.app.database.write() as connection:
        await upkeep.gather(connection, house.clock)
    house.clock.advance(timedelta(days=31))
    await _prune(house)
    house.clock.advance(timedelta(days=8))
    assert (await _prune(house)).purged == 2
    async with house.app.database.write() as connection:
        assert await upkeep.restore(connection, house.clock) == 0
        await upkeep.gather(connection, house.clock)
        stored = "\n".join(
            str(row) for row in await connection.execute(select(inbox.c.text, inbox.c.data))
        )
        assert (await audit.verify(connection)).broken is None
    assert "net 14" not in stored
    assert await _count(house, episode, episode.c.text == "Northwind pays net 14") == 1
    assert await _count(house, episode, episode.c.text == transcripts.AWAY) == 0
    async with house.app.database.read() as connection:
        assert len(await facts.everything(connection, view=View.now(house.clock))) == 1


async def test_what_waits_for_an_answer_is_not_put_away(house: Any) -> None:
    await house.write("Northwind pays net 14")
    await house.work()
    await house.write("Northwind pays net 30")
    await _deliver(house)
    house.clock.advance(timedelta(days=31))
    await _prune(house)
    _, told = await _texts(house)
    assert [text for text in told if "Which holds?" in text]


async def test_what_is_put_away_is_forgotten_too(house: Any) -> None:
    await house.write("Northwind pays net 14")
    await house.work()
    await _deliver(house)
    house.clock.advance(timedelta(days=31))
    await _prune(house)
    [client] = await house.clients()
    async with house.app.database.write() as connection:
        found = await traces.find(connection, client.id)
        assert found is not None
        assert len(found.rows["transcript"]) == 2
        await forgetting.erase(connection, house.clock, found)
        await upkeep.restore(connection, house.clock)
    said, told = await _texts(house)
    assert "Northwind" not in "".join(said + told[:1])
