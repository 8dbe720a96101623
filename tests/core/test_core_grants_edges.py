"""What mutation tests found unguarded: what the record says of a grant, and which one is meant."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from kernel_fakes import Kernel, buy
from sqlalchemy import select

from core import grants
from core.actions import Risk
from core.grants import Grant
from core.money import Money
from core.policy import DEFAULT, Case, parse
from core.storage.schema import journal

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MAIL = Case(
    action="mail.send",
    risk=Risk.OUTSIDE,
    reversal="irreversible",
    amount=None,
    counterparty="nora@northwind.example",
    at=NOW,
    agent="planner",
    origins=frozenset({"operator"}),
)
BILL = replace(
    MAIL,
    action="billing.issue",
    risk=Risk.MONEY,
    reversal="compensate",
    amount=Money(40_000, "EUR"),
    counterparty="Northwind Traders",
)


async def _give(kernel: Kernel, like: Case, *, days: int = 1, uses: int = 3) -> Grant:
    shown = await kernel.start(buy())
    async with kernel.database.write() as connection:
        made = await grants.give(
            connection,
            kernel.clock,
            like,
            DEFAULT,
            uses=uses,
            lasts=timedelta(days=days),
            made_from=str(shown.approval_id),
        )
    assert made is not None
    return made


async def _entries(kernel: Kernel, grant: Grant) -> list[Any]:
    async with kernel.database.read() as connection:
        rows = await connection.execute(
            select(journal).where(journal.c.subject == grant.id).order_by(journal.c.seq)
        )
        return list(rows)


async def test_a_grant_without_an_amount_is_on_record_without_a_bound(kernel: Kernel) -> None:
    made = await _give(kernel, MAIL)
    [entry] = await _entries(kernel, made)
    assert entry.data == {
        "action": "mail.send",
        "counterparty": "nora@northwind.example",
        "up_to": None,
        "uses": 3,
        "until": made.expires_at.isoformat(),
        "approval": made.made_from,
    }


async def test_using_one_grant_uses_no_other(kernel: Kernel) -> None:
    first, second = await _give(kernel, MAIL), await _give(kernel, MAIL, days=2)
    async with kernel.database.write() as connection:
        assert await grants.use(connection, kernel.clock, first.id, "stp_1") is True
        found = {each.id: each for each in await grants.active(connection, kernel.clock)}
    assert {key: each.uses_left for key, each in found.items()} == {first.id: 2, second.id: 3}
    used = (await _entries(kernel, first))[1]
    assert (used.kind, used.data) == ("grant.used", {"step": "stp_1", "left": 2})


async def test_the_last_use_ends_a_grant_and_no_use_follows(kernel: Kernel) -> None:
    made = await _give(kernel, MAIL, uses=2)
    states: list[tuple[bool, str, int]] = []
    for _ in range(3):
        async with kernel.database.write() as connection:
            done = await grants.use(connection, kernel.clock, made.id, "stp_1")
            found = await grants.load(connection, made.id)
        assert found is not None
        states.append((done, found.state, found.uses_left))
    assert states == [(True, "active", 1), (True, "used_up", 0), (False, "used_up", 0)]
    kinds = [entry.kind for entry in await _entries(kernel, made)]
    assert kinds == ["grant.given", "grant.used", "grant.used"]


async def test_ending_one_grant_ends_no_other_and_is_on_record_once(kernel: Kernel) -> None:
    first, second = await _give(kernel, MAIL), await _give(kernel, BILL)
    async with kernel.database.write() as connection:
        assert await grants.revoke(connection, kernel.clock, first.id) is True
        assert await grants.revoke(connection, kernel.clock, first.id) is False
        assert await grants.revoke(connection, kernel.clock, "grt_none") is False
        left = await grants.active(connection, kernel.clock)
        assert await grants.load(connection, "grt_none") is None
    assert [each.id for each in left] == [second.id]
    assert [entry.kind for entry in await _entries(kernel, first)] == [
        "grant.given",
        "grant.revoked",
    ]


async def test_a_grant_ends_in_its_own_time_and_no_other_with_it(kernel: Kernel) -> None:
    short, long, revoked = [await _give(kernel, MAIL, days=days) for days in (1, 2, 1)]
    async with kernel.database.write() as connection:
        await grants.revoke(connection, kernel.clock, revoked.id)
    for early, over in ((timedelta(microseconds=1), []), (timedelta(0), [short.id])):
        kernel.clock.advance(short.expires_at - early - kernel.clock.now())
        async with kernel.database.write() as connection:
            overdue = await connection.scalar(select(grants.any_overdue(kernel.clock)))
            covers = await grants.covering(connection, kernel.clock, MAIL, DEFAULT)
            ended = await grants.expired(connection, kernel.clock)
        assert bool(overdue) is bool(over)
        assert [each.id for each in ended] == over
        assert covers is not None
        assert covers.id == (long.id if over else short.id)
    async with kernel.database.write() as connection:
        assert not await connection.scalar(select(grants.any_overdue(kernel.clock)))
        assert await grants.expired(connection, kernel.clock) == []
        kept = await grants.load(connection, revoked.id)
    assert kept is not None
    assert kept.state == "revoked"
    entry = (await _entries(kernel, short))[1]
    assert (entry.kind, entry.data) == ("grant.expired", {"left": 3})


async def test_the_first_to_expire_is_used_first_and_then_the_next(kernel: Kernel) -> None:
    later, sooner = await _give(kernel, MAIL, days=5), await _give(kernel, MAIL, days=2, uses=1)
    asked = {f"stp_{n}": MAIL for n in range(3)}
    async with kernel.database.write() as connection:
        said = await grants.use_all(connection, kernel.clock, DEFAULT, asked)
        found = [await grants.load(connection, each.id) for each in (sooner, later)]
    assert said is not None
    assert [words.split("; ")[1] for words in said.values()] == [
        "0 of 1 times are left (mail.send).",
        "2 of 3 times are left (mail.send).",
        "1 of 3 times are left (mail.send).",
    ]
    assert [each and each.uses_left for each in found] == [0, 1]


async def test_a_use_says_the_bound_where_there_is_one(kernel: Kernel) -> None:
    until = "until Tue 24 Nov 2026, 09:00"
    for like, words in (
        (MAIL, f"You granted it for nora@northwind.example {until};"),
        (BILL, f"You granted it for Northwind Traders up to 400.00 EUR {until};"),
    ):
        await _give(kernel, like)
        async with kernel.database.write() as connection:
            said = await grants.use_all(connection, kernel.clock, DEFAULT, {"stp_1": like})
        assert said is not None
        assert said["stp_1"].startswith(words)


async def test_where_one_is_left_over_none_is_used(kernel: Kernel) -> None:
    made = await _give(kernel, MAIL, uses=1)
    asked = {"stp_1": MAIL, "stp_2": MAIL}
    async with kernel.database.write() as connection:
        assert await grants.use_all(connection, kernel.clock, DEFAULT, asked) is None
        assert await grants.use_all(connection, kernel.clock, DEFAULT, {}) == {}
        found = await grants.load(connection, made.id)
    assert found is not None
    assert found.uses_left == 1


async def test_a_grant_covers_as_many_steps_of_a_plan_as_it_has_uses(kernel: Kernel) -> None:
    made = await _give(kernel, MAIL, uses=3)
    for steps, covered in ((4, False), (3, True), (1, False)):
        async with kernel.database.write() as connection:
            asked = {f"stp_{n}": MAIL for n in range(steps)}
            said = await grants.use_all(connection, kernel.clock, DEFAULT, asked)
        assert (said is not None) is covered
    async with kernel.database.read() as connection:
        found = await grants.load(connection, made.id)
    assert found is not None
    assert (found.state, found.uses_left) == ("used_up", 0)


def test_why_there_is_no_grant_is_said_by_what_happens_anyway() -> None:
    for verdict, words in (
        ("auto", "It needs no grant: it is done at once."),
        ("hold", "It needs no grant: it is held back for a while, then done."),
        ("shadow", "The policy says that it is only rehearsed, nothing happens,"),
        ("deny", "The policy says that it is refused, and no grant changes that."),
    ):
        seconds = "seconds = 5\n" if verdict == "hold" else ""
        policy = parse(f'[[rule]]\nverdict = "{verdict}"\n{seconds}')
        assert str(grants.refusal(MAIL, policy)).startswith(words)
    assert grants.refusal(MAIL, DEFAULT) is None
