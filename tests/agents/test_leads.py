"""A new lead is noted at once, and what it is worth is said with the reasons."""

from typing import Any

from agents import playbooks
from agents.requests import LeadAdd
from core.memory.values import Value as Said
from core.plans import Plan
from tests.agents.test_playbooks import Situation, situation

__all__ = ["situation"]


async def _noted(made: Situation, words: str, **more: Any) -> Plan:
    plan = await playbooks.make(LeadAdd(**more), made.context(words))
    assert isinstance(plan, Plan)
    return plan


async def test_the_outcome_says_score_reasons_and_next_step(situation: Situation) -> None:
    plan = await _noted(
        situation,
        "New lead Lena of Acme, lena@acme.example, she needs a website",
        name="Lena",
        company="Acme",
        email="lena@acme.example",
    )
    assert [step.action for step in plan.steps] == ["lead.add"]  # nothing is sent
    assert plan.afterword == (
        "Score 35 of 100: an address at a company +15 (“lena@acme.example”); "
        "a need +20 (“she needs a website”).\n"
        "Not known: budget, source.\n"
        "Next: Propose a call to Lena, and ask for the budget."
    )


async def test_of_a_bare_name_it_is_said_that_nothing_speaks_for_it(situation: Situation) -> None:
    plan = await _noted(situation, "New lead Lena", name="Lena")
    assert plan.afterword.startswith("Score 0 of 100: nothing speaks for it yet.\n")
    assert plan.afterword.endswith("Next: Find out a mail address of Lena.")


async def test_somebody_at_a_client_is_known(situation: Situation) -> None:
    situation.facts.clear()
    situation.fact("cli_Northwind", "note", Said("text", "early"), "Northwind pays early")
    context = situation.context("New lead Ben, ben@northwind.example")
    request = LeadAdd(name="Ben", email="ben@northwind.example")
    plan = await playbooks.make(request, context)
    assert isinstance(plan, Plan)
    assert "known already +20 (“Northwind Traders is a client”)" in plan.afterword
    kinds = [material["kind"] for material in context.thoughts[0].explanation.materials]
    assert kinds == ["fact", "fact"]


async def test_a_long_quote_is_cut_in_the_chat(situation: Situation) -> None:
    words = "She needs " + "a very long and careful site " * 8
    plan = await _noted(situation, words, name="Lena")
    assert "…”)" in plan.afterword
    assert len(plan.afterword) < 400
