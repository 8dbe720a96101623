"""What was granted happens without asking: so often, so much, so long, and nothing else."""

import asyncio
import shutil
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_fakes import Kernel, buy
from sqlalchemy import select, update

from core import grants
from core.actions import Risk
from core.clock import ManualClock
from core.errors import FactotumError
from core.grants import Grant
from core.money import Money
from core.policy import DEFAULT, Case, Policy, parse
from core.storage.database import Database
from core.storage.schema import grant as grant_table
from core.storage.schema import journal

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
BILL = Case(
    action="billing.issue",
    risk=Risk.MONEY,
    reversal="compensate",
    amount=Money(40_000, "EUR"),
    counterparty="Northwind Traders",
    at=NOW,
    agent="planner",
    origins=frozenset({"operator"}),
)
MAIL = replace(
    BILL,
    action="mail.send",
    risk=Risk.OUTSIDE,
    reversal="irreversible",
    amount=None,
    counterparty="nora@northwind.example",
)
PAY = replace(BILL, action="bank.pay", reversal="irreversible")
MONTH = timedelta(days=30)


async def _approval(kernel: Kernel) -> str:
    started = await kernel.start(buy())
    assert started.approval_id
    return started.approval_id


async def _give(
    kernel: Kernel, case: Case = BILL, *, policy: Policy = DEFAULT, **more: Any
) -> Grant:
    made_from = await _approval(kernel)
    wanted: dict[str, Any] = {"uses": 3, "lasts": MONTH, "made_from": made_from} | more
    async with kernel.database.write() as connection:
        made = await grants.give(connection, kernel.clock, case, policy, **wanted)
    assert made is not None
    return made


async def _covering(kernel: Kernel, case: Case, policy: Policy = DEFAULT) -> Grant | None:
    async with kernel.database.read() as connection:
        return await grants.covering(connection, kernel.clock, case, policy)


async def _use(kernel: Kernel, grant: Grant, step: str = "stp_1") -> bool:
    async with kernel.database.write() as connection:
        return await grants.use(connection, kernel.clock, grant.id, step)


async def _use_all(
    kernel: Kernel, asked: dict[str, Case], policy: Policy = DEFAULT
) -> dict[str, str] | None:
    async with kernel.database.write() as connection:
        return await grants.use_all(connection, kernel.clock, policy, asked)


async def _entries(kernel: Kernel) -> list[Any]:
    async with kernel.database.read() as connection:
        rows = await connection.execute(
            select(journal).where(journal.c.kind.like("grant.%")).order_by(journal.c.seq)
        )
        return list(rows)


async def test_a_grant_says_what_it_is_for_and_is_journalled(kernel: Kernel) -> None:
    made = await _give(kernel)
    assert (made.action, made.counterparty, made.up_to) == (
        "billing.issue",
        "Northwind Traders",
        Money(40_000, "EUR"),
    )
    assert (made.uses, made.uses_left, made.state) == (3, 3, "active")
    assert made.expires_at == kernel.clock.now() + MONTH
    (entry,) = await _entries(kernel)
    assert (entry.kind, entry.subject, entry.actor) == ("grant.given", made.id, "operator")
    assert entry.data == {
        "action": "billing.issue",
        "counterparty": "Northwind Traders",
        "up_to": "400.00 EUR",
        "uses": 3,
        "until": made.expires_at.isoformat(),
        "approval": made.made_from,
    }
    async with kernel.database.read() as connection:
        assert await grants.active(connection, kernel.clock) == [made]


@pytest.mark.parametrize(
    ("case", "covered"),
    [
        (BILL, True),
        (replace(BILL, amount=Money(1, "EUR")), True),
        (replace(BILL, counterparty="  NORTHWIND  traders"), True),
        (replace(BILL, origins=frozenset({"operator", "memory"})), True),
        (replace(BILL, amount=Money(40_001, "EUR")), False),
        (replace(BILL, amount=Money(-40_001, "EUR")), False),
        (replace(BILL, amount=Money(1, "USD")), False),
        (replace(BILL, amount=None), False),
        (replace(BILL, amount=None, unknown=frozenset({"amount"})), False),
        (replace(BILL, risk=Risk.OUTSIDE, amount=None), False),
        (replace(BILL, counterparty="Northwind"), False),
        (replace(BILL, counterparty="Northwind Traders; Eve"), False),
        (replace(BILL, counterparty=None), False),
        (replace(BILL, unknown=frozenset({"counterparty"})), False),
        (replace(BILL, action="billing.issue2"), False),
        (replace(BILL, action="billing.*"), False),
        (replace(BILL, origins=frozenset({"operator", "untrusted"})), False),
        (replace(BILL, origins=frozenset({"web"})), False),
        (replace(BILL, takes_back=True), False),
    ],
)
async def test_what_a_grant_covers(kernel: Kernel, case: Case, covered: bool) -> None:
    made = await _give(kernel)
    assert await _covering(kernel, case) == (made if covered else None)


async def test_a_grant_without_an_amount_covers_nothing_that_has_one(kernel: Kernel) -> None:
    made = await _give(kernel, MAIL)
    assert made.up_to is None
    assert await _covering(kernel, MAIL) == made
    assert await _covering(kernel, replace(MAIL, amount=Money(1, "EUR"))) is None
    assert await _covering(kernel, replace(MAIL, unknown=frozenset({"amount"}))) is None


@pytest.mark.parametrize("verdict", ["deny", "shadow", "auto", "hold"])
async def test_a_grant_turns_nothing_but_ask_into_auto(kernel: Kernel, verdict: str) -> None:
    await _give(kernel)
    seconds = "seconds = 5\n" if verdict == "hold" else ""
    policy = parse(f'[[rule]]\nverdict = "{verdict}"\n{seconds}')
    assert await _covering(kernel, BILL, policy) is None
    assert await _use_all(kernel, {"stp_1": BILL}, policy) is None


async def test_the_limit_counts_when_it_is_used_not_only_when_it_is_given(kernel: Kernel) -> None:
    await _give(kernel, PAY)
    assert await _covering(kernel, PAY)
    lower = parse('[limits]\nirreversible = "399 EUR"')
    assert await _covering(kernel, PAY, lower) is None
    assert await _covering(kernel, PAY, parse("")) is None


@pytest.mark.parametrize(
    ("case", "policy", "why"),
    [
        (replace(BILL, origins=frozenset({"untrusted"})), DEFAULT, "words of others"),
        (replace(BILL, takes_back=True), DEFAULT, "Taking something back"),
        (replace(BILL, amount=None), DEFAULT, "isn't known beforehand"),
        (replace(BILL, counterparty=None), DEFAULT, "names nobody"),
        (replace(MAIL, counterparty=None, unknown=frozenset({"counterparty"})), DEFAULT, "nobody"),
        (replace(PAY, amount=Money(50_001, "EUR")), DEFAULT, "above your limit of 500.00 EUR"),
        (replace(PAY, amount=Money(1, "USD")), DEFAULT, "above your limit"),
        (PAY, parse(""), "above what the policy lets a grant cover"),
        (BILL, parse('[[rule]]\nverdict = "deny"'), "The policy says that it is refused"),
        (BILL, parse('[[rule]]\nverdict = "auto"'), "needs no grant: it is done at once"),
    ],
)
async def test_what_can_not_be_granted_says_why(
    kernel: Kernel, case: Case, policy: Policy, why: str
) -> None:
    with pytest.raises(FactotumError, match=why):
        await _give(kernel, case, policy=policy)
    assert await _entries(kernel) == []


@pytest.mark.parametrize(
    "more",
    [
        {"uses": 0},
        {"uses": 1001},
        {"lasts": timedelta(0)},
        {"lasts": timedelta(days=367)},
        {"up_to": Money(1, "EUR")},
        {"up_to": Money(99_999, "USD")},
    ],
)
async def test_bounds_have_bounds(kernel: Kernel, more: dict[str, Any]) -> None:
    with pytest.raises(FactotumError):
        await _give(kernel, **more)
    assert await _entries(kernel) == []


async def test_a_wider_bound_can_be_given(kernel: Kernel) -> None:
    await _give(kernel, up_to=Money(50_000, "EUR"))
    assert await _covering(kernel, replace(BILL, amount=Money(50_000, "EUR")))


async def test_one_approval_makes_a_grant_once(kernel: Kernel) -> None:
    made = await _give(kernel)
    async with kernel.database.write() as connection:
        again = {"uses": 3, "lasts": MONTH, "made_from": made.made_from}
        assert await grants.give(connection, kernel.clock, BILL, DEFAULT, **again) is None
        assert await grants.revoke(connection, kernel.clock, made.id)
        assert await grants.give(connection, kernel.clock, BILL, DEFAULT, **again) is None
        other = replace(BILL, counterparty="Bluebird")
        assert await grants.give(connection, kernel.clock, other, DEFAULT, **again)


async def test_it_is_used_so_often_and_no_more(kernel: Kernel) -> None:
    made = await _give(kernel)
    used = await asyncio.gather(*(_use(kernel, made, f"stp_{n}") for n in range(9)))
    assert sorted(used) == [False] * 6 + [True] * 3
    assert await _covering(kernel, BILL) is None
    entries = [e for e in await _entries(kernel) if e.kind == "grant.used"]
    assert [e.data["left"] for e in entries] == [2, 1, 0]
    assert len({e.data["step"] for e in entries}) == 3
    async with kernel.database.read() as connection:
        ended = await grants.load(connection, made.id)
    assert ended
    assert (ended.state, ended.uses_left) == ("used_up", 0)


async def test_it_is_used_so_long_and_no_longer(kernel: Kernel) -> None:
    made = await _give(kernel)
    kernel.clock.advance(MONTH - timedelta(seconds=1))
    assert await _use(kernel, made)
    kernel.clock.advance(timedelta(seconds=1))
    assert await _covering(kernel, BILL) is None
    assert not await _use(kernel, made)
    async with kernel.database.write() as connection:
        assert await grants.active(connection, kernel.clock) == []
        assert await connection.scalar(select(grants.any_overdue(kernel.clock)))
        assert [g.id for g in await grants.expired(connection, kernel.clock)] == [made.id]
        assert not await connection.scalar(select(grants.any_overdue(kernel.clock)))
        assert await grants.expired(connection, kernel.clock) == []
    assert [e.kind for e in await _entries(kernel)][-1] == "grant.expired"


async def test_a_revoked_grant_is_over_at_once(kernel: Kernel) -> None:
    made = await _give(kernel)
    async with kernel.database.write() as connection:
        assert await grants.revoke(connection, kernel.clock, made.id)
        assert not await grants.revoke(connection, kernel.clock, made.id)
        assert not await grants.revoke(connection, kernel.clock, "grt_unknown")
    assert await _covering(kernel, BILL) is None
    assert not await _use(kernel, made)
    entries = await _entries(kernel)
    assert [(e.kind, e.actor) for e in entries] == [
        ("grant.given", "operator"),
        ("grant.revoked", "operator"),
    ]


async def test_a_plan_uses_grants_for_all_that_is_asked_and_says_so(kernel: Kernel) -> None:
    await _give(kernel)
    await _give(kernel, MAIL)
    said = await _use_all(kernel, {"stp_1": BILL, "stp_2": MAIL})
    assert said == {
        "stp_1": "You granted it for Northwind Traders up to 400.00 EUR until "
        "Wed 23 Dec 2026, 09:00; 2 of 3 times are left (billing.issue).",
        "stp_2": "You granted it for nora@northwind.example until "
        "Wed 23 Dec 2026, 09:00; 2 of 3 times are left (mail.send).",
    }
    assert [e.kind for e in await _entries(kernel)].count("grant.used") == 2


async def test_where_one_effect_is_not_covered_no_grant_is_used(kernel: Kernel) -> None:
    made = await _give(kernel)
    assert await _use_all(kernel, {"stp_1": BILL, "stp_2": MAIL}) is None
    assert await _covering(kernel, BILL) == made


async def test_two_effects_of_a_plan_do_not_share_the_last_use(kernel: Kernel) -> None:
    made = await _give(kernel, uses=1)
    assert await _use_all(kernel, {"stp_1": BILL, "stp_2": BILL}) is None
    assert await _covering(kernel, BILL) == made
    await _give(kernel, uses=1)
    assert await _use_all(kernel, {"stp_1": BILL, "stp_2": BILL})
    assert await _covering(kernel, BILL) is None


async def test_the_first_to_expire_is_used_first(kernel: Kernel) -> None:
    await _give(kernel)
    sooner = await _give(kernel, lasts=timedelta(days=7))
    assert await _covering(kernel, BILL) == sooner


# Interleavings, against what the grants were given for.

_STEPS = st.one_of(
    st.tuples(st.just("give"), st.integers(1, 3), st.integers(1, 72), st.integers(1, 900)),
    st.tuples(
        st.just("use"),
        st.lists(st.tuples(st.integers(1, 999), st.sampled_from(["EUR", "USD"])), min_size=1),
    ),
    st.tuples(st.just("unknown")),
    st.tuples(st.just("untrusted"), st.integers(1, 900)),
    st.tuples(st.just("later"), st.integers(1, 48)),
    st.tuples(st.just("revoke"), st.integers(0, 9)),
    st.tuples(st.just("sweep")),
)


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(_STEPS, max_size=14))
def test_no_interleaving_goes_beyond_what_was_granted(
    migrated_template: Path, steps: list[tuple[Any, ...]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "factotum.db"
        shutil.copy(migrated_template, path)
        asyncio.run(_interleave(path, steps))


async def _interleave(path: Path, steps: list[tuple[Any, ...]]) -> None:
    clock = ManualClock(NOW)
    database = Database(path)
    kernel = Kernel(database, clock)
    given_: list[Grant] = []
    revoked: dict[str, datetime] = {}
    spent: list[tuple[str, datetime, list[Money]]] = []
    try:
        for number, step in enumerate(steps):
            match step:
                case ("give", uses, hours, minor):
                    like = replace(BILL, amount=Money(minor, "EUR"))
                    given_.append(
                        await _give(kernel, like, uses=uses, lasts=timedelta(hours=hours))
                    )
                case ("use", amounts):
                    # Two workers at once, each with a plan of its own.
                    plans = [
                        {
                            f"stp_{number}_{worker}_{n}": replace(BILL, amount=Money(*amount))
                            for n, amount in enumerate(amounts)
                        }
                        for worker in range(2)
                    ]
                    done = await asyncio.gather(*(_use_all(kernel, plan) for plan in plans))
                    for plan, said in zip(plans, done, strict=True):
                        assert said is None or said.keys() == plan.keys()
                        spent += [
                            (step_id, clock.now(), [case.amount])
                            for step_id, case in plan.items()
                            if said and case.amount
                        ]
                case ("unknown",):
                    assert await _use_all(kernel, {"stp": replace(BILL, amount=None)}) is None
                case ("untrusted", minor):
                    told = replace(
                        BILL,
                        amount=Money(minor, "EUR"),
                        origins=frozenset({"operator", "untrusted"}),
                    )
                    assert await _use_all(kernel, {"stp": told}) is None
                case ("later", hours):
                    clock.advance(timedelta(hours=hours))
                case ("revoke", place) if place < len(given_):
                    async with database.write() as connection:
                        if await grants.revoke(connection, clock, given_[place].id):
                            revoked[given_[place].id] = clock.now()
                case ("sweep",):
                    async with database.write() as connection:
                        await grants.expired(connection, clock)
                case _:
                    pass
        by_id = {grant.id: grant for grant in given_}
        paid = {step_id: (at, amounts) for step_id, at, amounts in spent}
        used = [e for e in await _entries(kernel) if e.kind == "grant.used"]
        assert {e.data["step"] for e in used} == paid.keys()
        assert len(used) == len(paid)
        for grant in given_:
            mine = [e for e in used if e.subject == grant.id]
            assert len(mine) <= grant.uses
        for entry in used:
            grant = by_id[entry.subject]
            at, amounts = paid[entry.data["step"]]
            assert grant.created_at <= at < grant.expires_at
            assert all(a.currency == "EUR" and a.minor <= grant.up_to.minor for a in amounts)
            assert grant.id not in revoked or at <= revoked[grant.id]
    finally:
        await database.close()


async def test_the_bounds_of_a_grant_belong_to_it(kernel: Kernel) -> None:
    made = await _give(kernel, uses=grants.MOST_USES, lasts=grants.LONGEST)
    assert (made.uses, made.expires_at) == (1000, kernel.clock.now() + timedelta(days=366))
    once = await _give(kernel, uses=1, lasts=timedelta(microseconds=1))
    assert once.uses == 1


async def test_what_a_bound_is_none_of_is_named(kernel: Kernel) -> None:
    with pytest.raises(FactotumError, match=r"100.00 EUR is no bound for what is over 400.00 EUR"):
        await _give(kernel, up_to=Money(10_000, "EUR"))
    with pytest.raises(FactotumError, match=r"is no bound for what is over no amount"):
        await _give(kernel, MAIL, up_to=Money(10_000, "EUR"))


async def test_there_is_no_grant_that_nobody_gave(kernel: Kernel) -> None:
    async with kernel.database.read() as connection:
        assert await grants.load(connection, "grt_none") is None


async def test_a_grant_without_uses_left_covers_nothing_though_it_is_active(
    kernel: Kernel,
) -> None:
    made = await _give(kernel)
    async with kernel.database.write() as connection:
        await connection.execute(update(grant_table).values(uses_left=0))
    assert await _covering(kernel, BILL) is None
    assert not await _use(kernel, made)
