"""Makes the models anew from the corpus: ``python -m agents.builtin.learned.training``.

The corpus was written by hand, message by message. Each of its lines has a ``text`` and its
``requests``: ``intent``, ``span`` (the words of this request) and ``slots``, whose values are words
of the span, as written; None where nobody has marked them.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pycrfsuite

from agents.builtin.learned.model import FILES, FOLDER, NONE
from agents.builtin.learned.tokens import Token, of_each, of_whole, tokens

CORPUS = FOLDER / "corpus"
STAMP = FOLDER / "corpus.sha256"
"""What the models were made of, so that a test can tell whether they are of this corpus."""
_SETTINGS = {
    # What stands only once in the corpus is left out: the models are a fifth of the size for it.
    "requests": {"c1": 0.05, "c2": 0.05, "max_iterations": 80, "feature.minfreq": 2},
    "intents": {"c1": 0.02, "c2": 0.1, "max_iterations": 120, "feature.minfreq": 2},
    "parts": {"c1": 0.05, "c2": 0.05, "max_iterations": 80, "feature.minfreq": 2},
}
_SMALL = 4
"""Every so manieth message is learned from in small letters too, as many type on a phone: whom it
is about has to be told by where the name stands."""
Example = tuple[list[list[str]], list[str]]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request of the corpus with the places of its words."""

    intent: str
    span: Span
    slots: tuple[tuple[str, Span], ...] | None


def read(folder: Path = CORPUS) -> Iterator[tuple[str, list[Wanted]]]:
    """The messages of the corpus. Raises ValueError where words are not found in their message."""
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            message = json.loads(line)
            try:
                yield message["text"], list(_wanted(message["text"], message["requests"]))
            except ValueError as error:
                raise ValueError(f"{path.name}:{number}: {error}") from error


def _wanted(text: str, requests: list[dict[str, Any]]) -> Iterator[Wanted]:
    since = 0
    for request in requests:
        span = _place(text, request["span"], (since, len(text)), ())
        assert span is not None
        since, used = span[1], list[tuple[str, Span]]()
        if request["slots"] is None:
            yield Wanted(request["intent"], span, None)
            continue
        said = [
            (slot, words)
            for slot, value in request["slots"].items()
            for words in (value if isinstance(value, list) else [value])
            if words
        ]
        for slot, words in sorted(said, key=_longest_first):
            place = _place(text, words, span, [taken for _, taken in used])
            if place is not None:  # a word has one label: the longer part keeps what two share
                used.append((slot, place))
        yield Wanted(request["intent"], span, tuple(used))


def _longest_first(said: tuple[str, str]) -> int:
    return -len(said[1])


def _place(text: str, words: str, within: Span, taken: Sequence[Span]) -> Span | None:
    """Where the words stand, as whole ones if they do; None where others have them."""
    start, inside = text.find(words, *within), list[Span]()
    while start >= 0:
        inside.append((start, start + len(words)))
        start = text.find(words, start + 1, within[1])
    if not inside:
        raise ValueError(f"{words!r} is not found")
    free = [s for s in inside if not any(s[0] < end and start < s[1] for start, end in taken)]
    return next((span for span in free if _is_whole(text, *span)), next(iter(free), None))


def _is_whole(text: str, start: int, end: int) -> bool:
    return not (
        (start and text[start - 1].isalnum() and text[start].isalnum())
        or (end < len(text) and text[end - 1].isalnum() and text[end].isalnum())
    )


def _labelled(said: Sequence[Token], spans: Sequence[tuple[str, Span]]) -> list[str]:
    labels = ["O"] * len(said)
    for name, (start, end) in spans:
        first = True
        for place, token in enumerate(said):
            if start <= token.start and token.end <= end:
                labels[place] = f"{'B' if first else 'I'}{name}"
                first = False
    return labels


def _has_capitals(text: str) -> bool:
    """Whether small letters are others, each in the place of the former."""
    return text != text.lower() and len(text) == len(text.lower())


def examples(corpus: Sequence[tuple[str, list[Wanted]]]) -> dict[str, list[Example]]:
    """What each model learns from, by its name."""
    made: dict[str, list[Example]] = {name: [] for name in FILES}
    small = [(text.lower(), wanted) for text, wanted in corpus[::_SMALL] if _has_capitals(text)]
    for text, wanted in (*corpus, *small):
        said = tokens(text)
        texts = [token.text for token in said]
        made["requests"].append((of_each(texts), _labelled(said, [("", w.span) for w in wanted])))
        if not wanted:
            made["intents"].append(([of_whole(texts)], [NONE]))
        for request in wanted:
            own = [t for t in said if request.span[0] <= t.start and t.end <= request.span[1]]
            words = [token.text for token in own]
            made["intents"].append(([of_whole(words)], [request.intent]))
            if request.slots is None:
                continue
            slots = [(f"-{slot}", span) for slot, span in request.slots]
            made["parts"].append((of_each(words, request.intent), _labelled(own, slots)))
    return made


def train(corpus: Sequence[tuple[str, list[Wanted]]], folder: Path = FOLDER) -> None:
    """Makes the three models and writes them into ``folder``."""
    for name, learned_from in examples(corpus).items():
        trainer: Any = pycrfsuite.Trainer(  # pyright: ignore[reportAttributeAccessIssue]: no types
            verbose=False
        )
        for features, labels in learned_from:
            trainer.append(features, labels)
        trainer.set_params(_SETTINGS[name])
        trainer.train(str(folder / f"{name}.crf"))


def stamp(folder: Path = CORPUS) -> str:
    """The hash of the corpus."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.jsonl")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def main() -> None:
    """Trains on the whole corpus."""
    train(list(read()))
    STAMP.write_text(stamp() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
