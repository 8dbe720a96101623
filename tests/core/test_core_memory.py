"""What is kept: once, in two times, never overwritten, and found again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import ManualClock
from core.house import House, NewClient, NewLead, Reminder
from core.memory import contradictions, entities, facts, keeping, preferences
from core.memory.actions import Memory, Statement
from core.memory.facts import Fact, Source, View
from core.memory.gate import Ask, Candidate, Merge, Supersede
from core.memory.people import Deliverable, Person, Project
from core.memory.values import Value
from core.storage.database import Database
from core.storage.memory import fact
from core.storage.schema import client, journal

DAY = timedelta(days=1)
TEA = Candidate(
    subject="cli_1",
    relation="note",
    value=Value.text("Northwind likes tea"),
    statement="Northwind likes tea",
    source=Source(ref="1", quote="they like tea"),
)


def _terms(days: int, **more: Any) -> Candidate:
    return replace(
        TEA,
        relation="payment_terms",
        value=Value.number(days, "days"),
        statement=f"Northwind pays net {days}",
        **more,
    )


async def _keep(
    connection: AsyncConnection, clock: ManualClock, token: str, candidate: Candidate = TEA
) -> Fact:
    clock.advance(timedelta(seconds=1))
    outcome = await keeping.remember(connection, clock, candidate, token=token)
    assert outcome.fact is not None
    return outcome.fact


async def _days(connection: AsyncConnection, view: View) -> list[int | None]:
    found = await facts.about(connection, "cli_1", "payment_terms", view=view)
    return [each.value.whole for each in found]


async def test_a_fact_is_kept_once_per_token_and_a_duplicate_adds_its_source(
    database: Database, clock: ManualClock
) -> None:
    async with database.write() as connection:
        first = await _keep(connection, clock, "t1")
        assert await _keep(connection, clock, "t1", replace(TEA, statement="other")) == first
        again = replace(TEA, source=Source(kind="mail", ref="m7", place="line 3", trust="system"))
        merged = await _keep(connection, clock, "t2", again)
        assert await _keep(connection, clock, "t2", again) == merged
        assert merged.id == first.id
        assert [(s.kind, s.ref, s.place) for s in merged.sources] == [
            ("message", "1", None),
            ("mail", "m7", "line 3"),
        ]
        other = await _keep(connection, clock, "t3", replace(TEA, subject="cli_2"))
        assert other.id != first.id
        assert await connection.scalar(select(func.count()).select_from(fact)) == 2


async def test_a_merged_source_is_taken_back_alone(database: Database, clock: ManualClock) -> None:
    async with database.write() as connection:
        first = await _keep(connection, clock, "t1")
        await _keep(connection, clock, "t2", replace(TEA, source=Source(kind="mail", ref="m7")))
        assert await keeping.retract(connection, clock, token="t2")
        assert not await keeping.retract(connection, clock, token="t2")
        assert await facts.about(connection, "cli_1", view=View.now(clock)) == [first]


async def test_what_we_know_what_we_knew_and_what_was_true_are_three_answers(
    database: Database, clock: ManualClock
) -> None:
    """Told on Monday: net 14 since January. Told on Wednesday: net 30 since Tuesday."""
    monday = clock.now()
    async with database.write() as connection:
        await _keep(
            connection, clock, "t1", _terms(14, valid_from=datetime(2026, 1, 1, tzinfo=UTC))
        )
        clock.advance(2 * DAY)
        await _keep(connection, clock, "t2", _terms(30, how="changed", valid_from=monday + DAY))
        tuesday = monday + DAY + timedelta(hours=1)
        assert await _days(connection, View.now(clock)) == [30]
        assert await _days(connection, View.known_on(tuesday)) == [14]
        assert await _days(connection, View.true_on(tuesday, clock)) == [30]
        assert await _days(connection, View.true_on(datetime(2026, 3, 1, tzinfo=UTC), clock)) == [
            14
        ]
        assert await _days(connection, View.true_on(datetime(2025, 3, 1, tzinfo=UTC), clock)) == []
        assert await _days(connection, View.known_on(datetime(2026, 3, 1, tzinfo=UTC))) == []


async def test_what_was_corrected_was_never_true_but_was_known(
    database: Database, clock: ManualClock
) -> None:
    async with database.write() as connection:
        await _keep(connection, clock, "t1", _terms(14))
        then = clock.now()
        clock.advance(DAY)
        await _keep(connection, clock, "t2", _terms(30, how="corrected"))
        assert await _days(connection, View.known_on(then)) == [14]
        assert await _days(connection, View.true_on(then, clock)) == [30]


async def test_what_begins_later_holds_later(database: Database, clock: ManualClock) -> None:
    async with database.write() as connection:
        await _keep(connection, clock, "t1", _terms(14))
        later = clock.now() + 10 * DAY
        await _keep(connection, clock, "t2", _terms(30, how="changed", valid_from=later))
        assert await _days(connection, View.now(clock)) == [14]
        clock.advance(11 * DAY)
        assert await _days(connection, View.now(clock)) == [30]


async def test_nothing_that_was_said_can_be_overwritten(
    database: Database, clock: ManualClock
) -> None:
    async with database.write() as connection:
        kept = await _keep(connection, clock, "t1")
    for values in ({"statement": "x"}, {"value": "x"}, {"valid_to": None}, {"trust": "system"}):
        with pytest.raises(IntegrityError, match="never overwritten"):
            async with database.write() as connection:
                await connection.execute(update(fact).where(fact.c.id == kept.id).values(**values))


async def test_another_clients_terms_stay(database: Database, clock: ManualClock) -> None:
    async with database.write() as connection:
        await _keep(connection, clock, "t1", _terms(14))
        await _keep(connection, clock, "t2", replace(_terms(30), subject="cli_2"))
        assert await _days(connection, View.now(clock)) == [14]


@pytest.mark.parametrize("how", ["corrected", "changed"])
async def test_taking_back_revives_what_it_ended(
    database: Database, clock: ManualClock, how: Any
) -> None:
    async with database.write() as connection:
        await _keep(connection, clock, "t1", _terms(14))
        await _keep(connection, clock, "t2", _terms(30, how=how))
        meanwhile = clock.now()
        clock.advance(DAY)
        assert await keeping.retract(connection, clock, token="t2")
        assert not await keeping.retract(connection, clock, token="t2")
        assert await _days(connection, View.now(clock)) == [14]
        assert await _days(connection, View.known_on(meanwhile)) == [30]
        found = await facts.search(connection, "northwind pays", view=View.now(clock))
        assert [each.statement for each in found] == ["Northwind pays net 14"]
    async with database.read() as connection:
        kinds = list(await connection.scalars(select(journal.c.kind)))
    assert kinds.count("fact.retracted") == 1


async def test_taking_back_the_middle_one_leaves_no_gap_and_no_overlap(
    database: Database, clock: ManualClock
) -> None:
    async with database.write() as connection:
        await _keep(connection, clock, "t1", _terms(14))
        clock.advance(DAY)
        await _keep(connection, clock, "t2", _terms(30, how="changed"))
        middle = clock.now() + timedelta(hours=1)
        clock.advance(DAY)
        await _keep(connection, clock, "t3", _terms(45, how="changed"))
        await keeping.retract(connection, clock, token="t2")
        assert await _days(connection, View.now(clock)) == [45]
        assert await _days(connection, View.true_on(middle, clock)) == [14]


async def test_a_contradiction_waits_for_the_owner_and_the_older_holds(
    database: Database, clock: ManualClock
) -> None:
    async with database.write() as connection:
        old = await _keep(connection, clock, "t1", _terms(14))
        asked = await keeping.remember(connection, clock, _terms(30), token="t2")
        assert asked.ruling == Ask(old)
        same = await keeping.remember(connection, clock, _terms(30), token="t3")
        assert same.contradiction == asked.contradiction  # asked once
        assert await _days(connection, View.now(clock)) == [14]
        assert [c.id for c in await contradictions.unasked(connection)] == [asked.contradiction]


@pytest.mark.parametrize(
    ("answer", "now", "before"),
    [("kept_old", 14, 14), ("took_new", 30, 30), ("kept_both", 30, 14)],
)
async def test_the_owners_answer_decides_once(
    database: Database, clock: ManualClock, answer: Any, now: int, before: int
) -> None:
    async with database.write() as connection:
        await _keep(connection, clock, "t1", _terms(14))
        then = clock.now() + timedelta(hours=1)
        clock.advance(DAY)
        mail = Source(kind="mail", ref="m1", trust="untrusted")
        asked = await keeping.remember(connection, clock, _terms(30, source=mail), token="t2")
        assert asked.contradiction
        outcome = await keeping.decide(connection, clock, asked.contradiction, answer)
        assert outcome is not None
        assert await keeping.decide(connection, clock, asked.contradiction, "kept_both") is None
        clock.advance(timedelta(seconds=1))
        found = await facts.about(connection, "cli_1", view=View.now(clock))
        assert [(f.value.whole, f.firm) for f in found] == [(now, True)]
        assert await _days(connection, View.true_on(then, clock)) == [before]


async def test_a_correction_is_a_preference(database: Database, clock: ManualClock) -> None:
    async with database.write() as connection:
        await _keep(connection, clock, "t1", _terms(14))
        assert await preferences.everything(connection, clock) == []
        right = await _keep(connection, clock, "t2", _terms(30, how="corrected"))
        assert await preferences.everything(connection, clock) == [right]


async def test_the_journal_names_facts_but_does_not_repeat_them(
    database: Database, clock: ManualClock
) -> None:
    async with database.write() as connection:
        await _keep(connection, clock, "t1")
        rulings = [
            (await keeping.remember(connection, clock, c, token=token)).ruling
            for token, c in (("t2", TEA), ("t3", _terms(9)), ("t4", _terms(8, how="corrected")))
        ]
    assert isinstance(rulings[0], Merge)
    assert isinstance(rulings[2], Supersede)
    async with database.read() as connection:
        said = str(list(await connection.scalars(select(journal.c.data))))
    assert "Northwind" not in said


async def test_search_finds_words_without_accents_or_case_and_only_what_holds(
    database: Database, clock: ManualClock
) -> None:
    async def search(words: str) -> list[str]:
        found = await facts.search(connection, words, view=View.now(clock))
        return [each.statement for each in found]

    async with database.write() as connection:
        cafe = "Ben likes the Café Müller"
        await _keep(connection, clock, "t1", replace(TEA, statement=cafe))
        await _keep(connection, clock, "t2", _terms(14))
        await _keep(connection, clock, "t3", _terms(30, how="changed"))
        assert await search("where is CAFE muller?") == [cafe]
        assert await search("what does northwind pay? net") == ["Northwind pays net 30"]
        assert await search("zebra") == []
        assert await search("?! a") == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.text(max_size=80))
async def test_search_takes_any_words(database: Database, clock: ManualClock, words: str) -> None:
    async with database.read() as connection:
        assert await facts.search(connection, words, view=View.now(clock)) == []


async def test_search_takes_its_own_language_as_words(
    database: Database, clock: ManualClock
) -> None:
    async with database.write() as connection:
        kept = await _keep(connection, clock, "t1", replace(TEA, statement="Tea NOT coffee"))
        for words in ('tea" OR "x', "statement:tea", "tea AND NOT coffee", "tea*", "NEAR(tea)"):
            assert await facts.search(connection, words, view=View.now(clock)) == [kept]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None
)
@given(
    st.lists(
        st.tuples(st.sampled_from(["stated", "corrected", "changed", "undo"]), st.integers(1, 4)),
        max_size=9,
    )
)
async def test_at_no_time_do_two_values_hold(
    database: Database, clock: ManualClock, said: list[tuple[Any, int]]
) -> None:
    """Whatever is said, corrected and taken back: at any moment one value at most was true."""
    moments: list[datetime] = []
    async with database.write() as connection:
        await connection.execute(text("DELETE FROM fact"))
        await connection.execute(text("DELETE FROM contradiction"))
        for place, (how, days) in enumerate(said):
            clock.advance(timedelta(minutes=1))
            token = f"h{clock.now().timestamp()}-{place}"
            if how == "undo":
                last = await connection.scalar(
                    select(fact.c.token)
                    .where(fact.c.token.is_not(None), fact.c.retracted_at.is_(None))
                    .order_by(func.random())
                )
                if last:
                    await keeping.retract(connection, clock, token=last)
            else:
                await keeping.remember(connection, clock, _terms(days, how=how), token=token)
            moments.append(clock.now() + timedelta(seconds=1))
            clock.advance(timedelta(minutes=1))
            for moment in moments:
                assert len(await _days(connection, View.true_on(moment, clock))) <= 1
                assert len(await _days(connection, View.known_on(moment))) <= 1


# --- the company's own records as actions


_TEA = Statement(
    subject="company",
    relation="note",
    value={"kind": "text", "data": "The tea is green"},
    statement="The tea is green",
    source={"quote": "the tea is green"},
)


def _actions(database: Database, clock: ManualClock) -> dict[str, Any]:
    parts = (House(database=database, clock=clock), Memory(database=database, clock=clock))
    return {a.name: a for part in parts for a in part.actions()}


async def test_every_record_is_made_once_found_and_taken_back(
    database: Database, clock: ManualClock
) -> None:
    actions = _actions(database, clock)
    of = (await actions["client.add"].perform("of", NewClient(name="Base"))).id
    async with database.write() as connection:
        site = await entities.add(connection, clock, kind="project", name="Site", client_id=of)
    params: dict[str, Any] = {
        "person.note": Person(id="per_1", name="Ana", of="Base", client_id=of, role="contact"),
        "project.note": Project(id="prj_1", name="Shop", of="Base", client_id=of),
        "deliverable.note": Deliverable(id="dlv_1", name="Logo", of="Site", project_id=site),
        "reminder.set": Reminder(what="call", at=clock.now() + timedelta(hours=1)),
        "fact.keep": _TEA,
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


async def test_the_same_person_twice_is_one_row(database: Database, clock: ManualClock) -> None:
    actions = _actions(database, clock)
    of = (await actions["client.add"].perform("of", NewClient(name="Base"))).id
    first = Person(id="per_1", name="Ana Ruiz", of="Base", client_id=of)
    # Planned before the first was noted, so under an id of its own.
    second = Person(id="per_2", name="ana ruiz", of="Base", client_id=of, email="ana@base.example")
    note = actions["person.note"]
    await note.perform("t1", first)
    made = await note.perform("t2", second)
    async with database.read() as connection:
        [ana] = [e for e in await entities.everyone(connection) if e.kind == "person"]
    assert (made.id, ana.id, ana.name, ana.email) == (
        "per_1",
        "per_1",
        "Ana Ruiz",
        "ana@base.example",
    )
    told = await note.compensate("t2", second, made)
    assert "stays" in told.receipt
    another = Person(id="per_3", name="Ana Ruiz", of="Base", client_id=of, another=True)
    assert (await note.perform("t3", another)).id == "per_3"


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
    twice = _TEA
    await actions["fact.keep"].perform("t1", twice)
    second = await actions["fact.keep"].perform("t2", twice)
    told = await actions["fact.keep"].compensate("t2", twice, second)
    async with database.read() as connection:
        assert len(await facts.about(connection, "company", view=View.now(clock))) == 1
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
