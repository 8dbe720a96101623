"""Keyword search in the embedded index: BM25, and in a large index no more of it than is needed."""

# ruff: noqa: S608 - what is put into statements here are constants and marks for values

import sqlite3
from collections.abc import Sequence

from connectors.index.stems import stems
from connectors.index.tables import CARRIED, bounds, folded
from core.memory.index import Query

_LARGE = 5000
_SCORED = 1500
"""BM25 is worked out for about so many items of a large index: it costs some 3 µs for each."""
_GROWN = 1.1
"""How frequent terms are is counted anew when the index has grown by so much."""

Match = tuple[int, float, float]
"""Key, BM25 over the text, BM25 over text and context."""


class Keywords:
    """Matches terms by stem. One thread at a time: the caller holds a lock."""

    def __init__(self) -> None:
        self._held: dict[str, int] = {}
        self._counted = 0

    def matching(self, connection: sqlite3.Connection, query: Query) -> list[Match]:
        """What shares a term: the best of all, and the best of what the query is about.

        In a large index the rarest terms choose; where all are common, those with all of them, then
        those with the two rarest, newest first and not told apart.
        """
        count = connection.execute("SELECT max(key) FROM item").fetchone()[0] or 0
        if count < _LARGE:
            return _scored(connection, query, query.terms)
        frequency = {term: self._frequency(connection, term, count) for term in query.terms}
        rarest = sorted(frequency, key=lambda term: frequency[term])
        taken = 0
        for place, term in enumerate(rarest):
            taken += frequency[term]
            if taken > _SCORED:
                if place == 0:
                    return _newest(connection, query, rarest)
                return _scored(connection, query, rarest[:place])
        return _scored(connection, query, rarest)

    def _frequency(self, connection: sqlite3.Connection, term: str, count: int) -> int:
        if not self._counted <= count <= self._counted * _GROWN:
            self._held.clear()
            self._counted = count
        if term not in self._held:
            row = connection.execute(
                "SELECT doc FROM term WHERE term = ?", stems([term])
            ).fetchone()
            self._held[term] = row[0] if row else 0
        return self._held[term]


def _scored(connection: sqlite3.Connection, query: Query, terms: Sequence[str]) -> list[Match]:
    if not terms:
        return []
    where, values = bounds(query)
    best = "SELECT * FROM (SELECT * FROM hit {} ORDER BY told + around DESC LIMIT {})"
    wanted = best.format("", query.limit)
    if query.about:
        wanted += " UNION " + best.format(f"WHERE key IN ({CARRIED})", query.limit // 2)
        values.append(folded(query.about))
    return connection.execute(
        "WITH hit AS MATERIALIZED (SELECT words.rowid AS key, -bm25(words, 1.0, 0.0) AS told,"
        " -bm25(words, 1.0, 1.0) AS around FROM words"
        + (" JOIN item ON item.key = words.rowid" if where else "")
        + f" WHERE words MATCH ? {where}) {wanted}",
        (_match(terms, "OR"), *values),
    ).fetchall()


def _newest(connection: sqlite3.Connection, query: Query, rarest: Sequence[str]) -> list[Match]:
    where, values = bounds(query)
    found: dict[int, float] = {}
    for terms, score in ((rarest[:2], 0.5), (rarest, 1.0)):
        rows = connection.execute(
            "SELECT words.rowid FROM words"
            + (" JOIN item ON item.key = words.rowid" if where else "")
            + f" WHERE words MATCH ? {where} ORDER BY words.rowid DESC LIMIT ?",
            (_match(terms, "AND"), *values, query.limit),
        )
        found |= {row[0]: score for row in rows}
    best = sorted(found, key=lambda key: -found[key])[: query.limit]
    return [(key, found[key], found[key]) for key in best]


def _match(terms: Sequence[str], how: str) -> str:
    return f" {how} ".join('"' + term.replace('"', '""') + '"' for term in terms)
