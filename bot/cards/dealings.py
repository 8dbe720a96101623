"""A client in a few plain lines: the people and projects, and how they deal with you."""

from collections.abc import Sequence
from math import ceil

from core.memory.dealings import Dealings, Said
from core.memory.entities import Entity
from core.memory.threads import Thread
from core.profile import Profile
from core.when import day

_MOST = 8
"""Lines of one kind; the rest is counted."""


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def hanging(entity: Entity, known: Sequence[Entity], owner: Profile) -> list[tuple[str, list[str]]]:
    """What hangs on an entity, and its own record where it is such: titles and lines."""
    by_id = {each.id: each for each in known}
    found: list[tuple[str, list[str]]] = []
    if entity.kind in ("person", "project", "deliverable"):
        of = by_id.get(entity.of or "")
        own = _described(entity, owner) + (f", {of.name}" if of else "")
        found.append((entity.kind.capitalize(), [own]))
    people = [each for each in known if each.kind == "person" and each.of == entity.id]
    found.append(("People", _limited([_described(each, owner) for each in people])))
    projects = [each for each in known if each.kind == "project" and each.of == entity.id]
    lines: list[str] = []
    for project in projects:
        lines.append(_described(project, owner))
        lines += [f"  {_described(e, owner)}" for e in known if e.of == project.id]
    found.append(("Projects", _limited(lines)))
    parts = [e for e in known if e.kind == "deliverable" and e.of == entity.id]
    found.append(("Deliverables", _limited([_described(each, owner) for each in parts])))
    return [(title, lines) for title, lines in found if lines]


def _limited(lines: list[str]) -> list[str]:
    return lines if len(lines) <= _MOST else [*lines[:_MOST], f"… and {len(lines) - _MOST} more"]


def _described(entity: Entity, owner: Profile) -> str:
    due = entity.due_at and f"due {day(owner.local(entity.due_at).date())}"
    return ", ".join(part for part in (entity.name, entity.role, entity.email, due) if part)


def lines(told: Dealings, owner: Profile) -> list[str]:
    """How a client deals with you; none where nothing is known."""
    habits = [words for words in (_pays(told), _answers(told), _open(told.threads, owner)) if words]
    found = [" ".join(habits)] if habits else []
    return [*found, _content(told.said, owner)] if told.said else found


def _pays(told: Dealings) -> str:
    if told.usually_late is None:
        return ""
    days = round(told.usually_late)
    when = f"{_counted(abs(days), 'day')} {'after' if days > 0 else 'before'} the due date"
    when = when if days else "on the due date"
    count = len(told.days_late)
    verb = "Paid" if count == 1 else "Pays on average" if days else "Pays"
    return f"{verb} {when} ({_counted(count, 'payment')})."


def _answers(told: Dealings) -> str:
    within = usually(told)
    return f"Answers {within} ({_counted(len(told.hours_to_reply), 'mail')})." if within else ""


def usually(told: Dealings) -> str:
    """How soon they answer, such as "within a day"; empty where nobody knows."""
    hours = told.usual_reply
    if hours is None:
        return ""
    if hours <= 1:
        return "within an hour"
    return "within a day" if hours <= 24 else f"within {ceil(hours / 24)} days"


def _open(waiting: Sequence[Thread], owner: Profile) -> str:
    if not waiting:
        return ""
    since = day(owner.local(waiting[0].since).date())
    oldest = "" if len(waiting) == 1 else ", the oldest"
    return f"{_counted(len(waiting), 'open thread')}{oldest} since {since}."


def _content(said: Sequence[Said], owner: Profile) -> str:
    """Praise and complaints in numbers, and the last of them in their words."""
    praise, both, complaints = (sum(one.value == value for one in said) for value in (1, 0, -1))
    counts = (
        f"praise {_times(praise)}" if praise else "",
        f"complaint {_times(complaints)}" if complaints else "",
        f"both {_times(both)}" if both else "",
    )
    told = ", ".join(count for count in counts if count)
    last = said[-1]
    source = "a mail" if last.kind == "mail" else "a forwarded message"
    at = day(owner.local(last.at).date())
    return (
        f"In their own words: {told}. Last: “{last.quote}” ({source}, {at}). "
        "Read by rules, so not certain."
    )


def waits(name: str, thread: Thread, told: Dealings, owner: Profile) -> str:
    """An answer that waits for unusually long, as a sentence."""
    since = day(owner.local(thread.since).date())
    if thread.kind == "asked":
        return f"{name} has waited for your answer since {since}."
    return f"{name} has not answered since {since}; usually they do {usually(told)}."
