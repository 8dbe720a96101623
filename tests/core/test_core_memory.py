"""What is kept: once, never overwritten, and found again."""

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.clock import ManualClock
from core.house import House, NewClient, NewLead, Reminder, Statement
from core.memory import facts
from core.storage.database import Database
from core.storage.schema import client, fact, journal


async def _keep(connection: Any, clock: ManualClock, token: str, **more: Any) -> facts.Fact:
    clock.advance(timedelta(seconds=1))
    fields: dict[str, Any] = {
        "subject": "cli_1",
        "relation": "note",
        "value": "likes tea",
        "statement": "Northwind likes tea",
        "source": {"text": "they said so"},
    }
    return await facts.keep(connection, clock, token=token, **(fields | more))


def _terms(days: int) -> dict[str, Any]:
    return {
        "relation": "payment_terms",
        "value": {"days": days},
        "statement": f"Northwind pays net {days}",
    }


async def test_a_fact_is_kept_once_per_token_and_once_per_statement(
    database: Database, clock: ManualClock
) -> None:
    async with database.write() as connection:
        first = await _keep(connection, clock, "t1")
        assert await _keep(connection, clock, "t1", statement="other") == first
        assert await _keep(connection, clock, "t2") == first
        other = await _keep(connection, clock, "t3", subject="cli_2")
        assert other.id != first.id
        assert await facts.about(connection, "cli_1") == [first]
        assert await connection.scalar(select(func.count()).select_from(fact)) == 2


async def test_a_newer_value_ends_the_older_and_both_stay(
    database: Database, clock: ManualClock
) -> None:
    async with database.write() as connection:
        old = await _keep(connection, clock, "t1", **_terms(14))
        new = await _keep(connection, clock, "t2", **_terms(30))
        assert await facts.about(connection, "cli_1", "payment_terms") == [new]
        row = (await connection.execute(select(fact).where(fact.c.id == old.id))).one()
        assert (row.superseded_by, row.valid_to) == (new.id, clock.now())
        assert await facts.load(connection, old.id) == old


async def test_notes_do_not_end_each_other(database: Database, clock: ManualClock) -> None:
    async with database.write() as connection:
        one = await _keep(connection, clock, "t1")
        two = await _keep(connection, clock, "t2", statement="Northwind likes coffee")
        assert await facts.about(connection, "cli_1") == [two, one]


async def test_another_clients_terms_stay(database: Database, clock: ManualClock) -> None:
    async with database.write() as connection:
        mine = await _keep(connection, clock, "t1", **_terms(14))
        await _keep(connection, clock, "t2", subject="cli_2", **_terms(30))
        assert await facts.about(connection, "cli_1") == [mine]


async def test_taking_back_revives_what_it_ended(database: Database, clock: ManualClock) -> None:
    async with database.write() as connection:
        old = await _keep(connection, clock, "t1", **_terms(14))
        await _keep(connection, clock, "t2", **_terms(30))
        await facts.retract(connection, clock, token="t2")
        await facts.retract(connection, clock, token="t2")
        assert await facts.about(connection, "cli_1") == [old]
        assert await facts.search(connection, "northwind pays") == [old]
    async with database.read() as connection:
        kinds = list(await connection.scalars(select(journal.c.kind)))
    assert kinds.count("fact.retracted") == 1


async def test_back_and_forth_holds_the_last(database: Database, clock: ManualClock) -> None:
    async with database.write() as connection:
        await _keep(connection, clock, "t1", **_terms(14))
        await _keep(connection, clock, "t2", **_terms(30))
        again = await _keep(connection, clock, "t3", **_terms(14))
        assert await facts.about(connection, "cli_1") == [again]


async def test_search_finds_words_without_accents_or_case_and_only_what_holds(
    database: Database, clock: ManualClock
) -> None:
    async with database.write() as connection:
        cafe = await _keep(connection, clock, "t1", statement="Ben likes the Café Müller")
        await _keep(connection, clock, "t2", **_terms(14))
        new = await _keep(connection, clock, "t3", **_terms(30))
        assert await facts.search(connection, "where is CAFE muller?") == [cafe]
        assert await facts.search(connection, "what does northwind pay? net") == [new]
        assert await facts.search(connection, "zebra") == []
        assert await facts.search(connection, "?! a") == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.text(max_size=80))
async def test_search_takes_any_words(database: Database, words: str) -> None:
    async with database.read() as connection:
        assert await facts.search(connection, words) == []


async def test_search_takes_its_own_language_as_words(
    database: Database, clock: ManualClock
) -> None:
    async with database.write() as connection:
        kept = await _keep(connection, clock, "t1", statement="Tea NOT coffee")
        for words in ('tea" OR "x', "statement:tea", "tea AND NOT coffee", "tea*", "NEAR(tea)"):
            assert await facts.search(connection, words) == [kept]


# --- the company's own records as actions


def _actions(database: Database, clock: ManualClock) -> dict[str, Any]:
    return {a.name: a for a in House(database=database, clock=clock).actions()}


async def test_every_record_is_made_once_found_and_taken_back(
    database: Database, clock: ManualClock
) -> None:
    actions = _actions(database, clock)
    params: dict[str, Any] = {
        "reminder.set": Reminder(what="call", at=clock.now() + timedelta(hours=1)),
        "fact.keep": Statement(
            subject="company", relation="note", value="x", statement="X", source={}
        ),
        "client.add": NewClient(name="Acme"),
        "lead.add": NewLead(name="Lena"),
    }
    assert params.keys() == actions.keys()
    for name, given_ in params.items():
        action = actions[name]
        assert await action.check("tok", given_) is None
        first = await action.perform("tok", given_)
        assert (await action.perform("tok", given_)).id == first.id
        found = await action.check("tok", given_)
        assert found is not None
        assert (found.id, found.receipt) == (first.id, first.receipt)
        for _ in range(2):
            await action.compensate("tok", given_, first)


async def test_a_client_taken_off_and_added_again_has_the_newer_details(
    database: Database, clock: ManualClock
) -> None:
    add = _actions(database, clock)["client.add"]
    wrong = NewClient(name="Acme", email="wrong@acme.example", contact="Old")
    made = await add.perform("t1", wrong)
    await add.compensate("t1", wrong, made)
    right = NewClient(name="Acme", email="right@acme.example", currency="USD")
    again = await add.perform("t2", right)
    async with database.read() as connection:
        row = (await connection.execute(select(client))).one()
        kinds = list(await connection.scalars(select(journal.c.kind).order_by(journal.c.seq)))
    assert again.id == made.id
    assert (row.email, row.currency, row.contact) == ("right@acme.example", "USD", None)
    assert kinds == ["client.added", "client.removed", "client.added"]


async def test_taking_back_what_was_there_before_takes_nothing_away_and_says_so(
    database: Database, clock: ManualClock
) -> None:
    actions = _actions(database, clock)
    twice = Statement(subject="company", relation="note", value="x", statement="X", source={})
    await actions["fact.keep"].perform("t1", twice)
    second = await actions["fact.keep"].perform("t2", twice)
    told = await actions["fact.keep"].compensate("t2", twice, second)
    async with database.read() as connection:
        assert len(await facts.about(connection, "company")) == 1
    assert "No longer" not in told.receipt


async def test_a_client_who_was_there_before_stays(database: Database, clock: ManualClock) -> None:
    add = _actions(database, clock)["client.add"]
    params = NewClient(name="Acme", email="acme@acme.example")
    await add.perform("t1", params)
    second = await add.perform("t2", params)
    told = await add.compensate("t2", params, second)
    async with database.read() as connection:
        assert (await connection.execute(select(client.c.state))).scalars().all() == ["active"]
    assert "off the list" not in told.receipt
