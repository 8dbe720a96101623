"""What may happen without a tap: a verdict on every effect, with the rules that made it."""

from core.policy.book import PolicyBook, Standing
from core.policy.case import PLANNER, Case, case_of, party_key
from core.policy.change import Change, differences, limit
from core.policy.rule import DONE, STRICTNESS, Hours, Rule, Verdict, within
from core.policy.ruling import LAWS, Limits, Policy, Ruling
from core.policy.text import DEFAULT, DEFAULT_TEXT, NAME, load, parse

__all__ = [
    "DEFAULT",
    "DEFAULT_TEXT",
    "DONE",
    "LAWS",
    "NAME",
    "PLANNER",
    "STRICTNESS",
    "Case",
    "Change",
    "Hours",
    "Limits",
    "Policy",
    "PolicyBook",
    "Rule",
    "Ruling",
    "Standing",
    "Verdict",
    "case_of",
    "differences",
    "limit",
    "load",
    "parse",
    "party_key",
    "within",
]
