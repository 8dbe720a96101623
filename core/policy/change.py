"""What a new policy changes, in words, before it is used."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from core.actions import Action
from core.policy.case import Case, case_of
from core.policy.rule import DONE, STRICTNESS, Rule
from core.policy.ruling import Policy
from core.when import day_and_time


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is different, as sentences: in the rules, in the verdicts, and what to mind."""

    rules: tuple[str, ...]
    verdicts: tuple[str, ...]
    mind: tuple[str, ...]


def differences(old: Policy, new: Policy, actions: Iterable[Action], *, at: datetime) -> Change:
    """What is different under ``new``.

    Verdicts are found by trying, for each action, the cases that the rules of both policies
    speak of, by the operator's word, at ``at`` (on the operator's clock) and at their hours.
    """
    actions = tuple(actions)
    rules = [f"Gone: {_rule(rule)}." for rule in old.rules if rule not in new.rules]
    rules += [f"New: {_rule(rule)}." for rule in new.rules if rule not in old.rules]
    if old.limits != new.limits:
        rules.append(f"New limit: {limit(new)} Before: {limit(old)}")
    idle = (
        rule for rule in new.rules if not any(rule.covers_action(action.name) for action in actions)
    )
    return Change(
        rules=tuple(rules),
        verdicts=tuple(dict.fromkeys(_verdicts(old, new, actions, at))),
        mind=tuple(f"There is no action that this speaks of: {_rule(rule)}." for rule in idle),
    )


def _rule(rule: Rule) -> str:
    words = rule.words()
    return words[:1].lower() + words[1:]


def limit(policy: Policy) -> str:
    """The limit of grants, in a sentence."""
    amounts = " or ".join(str(amount) for amount in policy.limits.irreversible)
    if not amounts:
        return "No grant helps with an amount that can't be taken back."
    return f"No grant helps with what can't be taken back above {amounts}."


def _verdicts(old: Policy, new: Policy, actions: tuple[Action, ...], at: datetime) -> Iterator[str]:
    rules = (*new.rules, *old.rules)
    for action in actions:
        plain = replace(case_of(action, {}, at=at, origins=("operator",)), unknown=frozenset())
        told: set[tuple[str, str]] = set()
        for case, rule in _tried(plain, rules):
            before, after = old.judge(case).verdict, new.judge(case).verdict
            if before == after or (before, after) in told:
                continue
            if rule is None:
                told.add((before, after))  # what holds in general need not be told in particular
            looser = STRICTNESS.index(after) < STRICTNESS.index(before)
            details = _details(case, plain)
            yield (
                f"{'Looser' if looser else 'Stricter'}: {action.name}{details} is"
                f" {DONE[after]}; so far it was {DONE[before]}."
            )


def _tried(plain: Case, rules: Iterable[Rule]) -> Iterator[tuple[Case, Rule | None]]:
    yield plain, None
    for rule in rules:
        if rule.covers_action(plain.action):
            yield rule.example(plain), rule


def _details(case: Case, plain: Case) -> str:
    said = ""
    if case.counterparty != plain.counterparty:
        said += f" with {case.counterparty}"
    if case.amount != plain.amount:
        said += f" over {case.amount}"
    if case.at != plain.at:
        said += f" at {day_and_time(case.at)}"
    if case.agent != plain.agent:
        said += f" proposed by {case.agent}"
    if case.origins != plain.origins:
        said += f" from {' and '.join(sorted(case.origins))}"
    return said
