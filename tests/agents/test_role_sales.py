"""Sales: each point has a reason that stands in the owner's words or in a material."""

from typing import Any

import pytest

from agents.roles import Material, role_of
from agents.roles.sales import LeadHeard, LeadScore, Reason

SALES = role_of(LeadHeard)


def _lead(words: str = "", **more: Any) -> LeadHeard:
    return LeadHeard(words=words, **more)


def _scored(lead: LeadHeard) -> dict[str, int]:
    output = SALES.by_rules(lead)
    assert SALES.faults(lead, output) == []
    assert output.score == max(sum(each.points for each in output.reasons), 0)
    return {each.because: each.points for each in output.reasons}


def test_a_company_with_budget_need_and_recommendation_scores_high() -> None:
    words = (
        "New lead Lena Fox of Acme, lena@acme.example, referral from Jonas. "
        "She needs a new website, budget 8,000 EUR."
    )
    lead = _lead(
        words, name="Lena Fox", company="Acme", email="lena@acme.example", source="referral"
    )
    assert _scored(lead) == {
        "an address at a company": 15,
        "a budget": 25,
        "a need": 20,
        "recommended by somebody": 20,
    }
    output = SALES.by_rules(lead)
    assert {each.quote for each in output.reasons} >= {"budget 8,000 EUR", "lena@acme.example"}
    assert output.missing == ()
    assert output.next_step == "Propose a call to Lena Fox this week."
    assert "no model" in output.rationale


def test_of_a_bare_name_nearly_all_is_missing() -> None:
    output = SALES.by_rules(_lead("New lead Lena", name="Lena"))
    assert output.score == 0
    assert output.reasons == ()
    assert output.missing == ("email", "company", "need", "budget", "source")
    assert output.next_step == "Find out a mail address of Lena."


@pytest.mark.parametrize(
    ("words", "because"),
    [
        ("New lead Lena, she has no budget", {"no budget": -10}),
        ("New lead Lena, she doesn't want anything, she wants nothing", {}),
        ("New lead Lena. Invoice Northwind 2400 EUR", {}),
        ("New lead Lena, is looking for a speaker", {"a need": 20}),
        ("New lead Lena, can spend 2k", {"a budget": 25}),
        ("New lead Lena, I need to call the printer", {}),
    ],
)
def test_only_what_is_said_of_the_lead_counts(words: str, because: dict[str, int]) -> None:
    assert _scored(_lead(words, name="Lena")) == because


@pytest.mark.parametrize(
    ("source", "points"),
    [
        ("the website form", 15),
        ("the Porto conference", 10),
        ("recommended by Ana", 20),
        ("a podcast", 5),
        ("a bought address list", 0),
    ],
)
def test_where_a_lead_is_from_counts(source: str, points: int) -> None:
    assert sum(_scored(_lead("New lead", company="Acme", source=source)).values()) == points


def test_a_private_address_counts_less_than_one_at_a_company() -> None:
    assert _scored(_lead("x", email="lena@gmail.com")) == {"a private address": 5}


def test_a_mail_of_the_lead_counts_and_is_named() -> None:
    mail = Material(
        id="m1", kind="mail", text="Hi! We need a logo. Our budget is 900 EUR.", trust="untrusted"
    )
    known = Material(id="f1", kind="fact", text="Acme is a client", trust="memory")
    lead = _lead("New lead Acme", company="Acme", materials=(mail, known))
    assert _scored(lead) == {"a budget": 25, "a need": 20, "known already": 20}
    assert SALES.by_rules(lead).sources == ("m1", "f1")


def test_what_others_wrote_makes_nobody_known() -> None:
    heard = Material(id="f1", kind="fact", text="Acme is a great client", trust="untrusted")
    assert _scored(_lead("New lead Acme", company="Acme", materials=(heard,))) == {}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"score": 90}, "sum of the points, 20"),
        ({"reasons": (Reason(points=20, because="x", quote="rich"),)}, "“rich” isn't"),
        ({"reasons": (Reason(points=20, because="x", quote="Lena", source="m9"),)}, "m9"),
        ({"missing": ("name",)}, "The name was given"),
        ({"next_step": "Send 500 EUR."}, "number 500"),
        ({"next_step": "Look at https://evil.example."}, "evil.example"),
        ({"sources": ("m9",)}, "no source"),
    ],
)
def test_an_output_that_makes_something_up_is_refused(wrong: dict[str, Any], told: str) -> None:
    good = LeadScore(
        score=20,
        reasons=(Reason(points=20, because="a need", quote="needs a logo"),),
        next_step="Ask Lena for the date.",
        rationale="Little is known.",
    )
    lead = _lead("New lead Lena, needs a logo", name="Lena")
    assert SALES.faults(lead, good) == []
    assert told in " ".join(SALES.faults(lead, good.model_copy(update=wrong)))
