"""Memory in the chat: contradictions to decide, what is kept of somebody, preferences."""

from collections.abc import Sequence
from datetime import datetime

from agents.telling import marked, source_of
from bot.outgoing import Button, Outgoing, esc
from core.memory.contradictions import Answer, Contradiction
from core.memory.facts import Fact, Source
from core.memory.keeping import Outcome
from core.memory.traces import Found
from core.memory.upkeep import Pruned
from core.memory.values import Value
from core.profile import Profile
from core.when import day

_LINES = 20
"""Facts in one message; more are counted."""


def _short(value: Value, relation: str) -> str:
    if relation == "payment_terms" and value.whole is not None:
        return f"net {value.whole}"
    words = str(value)
    return words if len(words) <= 28 else f"{words[:27]}…"


def _said_by(source: Source) -> str:
    match source.kind, source.trust:
        case "mail", _:
            return "A mail says"
        case "document", _:
            return "A document says"
        case _, "untrusted":
            return "What you forwarded says"
        case _, "system":
            return "Your records say"
        case _:
            return "Now you say"


def contradiction(asked: Contradiction, owner: Profile) -> Outgoing:
    """Which of two statements holds."""
    new, old = asked.candidate, asked.against
    where = f" ({esc(new.source.place)})" if new.source.place else ""
    keep = Button(f"Keep {_short(old.value, old.relation)}", f"con:{asked.id}:kept_old")
    take = Button(f"Take {_short(new.value, new.relation)}", f"con:{asked.id}:took_new")
    both = Button("Both: the old until now, then the new", f"con:{asked.id}:kept_both")
    return Outgoing(
        html=f"Kept: {esc(old.statement)}, {esc(source_of(old, owner))}.\n"
        f"{_said_by(new.source)}{where}: {esc(new.statement)}.\n"
        "Which holds? Until you say, the first one does.",
        buttons=((keep, take), (both,)),
        silent=False,
    )


def decided(asked: Contradiction, answer: Answer, outcome: Outcome, owner: Profile) -> Outgoing:
    """The question with its answer."""
    new, old = esc(asked.candidate.statement), esc(asked.against.statement)
    match answer:
        case "kept_old":
            told = f"<b>{old}</b> stays. Not kept: {new}."
        case "took_new":
            told = f"<b>{new}</b> holds. No longer kept: {old}."
        case "kept_both":
            since = outcome.fact.valid_from if outcome.fact else None
            at = day(owner.local(since).date()) if since else "now"
            told = f"<b>{new}</b> holds from {at} on. Until then: {old}."
    return Outgoing(html=told)


def listed(
    title: str,
    facts: list[Fact],
    owner: Profile,
    *,
    subject: str,
    empty: str,
    waiting: int = 0,
    about: Sequence[tuple[str, list[str]]] = (),
) -> Outgoing:
    """Facts, one a line, with their sources a tap away; ``waiting`` contradictions are open.

    ``about`` are parts with a title below them.
    """
    if not facts and not about:
        return Outgoing(html=esc(empty))
    lines = [
        f"• {esc(marked(fact, owner))} <i>{esc(source_of(fact, owner))}</i>"
        for fact in facts[:_LINES]
    ]
    if len(facts) > _LINES:
        lines.append(f"… and {len(facts) - _LINES} more; ask with /memory.")
    if waiting:
        lines.append(f"{waiting} contradicted, and waiting for your tap above.")
    html = "\n".join((f"<b>{esc(title)}</b>", *lines))
    for name, told in about:
        html += "\n\n" + "\n".join((f"<b>{esc(name)}</b>", *map(esc, told)))
    return Outgoing(html=html, buttons=((Button("Sources", f"why:{subject}"),),) if facts else ())


def preferences(facts: list[Fact], owner: Profile, *, message_id: int) -> Outgoing:
    """How the owner wants things done, each with a button that takes it off the list.

    ``message_id`` is that of the message which asked for the list.
    """
    subject = f"msg_{message_id}"
    if not facts:
        return Outgoing(
            html="No preferences are kept. They come from what you correct, from why you reject"
            " and from rules you say."
        )
    lines = [
        f"{place}. {esc(marked(fact, owner))} <i>{esc(source_of(fact, owner))}</i>"
        for place, fact in enumerate(facts[:_LINES], 1)
    ]
    if len(facts) > _LINES:
        lines.append(f"… and {len(facts) - _LINES} more; ask with /memory.")
    drop = [
        Button(f"Remove {place}", f"drop:{fact.id}:{message_id}")
        for place, fact in enumerate(facts[:_LINES], 1)
    ]
    rows = tuple(tuple(drop[start : start + 3]) for start in range(0, len(drop), 3))
    return Outgoing(
        html="<b>Your preferences</b>\n" + "\n".join(lines),
        buttons=(*rows, (Button("Sources", f"why:{subject}"),)),
    )


def learned(fact: Fact) -> Outgoing:
    """What an edited or rejected card has taught, and how to take that back."""
    return Outgoing(
        html=f"Kept for next time: {esc(fact.statement)}.",
        buttons=((Button("Only this once", f"once:{fact.id}"),),),
    )


def unlearned(fact: Fact) -> Outgoing:
    """What an edited card had taught is no longer kept."""
    return Outgoing(html=f"Only this once. No longer kept: {esc(fact.statement)}.")


def forget(found: Found, files: list[str]) -> Outgoing:
    """Everything of somebody, and whether to erase it."""
    counts = found.counts() | (
        {"file" if len(files) == 1 else "files": len(files)} if files else {}
    )
    lines = [f"• {count} {name}" for name, count in counts.items()]
    lines += [f"  <i>“{esc(_cut(words))}”</i>" for words in found.examples.values()]
    lines += [f"  <i>{esc(_cut(name))}</i>" for name in files[:3]]
    kept = "".join(f"\nStays, as a legal record: {esc(what)}." for what in found.kept)
    head = f"<b>Forget {esc(found.name)}?</b>\n" + "\n".join(lines) + kept
    if found.under_way:
        told = f"\n{found.under_way} under way for them; /runs shows it. Let it end first."
        return Outgoing(html=head + told)
    return Outgoing(
        html=f"{head}\nThis can't be taken back. Backups and what Telegram keeps are not touched.",
        buttons=(
            (
                Button("Forget", f"fgt:{found.entity_id}", "danger"),
                Button("Keep", f"fgtno:{found.entity_id}"),
            ),
        ),
        silent=False,
    )


def forgotten(counts: dict[str, int], files: int, kept: list[str]) -> Outgoing:
    """What was erased, without saying of whom."""
    lines = [f"• {count} {name}" for name, count in counts.items()]
    lines += [f"• {files} file" + ("s" if files > 1 else "")] if files else []
    stays = "".join(f"\nKept as a legal record: {esc(what)}." for what in kept)
    return Outgoing(
        html="<b>Forgotten</b>\n" + "\n".join(lines) + stays + "\nThe journal has the proof."
    )


def put_away(done: Pruned, until: datetime) -> Outgoing:
    """What memory's upkeep has put away, and until when it can be brought back."""
    parts = [f"{done.episodes} old episodes, summed up in {done.made}"] if done.episodes else []
    parts += [f"{done.summaries} old summaries"] if done.summaries else []
    parts += [f"the texts of {done.transcripts} old messages"] if done.transcripts else []
    return Outgoing(
        html=f"Put away from memory: {', '.join(parts)}. Gone for good on {day(until.date())}.",
        buttons=((Button("Bring back", "unprune:all"),),),
    )


def _cut(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= 80 else f"{line[:79]}…"
