"""Recall: what a question says, what ranks first, what a budget and a second hop do."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from core.clock import ManualClock
from core.memory.index import Candidate, Health, Item, Query, State
from core.memory.recall import Asked, Recall
from core.memory.recall_rank import rank
from core.memory.recall_words import in_time, read, terms, unpacked, wants

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def candidate(name: str, text: str = "something said", **more: object) -> Candidate:
    scores = {key: more.pop(key) for key in ("text", "wide", "dense") if key in more}
    item = Item(id=name, kind="fact", text=text, **more)
    return Candidate(item, **{"text": 1.0, "wide": 1.0} | scores)


def first(question: str, *candidates: Candidate, named: Sequence[str] = ()) -> str:
    ranked = rank(
        question,
        candidates,
        terms=terms(question),
        named=frozenset(named),
        now=NOW,
        embedding=None,
        limit=1,
    )
    return ranked[0].candidate.item.id


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What did Ana's sister paint?", ("ana", "sister", "paint")),
        ("who was it", ("who", "was", "it")),
        ("", ()),
    ],
)
def test_terms_leave_out_what_says_nothing(question: str, expected: tuple[str, ...]) -> None:
    assert terms(question) == expected


@pytest.mark.parametrize(
    ("question", "at", "share"),
    [
        ("in May 2026", datetime(2026, 5, 9, tzinfo=UTC), 1.0),
        ("in May 2026", datetime(2026, 6, 9, tzinfo=UTC), 0.5),
        ("in May 2026", datetime(2025, 5, 9, tzinfo=UTC), 0.0),
        ("in December 2025", datetime(2026, 1, 9, tzinfo=UTC), 0.5),
        ("in 2026", datetime(2026, 1, 9, tzinfo=UTC), 0.5),
        ("at some time", datetime(2026, 1, 9, tzinfo=UTC), 0.0),
        ("in May", None, 0.0),
    ],
)
def test_periods_of_a_question_meet_moments(
    question: str, at: datetime | None, share: float
) -> None:
    assert in_time(wants(question), at) == share


def test_each_reason_decides_where_all_else_is_equal() -> None:
    plain = candidate("plain")
    assert first("q", plain, candidate("b", entities=("Ana",)), named=["ana"]) == "b"
    assert first("q", plain, candidate("b", wide=2.0)) == "b"
    assert first("q", candidate("plain", dense=0.1), candidate("b", dense=0.9)) == "b"
    assert first("q", candidate("a", confidence=0.2), plain) == "plain"
    assert first("q", candidate("a", trust="untrusted"), plain) == "plain"
    assert first("q", candidate("a", at=NOW - timedelta(days=900)), candidate("b", at=NOW)) == "b"
    assert first("When?", candidate("a", "it was said"), candidate("b", "said today")) == "b"
    assert first("how many", candidate("a", "many said"), candidate("b", "7 said")) == "b"
    assert first("q", candidate("a", "said it too?"), candidate("b", "said it too")) == "b"


def test_nothing_ranks_to_nothing() -> None:
    none = rank("q", [], terms=(), named=frozenset(), now=NOW, embedding=None, limit=9)
    assert none == []


def test_no_more_is_ranked_than_is_asked_for() -> None:
    held = [candidate(f"i{number}", wide=float(number)) for number in range(9)]
    best = rank("q", held, terms=(), named=frozenset(), now=NOW, embedding=None, limit=2)
    assert [one.candidate.item.id for one in best] == ["i8", "i7"]
    assert best[0].score == pytest.approx(sum(best[0].parts.values()))


@pytest.mark.parametrize("text", ["", "…", "I paid 3 invoices last May?", "the and of"])
def test_a_reading_is_kept_as_a_line(text: str) -> None:
    assert unpacked(read(text).packed()) == read(text)


def test_what_was_read_when_added_is_not_read_again() -> None:
    plain = candidate("plain")
    asks = Candidate(plain.item, 1.0, 1.0, None, read("Is that so?"))
    ranked = rank("q", [asks], terms=(), named=frozenset(), now=NOW, embedding=None, limit=1)
    assert ranked[0].parts["asks"] < 0


class Shelf:
    """An index of a few candidates that remembers what it was asked."""

    def __init__(self, *held: Candidate, health: Health = "ready") -> None:
        self.held, self.asked = held, list[Query]()
        self.health: Health = health

    async def named(self, question: str) -> tuple[str, ...]:
        names = {name for one in self.held for name in one.item.entities}
        return tuple(sorted(name for name in names if name in question))

    async def search(self, query: Query) -> list[Candidate]:
        self.asked.append(query)
        return [
            one
            for one in self.held
            if (not query.entities and any(word in one.item.text for word in query.terms))
            or {*query.entities, *query.about} & set(one.item.entities)
        ]

    async def state(self) -> State:
        return State(health=self.health, count=len(self.held), model="")


def recall(shelf: Shelf) -> Recall:
    return Recall(shelf, ManualClock(NOW))


async def test_a_second_hop_asks_about_whom_the_first_names() -> None:
    shelf = Shelf(
        candidate("a", "Lantern is made for Oak", entities=("Lantern", "Oak")),
        candidate("b", "the phone is 555", entities=("Oak",)),
    )
    answer = await recall(shelf)(Asked(question="whose number calls about Lantern"))
    assert {one.item.id for one in answer.items} == {"a", "b"}
    assert shelf.asked[-1].entities == ("Oak",)


async def test_a_budget_keeps_the_first_and_what_fits() -> None:
    shelf = Shelf(*(candidate(f"i{n}", "word " * 40) for n in range(5)))
    assert len((await recall(shelf)(Asked(question="word", budget=1))).items) == 1
    assert len((await recall(shelf)(Asked(question="word", budget=110))).items) == 2
    assert len((await recall(shelf)(Asked(question="word", limit=3))).items) == 3


async def test_names_weigh_but_are_no_keywords() -> None:
    shelf = Shelf(candidate("a", "paid late", entities=("Oak",)))
    answer = await recall(shelf)(Asked(question="has Oak paid"))
    assert answer.named == ("Oak",)
    assert "oak" not in shelf.asked[0].terms


async def test_what_was_not_searched_is_said() -> None:
    answer = await recall(Shelf(health="keyword_only"))(Asked(question="anything"))
    assert answer.items == ()
    assert "keyword" in answer.degraded
