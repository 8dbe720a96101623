"""What was learned from examples: the corpus, the training, and what the models find."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pycrfsuite
import pytest

from agents.builtin.learned import training
from agents.builtin.learned.model import FILES, FOLDER, NONE, Found, find
from agents.builtin.learned.tokens import of_each, of_whole, tokens
from agents.builtin.understand import MODELS

SWITCHES = {"digest.show", "status.show", "cost.show", "approvals.show"}
SWITCHES |= {"undo.last", "pause", "resume"}


@pytest.fixture(scope="module")
def corpus() -> list[tuple[str, list[training.Wanted]]]:
    return list(training.read())


def test_every_word_of_the_corpus_is_found_in_its_message(
    corpus: list[tuple[str, list[training.Wanted]]],
) -> None:
    assert len(corpus) > 5000
    for text, wanted in corpus:
        for request in wanted:
            assert request.intent in SWITCHES | MODELS.keys(), text
            start, end = request.span
            assert all(start <= s < e <= end for _, (s, e) in request.slots or ())
        assert all(a.span[1] <= b.span[0] for a, b in pairwise(wanted)), text


def test_every_intent_has_many_examples_and_nothing_asked_has_more(
    corpus: list[tuple[str, list[training.Wanted]]],
) -> None:
    counts = dict.fromkeys(SWITCHES | MODELS.keys() - {"memory.rule"}, 0)
    for _, wanted in corpus:
        for request in wanted:
            counts[request.intent] += 1
    assert min(counts.values()) > 100, counts
    assert sum(not wanted for _, wanted in corpus) > 1500


def test_the_models_are_of_this_corpus() -> None:
    """After a change of the corpus: ``python -m agents.builtin.learned.training``."""
    assert training.STAMP.read_text().strip() == training.stamp()
    assert all((FOLDER / f"{name}.crf").stat().st_size > 100_000 for name in FILES)


def test_training_learns_what_it_is_shown(tmp_path: Path) -> None:
    """On a corpus of its own, where one word tells."""
    names = ("Ana", "Bo", "Cy", "Dee", "Eve", "Flo")
    shown: list[tuple[str, list[training.Wanted]]] = []
    for name in names:
        text = f"frobnicate {name} now"
        who = ("client", (11, 11 + len(name)))
        shown += [
            (text, [training.Wanted("invoice.create", (0, len(text)), (who,))]),
            (f"{name} slept well", []),
        ]
    training.train(shown, tmp_path)
    said = [token.text for token in tokens("frobnicate Ana now")]
    labels: dict[str, Any] = {}
    for name in FILES:
        tagger = pycrfsuite.Tagger()
        tagger.open(str(tmp_path / f"{name}.crf"))
        labels[name] = tagger.tag(
            [of_whole(said)]
            if name == "intents"
            else of_each(said, "invoice.create" if name == "parts" else "")
        )
    assert labels["intents"] == ["invoice.create"]
    assert labels["parts"] == ["O", "B-client", "O"]
    assert labels["requests"] == ["B", "I", "I"]


def _parts(found: Found, text: str) -> dict[str, str]:
    return {part.slot: text[part.start : part.end] for part in found.parts}


def test_a_request_is_found_with_its_words() -> None:
    text = "time to get the mural billed, 740 to Marisol Quint"
    [found] = find(text)
    assert found.intent == "invoice.create"
    assert found.sure > 0.9
    assert _parts(found, text)["client"] == "Marisol Quint"
    assert "740" in _parts(found, text)["amount"]


def test_two_requests_are_two() -> None:
    text = "Refund Odile her 40 euros and remind me on Friday to restock the shelves"
    assert [found.intent for found in find(text)] == ["refund.issue", "reminder.set"]


@pytest.mark.parametrize(
    "text",
    ["", "   ", "what a lovely morning", "the bill at the pub was outrageous", "🙂", "\x00"],
)
def test_nothing_is_found_where_nothing_is_asked(text: str) -> None:
    assert find(text) == ()


def test_confidence_is_a_probability() -> None:
    for text in ("bill Ona 30", "hm maybe", "undo", "call with Per on Monday at nine"):
        for found in find(text):
            assert 0 < found.sure <= 1
            assert all(0 < part.sure <= 1 for part in found.parts)
            assert found.intent != NONE


def test_a_long_text_is_read_in_time_of_its_length() -> None:
    """What is too long for one message is read as far as one goes; nothing grows faster than it."""
    text = "Invoice Ana 300 for the logo. " * 2000
    assert all(found.end <= 4000 for found in find(text))
