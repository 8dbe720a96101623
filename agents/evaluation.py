"""How well messages are understood: the scoring of a labelled set, by message, intent and group."""

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from agents.builtin.lexicon import words
from agents.requests import Request

_NAMES = words("client contact name company to with student")
_FREE = words("description about what topic question statement reason source period assignment")
_TITLES = words("mr mrs ms miss dr prof herr frau señor señora monsieur madame mister sr sra mme")
_ARTICLES = words(
    "a an the der die das den dem el la los las le les un una une ein eine and & und y et"
)
_STOP = _ARTICLES | words(
    "i me my mine you your yours he him his she her hers it its we us our ours they them their "
    "theirs this that these those who whom whose which what of to in on at by for from with about "
    "as into over after before under between through during without within up out off per via or "
    "but if so because than then nor yet is are was were be been being am do does did have has had "
    "having will would shall should can could may might must not 's ich mir mich du er sie es wir "
    "ihr zu von mit für auf im am um dass ist sind hat haben wird yo tú él de del en con por para "
    "que no se su ha son je tu il elle nous vous ils des dans sur pour avec qui est sont ont ne "
    "pas au aux"
)


class Understands(Protocol):
    """What ``understand`` gives."""

    @property
    def requests(self) -> tuple[Request, ...]:
        """The requests in the order of the message."""
        ...

    @property
    def likely(self) -> tuple[Request, ...]:
        """What is asked about, since it may be meant; nothing is done of it."""
        ...


@dataclass(slots=True)
class Tally:
    """Right of so many."""

    total: int = 0
    right: int = 0


@dataclass(slots=True)
class Miss:
    """A message not understood rightly."""

    id: str
    text: str
    expected: list[dict[str, Any]]
    got: list[dict[str, Any]]
    asked: list[str]
    why: str
    harmful: bool


@dataclass(slots=True)
class Report:
    """The figures of one run, as the README of the set wants them."""

    total: int = 0
    right: int = 0
    asked_rightly: int = 0
    harmful: list[str] = field(default_factory=list[str])
    by_intent: dict[str, Tally] = field(default_factory=dict[str, Tally])
    by_group: dict[str, Tally] = field(default_factory=dict[str, Tally])
    times: list[float] = field(default_factory=list[float])
    misses: list[Miss] = field(default_factory=list[Miss])
    lines: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def figures(self) -> dict[str, Any]:
        """The figures as plain JSON."""
        return {
            "total": self.total,
            "right": self.right,
            "asked_rightly": self.asked_rightly,
            "wrong": self.total - self.right,
            "harmful": len(self.harmful),
            "harmful_ids": self.harmful,
            "by_intent": {
                k: {"total": t.total, "right": t.right} for k, t in sorted(self.by_intent.items())
            },
            "by_group": {
                k: {"total": t.total, "right": t.right} for k, t in sorted(self.by_group.items())
            },
            "ms_p50": _percentile(self.times, 50),
            "ms_p95": _percentile(self.times, 95),
        }


def _percentile(values: list[float], percent: int) -> float:
    if not values:
        return 0.0
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] * 1000, 2)


def as_json(requests: Iterable[Request]) -> list[dict[str, Any]]:
    """Requests as the labels write them."""
    result: list[dict[str, Any]] = []
    for request in requests:
        slots = request.model_dump(mode="json", by_alias=True, exclude_none=True)
        intent = slots.pop("intent")
        slots.pop("unclear", None)  # it is asked about
        for key in ("start", "at"):
            if key in slots:
                slots[key] = str(slots[key])[:16]
        result.append({"intent": intent, "slots": slots})
    return result


def _name_words(text: str) -> set[str]:
    plain = re.sub(r"['’]s\b", "", text.casefold())
    return {w.strip(".") for w in re.findall(r"[\w@.&+-]+", plain)} - _TITLES - _ARTICLES - {""}


def _content_words(text: str) -> set[str]:
    plain = re.sub(r"['’]s\b", "", text.casefold())
    return {w for w in re.findall(r"[^\W_]+(?:'[^\W_]+)?", plain) if w not in _STOP}


def same(slot: str, expected: Any, got: Any) -> bool:
    """Whether a slot says what the label says, by the rules for its kind."""
    if slot in _FREE:
        wanted = _content_words(str(expected))
        return not wanted or len(wanted & _content_words(str(got))) * 2 >= len(wanted)
    if slot in _NAMES:
        return _name_words(str(expected)) == _name_words(str(got))
    if slot == "amount":
        try:
            return Decimal(str(expected)) == Decimal(str(got))
        except InvalidOperation:
            return False
    if slot in {"email", "invoice_no", "currency", "format"}:
        return str(expected).casefold().lstrip("#") == str(got).casefold().lstrip("#")
    return str(expected) == str(got)


def _differences(expected: Mapping[str, Any], got: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for slot, value in expected.items():
        if slot not in got:
            yield slot, "absent"
        elif not same(slot, value, got[slot]):
            yield slot, "different"
    for slot, value in got.items():
        if slot in expected or slot in _FREE or (slot == "currency" and value == "EUR"):
            continue
        yield slot, "invented"


def _harm(
    expected: list[dict[str, Any]],
    got: list[dict[str, Any]],
    differences: list[tuple[int, str, str]],
) -> bool:
    if [e["intent"] for e in expected] == ["chat"]:
        return any(g["intent"] != "chat" for g in got)
    dangerous = {
        "amount",
        "currency",
        "client",
        "to",
        "with",
        "start",
        "at",
        "due_date",
        "due_days",
        "email",
        "invoice_no",
    }
    if any(slot in dangerous and how != "absent" for _, slot, how in differences):
        return True
    # An action of another kind than any asked for is an action nobody asked for.
    quiet = {
        "chat",
        "memory.ask",
        "research",
        "digest.show",
        "status.show",
        "cost.show",
        "approvals.show",
    }
    wanted = {e["intent"] for e in expected}
    return any(g["intent"] not in wanted and g["intent"] not in quiet for g in got)


def _group(message: Mapping[str, Any]) -> str:
    expect = message["expect"]
    if message["missing"]:
        return "missing"
    if expect[0]["intent"] == "chat":
        return "chat"
    return "several" if len(expect) > 1 else "one"


def evaluate(messages: Iterable[dict[str, Any]], understand: Callable[..., Understands]) -> Report:
    """Scores ``understand(text, now=, zone=)`` on labelled messages."""
    report = Report()
    for message in messages:
        started = time.perf_counter()
        result = understand(
            message["text"],
            now=datetime.fromisoformat(message["now"]),
            zone=ZoneInfo(message["zone"]),
        )
        report.times.append(time.perf_counter() - started)
        _score(report, message, result)
    return report


def _score(report: Report, message: Mapping[str, Any], result: Understands) -> None:
    got = as_json(result.likely or result.requests)
    asked = [slot for request in result.requests for slot in _missing(request)]
    if result.likely:
        asked.append("intent")
    expected: list[dict[str, Any]] = list(message["expect"])
    differences: list[tuple[int, str, str]] = []
    why = ""
    if [e["intent"] for e in expected] != [g["intent"] for g in got]:
        why = "intents"
        for index, each in enumerate(expected):
            match = next((g for g in got if g["intent"] == each["intent"]), None)
            if match:
                differences += [(index, *d) for d in _differences(each["slots"], match["slots"])]
    else:
        for index, (each, other) in enumerate(zip(expected, got, strict=True)):
            differences += [(index, *d) for d in _differences(each["slots"], other["slots"])]
    if not why and differences:
        why = ", ".join(f"{slot} {how}" for _, slot, how in differences)
    if message["missing"]:
        # Only that it asks counts, and that it asks for what lacks.
        right = (
            why != "intents"
            and bool(asked)
            and set(asked) == set(message["missing"])
            and not differences
        )
        why = why or ("" if right else "did not ask" if not asked else f"asked for {asked}")
    else:
        right = not why and not asked
        why = why or (f"asked for {asked}" if asked else "")
    acts = not asked
    harmful = (
        not right
        and acts
        and (
            _harm(expected, got, differences)
            or bool(message["missing"] and any(g["intent"] != "chat" for g in got))
        )
    )
    report.total += 1
    report.right += right
    report.asked_rightly += bool(right and message["missing"])
    if harmful:
        report.harmful.append(message["id"])
    for intent in {e["intent"] for e in expected}:
        tally = report.by_intent.setdefault(intent, Tally())
        tally.total += 1
        tally.right += right
    tally = report.by_group.setdefault(_group(message), Tally())
    tally.total += 1
    tally.right += right
    report.lines.append({"id": message["id"], "requests": got, "asked": asked})
    if not right:
        report.misses.append(
            Miss(message["id"], message["text"], expected, got, asked, why, harmful)
        )


def _missing(request: Request) -> list[str]:
    missing = getattr(request, "missing", None)
    return list(missing()) if missing else []


def load(path: Path) -> list[dict[str, Any]]:
    """The messages of a JSONL file."""
    return [
        json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()
    ]


def describe(miss: Miss) -> str:
    """A miss in a few lines for a person."""
    mark = "HARMFUL " if miss.harmful else ""
    return (
        f"{miss.id} {mark}{miss.why}\n  {miss.text!r}\n"
        f"  expected {json.dumps(miss.expected, ensure_ascii=False)}\n"
        f"  got      {json.dumps(miss.got, ensure_ascii=False)} asked {miss.asked}"
    )
