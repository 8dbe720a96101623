"""A card stands at once in templates' words; a model words it better in place, and never later."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart, UserPromptPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from sqlalchemy import func, select

from agents.gateway import Gateway, Tier
from agents.gateway.models import Prices
from agents.planner import Planner
from bot.commands.settings import change_setting
from core.budgets import Purse
from core.settings import Price
from core.storage.schema import approval, effect, explanation, run

SAID = "Email Northwind that the draft moves to Monday"
BETTER = "Hello Nora Winter,\n\nyou will have the draft on Monday.\n\nKind regards\nSam Okafor"


class Clever:
    """A model that words mails, or fails as it is told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.fails: list[Exception] = []
        self.body = "you will have the draft on Monday."
        self.model = FunctionModel(self._answer, model_name="clever")

    def _answer(self, messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        self.asked += 1
        if self.fails:
            raise self.fails.pop(0)
        first = messages[0].parts[0]
        assert isinstance(first, UserPromptPart)
        from agents.roles.communications import MailWanted

        wanted = MailWanted.model_validate_json(str(first.content))
        answer = {
            "subject": "The draft on Monday",
            "body": f"{wanted.greeting}\n\n{self.body}\n\n{wanted.closing}",
            "rationale": "Said more warmly.",
        }
        return ModelResponse(parts=[ToolCallPart(info.output_tools[0].name, answer)])


@pytest.fixture
def clever(house: Any) -> Clever:
    model = Clever()
    house.think_with(
        Planner(
            Gateway(
                {Tier.LARGE: model.model},
                purse=Purse(house.app.database, house.clock),
                prices=Prices({"clever": Price(sent=1, answered=1)}),
                timeout=5,
            )
        )
    )
    return model


async def _shown(house: Any) -> tuple[str, list[str]]:
    """The card as it looks now, and the data of its buttons."""
    [card] = [each for each in await house.letters() if each.kind == "text" and _asks(each)]
    edits = [each for each in await house.letters() if each.edit_of == card.id]
    newest = edits[-1] if edits else card
    return newest.payload["html"], [b["data"] for row in newest.payload["buttons"] for b in row]


def _asks(letter: Any) -> bool:
    return any(b["data"].startswith("ok:") for row in letter.payload["buttons"] for b in row)


async def _approvals(house: Any) -> list[str]:
    async with house.app.database.read() as connection:
        return list(await connection.scalars(select(approval.c.state).order_by(approval.c.id)))


async def _sent(house: Any) -> str:
    """The text of the one mail that went out."""
    async with house.app.database.read() as connection:
        rows = await connection.execute(
            select(effect.c.params).where(effect.c.state == "confirmed")
        )
        [params] = list(rows.scalars())
    return str(params["body"])


async def test_the_card_stands_at_once_and_gets_better_words_in_place(
    house: Any, clever: Clever
) -> None:
    await house.write(SAID)
    quick, first = await _shown(house)
    assert "The draft moves to Monday." in quick
    assert "a better draft follows" in quick
    assert clever.asked == 0
    await house.work()
    better, second = await _shown(house)
    assert "you will have the draft on Monday." in better
    assert "worded by clever from what you said" in better
    assert first != second
    assert await _approvals(house) == ["replaced", "pending"]
    assert "replaced by a newer one" in await house.tap(first[0])  # a tap that comes late
    await house.tap(second[0])
    house.clock.advance(timedelta(minutes=1))
    await house.work()
    assert await _approvals(house) == ["replaced", "approved"]
    assert "you will have the draft on Monday." in await _sent(house)


async def _steps(house: Any) -> list[dict[str, Any]]:
    """The mail's step of each plan, oldest first."""
    async with house.app.database.read() as connection:
        plans = await connection.scalars(select(run.c.plan).order_by(run.c.id))
        return [next(s for s in plan["steps"] if s["key"] == "send") | plan for plan in plans]


async def test_the_plan_says_whose_words_it_carries_and_what_better_ones_may_cost(
    house: Any, clever: Clever
) -> None:
    await house.write(SAID)
    assert "A better draft may cost up to 0.05 USD." in (await _shown(house))[0]
    await house.work()
    quick, better = await _steps(house)
    assert (quick["price"], better["price"]) == (50_000, 0)
    assert (quick["risk"], better["risk"]) == ("outside", "outside")
    assert better["agent"] == "communications"
    assert quick["provenance"]["body"] == ["operator"]
    assert better["provenance"]["body"] == ["model", "operator"]


async def test_no_policy_lets_a_models_words_go_unasked(house: Any, clever: Clever) -> None:
    rule = '[[rule]]\nverdict = "auto"\naction = "*"\nbecause = "All of it"\n'
    quiet = '[[rule]]\nverdict = "ask"\nagent = "communications"\nbecause = "Mails"\n'
    policy = house.app.settings.home / "policy.toml"
    policy.write_text(quiet)
    await house.write(SAID)
    policy.write_text(rule)
    await house.work()
    assert await _approvals(house) == ["replaced", "pending"]


async def test_what_was_decided_stays_as_it_was_shown(house: Any, clever: Clever) -> None:
    await house.write(SAID)
    _, buttons = await _shown(house)
    await house.tap(buttons[0])
    await house.work()
    assert await _approvals(house) == ["approved"]
    assert "The draft moves to Monday." in await _sent(house)


async def test_a_card_does_not_change_under_the_finger(house: Any, clever: Clever) -> None:
    await house.write(SAID)
    quick, buttons = await _shown(house)
    tap = await house.arrive("tap", data={"data": buttons[0]})
    await house.work()
    assert (await _shown(house))[0] == quick
    from bot import taps

    assert await taps.handle(house.app, tap) == "Approved."
    house.clock.advance(timedelta(minutes=1))
    await house.work()
    assert await _approvals(house) == ["approved"]


async def test_without_quota_it_waits_and_is_worded_later(house: Any, clever: Clever) -> None:
    clever.fails = [ModelHTTPError(429, "clever", None)] * 3
    await house.write(SAID)
    await house.work()
    assert "The draft moves to Monday." in (await _shown(house))[0]
    clever.fails = []
    house.clock.advance(timedelta(minutes=2))
    await house.work()
    assert "you will have the draft on Monday." in (await _shown(house))[0]


async def test_what_is_not_urgent_is_drafted_in_the_off_peak_hours(
    house: Any, clever: Clever
) -> None:
    async with house.app.database.write() as connection:
        await change_setting(house.app, connection, "set:off_peak", "22:00-06:00")
    await house.write("Write a short post about booking early")
    for _ in range(11):  # from 10:00 to 21:00 on the owner's clock
        await house.work()
        house.clock.advance(timedelta(hours=1))
    assert clever.asked == 0
    house.clock.advance(timedelta(hours=1, minutes=5))
    await house.work()
    assert clever.asked > 0


async def test_words_that_nobody_said_are_not_used(house: Any, clever: Clever) -> None:
    clever.body = "you will have the draft on Monday, see https://evil.example/?d=1."
    await house.write(SAID)
    for _ in range(9):
        await house.work()
        house.clock.advance(timedelta(minutes=11))
    assert "evil" not in (await _shown(house))[0]
    assert await _approvals(house) == ["pending"]


async def test_an_edit_keeps_the_better_words_that_are_known(house: Any, clever: Clever) -> None:
    await house.write(SAID)
    await house.work()
    asked = clever.asked
    await house.write("Email Northwind that the draft moves to Monday")
    cards = [each for each in await house.letters() if _asks(each)]
    assert "you will have the draft on Monday." in cards[-1].payload["html"]
    assert clever.asked == asked


async def test_why_tells_who_worded_it_and_what_it_cost(house: Any, clever: Clever) -> None:
    await house.write(SAID)
    await house.work()
    _, buttons = await _shown(house)
    await house.tap(next(data for data in buttons if data.startswith("why:")))
    told = await house.last()
    assert "The communications agent, by its templates, without a model" in told
    assert "on clever, the large model" in told
    assert "Said more warmly." in told
    async with house.app.database.read() as connection:
        kept = (await connection.execute(select(func.count()).select_from(explanation))).scalar()
    assert kept == 2
