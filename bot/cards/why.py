"""The answer to "why": plain words from stored records."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from bot.outgoing import Outgoing, esc
from core.approvals import Approval
from core.explain import Explained
from core.explanations import Explanation
from core.memory.facts import Fact
from core.profile import Profile
from core.runs import Run, Step
from core.when import day_and_time

_DECIDED = {
    "approved": "You approved it",
    "rejected": "You rejected it",
    "replaced": "You edited it into a newer card",
    "expired": "Nobody answered in time",
    "cancelled": "It was cancelled, because what it covered had changed",
}
_EFFECTS = {
    "intended": "not sent yet",
    "sent": "sent, its end not known yet",
    "confirmed": "done",
    "unknown": "unclear whether it happened",
    "failed": "failed",
    "reversed": "done, and taken back since",
}


_SOURCES = {
    "message": "your message",
    "card": "a card you changed",
    "rejection": "a card you rejected",
    "mail": "a mail",
    "document": "a document",
    "owner": "you",
    "system": "your records",
}


TIERS = {"builtin": "built in", "small": "the small model", "large": "the large model"}
"""What the tiers of models are called."""
_TRUST = {"operator": "yours", "memory": "from memory", "untrusted": "written by others"}


def _thought(told: Explanation) -> list[str]:
    """What one agent thought: on which model, from what, why, at what cost."""
    if told.tier == "builtin":
        by = "by its templates, without a model"
    else:
        by = f"on {esc(told.model)}, {TIERS[told.tier]}, {told.tokens} tokens, cost {told.cost}"
    lines = [f"• The {esc(told.agent)} agent, {by}: {esc(_short(told.rationale))}"]
    used = set(told.output.get("sources", ()))
    lines += [
        f"  {'rests on' if each['id'] in used else 'had read'} {esc(each['kind'])} "
        f"<code>{esc(each['id'])}</code>, {_TRUST.get(each['trust'], 'of unknown trust')}"
        for each in told.materials
    ]
    lines += [f"  {esc(trouble.rstrip('.'))}." for trouble in told.troubles]
    return lines


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 120 else f"{line[:119]}…"


def _understood(run: Run) -> list[str]:
    told = run.explanation
    lines = [f"Understood as: {esc(run.plan.intent)}."]
    if told.get("rationale"):
        lines.append(esc(told["rationale"]))
    model = esc(told.get("model", "the built-in model"))
    tier = f" ({TIERS[told['tier']]})" if told.get("tier") in TIERS else ""
    lines.append(f"Read by {model}{tier}; cost {run.cost}.")
    if told.get("degraded"):
        lines.append(esc(told["degraded"]) + ".")
    return lines


def _rules(steps: list[Step]) -> list[str]:
    seen: dict[str, None] = {}
    for step in steps:
        for rule in (step.verdict or {}).get("rules", []):
            seen[rule] = None
    return [esc(rule) for rule in seen]


_ORIGINS = {
    "operator": "your words and settings",
    "memory": "memory",
    "untrusted": "words of others",
    "model": "a model's words",
}


def _step(run: Run, step: Step, derives: Mapping[str, Collection[str]]) -> list[str]:
    """One step: what it does, how far it is, and what its parameters derive from."""
    label = next((each.label for each in run.plan.steps if each.key == step.key), "")
    tries = f", begun {step.attempts} times" if step.attempts > 1 else ""
    lines = [f"The step “{esc(label or step.action)}” ({esc(step.action)}): {step.state}{tries}."]
    for name, value in step.params.items():
        origins = sorted(derives.get(name, ()))
        source = " and ".join(_ORIGINS.get(each, "an unknown source") for each in origins)
        lines.append(f"• {esc(name)}: {esc(_short(_said(value)))} — from {source or 'the plan'}")
    return lines


def _said(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _decision(approval: Approval, profile: Profile) -> str:
    if approval.state == "pending":
        until = day_and_time(profile.local(approval.expires_at))
        return f"It waits for your tap until {until}; then it lapses and nothing happens."
    at = f", {day_and_time(profile.local(approval.decided_at))}" if approval.decided_at else ""
    reason = f" Reason: {esc(approval.reason)}." if approval.reason else ""
    return f"{_DECIDED[approval.state]}{at}.{reason}"


def _fact(fact: Fact, profile: Profile) -> list[str]:
    kept = day_and_time(profile.local(fact.recorded_at))
    by = "you" if fact.asserted_by == "owner" else fact.asserted_by
    by += f" ({fact.model})" if fact.model else ""
    lines = [f"• “{esc(fact.statement)}” — kept {kept}, said by {esc(by)}"]
    for source in fact.sources:
        at = day_and_time(profile.local(source.at or fact.recorded_at))
        place = f", {esc(source.place)}" if source.place else ""
        quote = f": “{esc(_short(source.quote))}”" if source.quote else ""
        lines.append(f"  from {_SOURCES[source.kind]}{place}, {at}{quote}")
    if fact.how == "corrected":
        lines.append("  it took the place of something that was wrong")
    if fact.superseded_at:
        lines.append(f"  superseded {day_and_time(profile.local(fact.superseded_at))}")
    if fact.retracted_at:
        lines.append(f"  taken back {day_and_time(profile.local(fact.retracted_at))}")
    return lines


def why(told: Explained, profile: Profile) -> Outgoing:
    """Everything that led to it: the message, the reading, values, rules, decision, effects."""
    lines: list[str] = []
    if told.message and told.message.text:
        lines.append(f"You wrote: “{esc(told.message.text[:300])}”")
    if told.run:
        lines += _understood(told.run)
        lines += (
            _step(told.run, told.step, told.derives)
            if told.step
            else [
                f"• {esc(v.label)}: {esc(_short(v.shown))} — {v.origin.value}"
                + (f" ({esc(v.source)})" if v.source else "")
                for v in told.run.plan.values
            ]
        )
        rules = _rules(told.steps)
        if rules:
            lines.append("<b>Rules</b>")
            lines += [f"• {rule}" for rule in rules]
    if told.reason:
        lines.append(esc(told.reason))
    if told.thoughts:
        lines.append("<b>Thinking</b>")
        lines += [line for thought in told.thoughts for line in _thought(thought)]
    for fact in told.facts:
        lines += _fact(fact, profile)
    if told.approval:
        lines += ["<b>Decision</b>", _decision(told.approval, profile)]
    if told.effects:
        lines.append("<b>What happened</b>")
        lines += [
            f"• {esc(e['action'])}: {_EFFECTS[e['state']]}"
            + (f", {day_and_time(profile.local(e['at']))}" if e["at"] else "")
            + f" <code>{e['token']}</code>"
            for e in told.effects
        ]
    errors = [step.error for step in told.steps if step.error]
    lines += [f"Trouble: {esc(error)}" for error in errors]
    if not lines:
        return nothing()
    return Outgoing(html="<b>Why</b>\n" + "\n".join(lines))


def nothing() -> Outgoing:
    """There is no record to explain."""
    return Outgoing(
        html="There is nothing recorded about that. Reply with /why to a card, an answer "
        "or to your own message."
    )
