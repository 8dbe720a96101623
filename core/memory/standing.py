"""Which statements hold, worked out from all that was said. Pure, nothing is stored."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

Span = tuple[datetime | None, datetime | None]
"""From when and until when something is true; None where that is open."""


def standing(rows: Sequence[Row[Any]]) -> dict[str, Span]:
    """Which statements hold, and when, by their order and what each of them ended.

    ``rows`` are all of one relation, oldest first. What a statement ended that was taken back
    since, is ended by whatever ended that statement.
    """
    said = {row.id: row for row in rows if row.id == row.origin}
    origins = {row.id: row.origin for row in rows}
    ended: dict[str, set[str]] = {origin: set() for origin in said}
    for row in rows:
        if row.superseded_by:
            ended[origins[row.superseded_by]].add(row.origin)

    def reached(origin: str) -> set[str]:
        back = {each for each in ended[origin] if said[each].retracted_at}
        return ended[origin].union(*(reached(each) for each in back))

    spans: dict[str, Span] = {}
    for origin, row in said.items():
        if row.retracted_at:
            continue
        for other in reached(origin) & spans.keys():
            start, end = spans.pop(other)
            wrong = row.how == "corrected" and other in ended[origin]
            cut = row.valid_from
            if not wrong and cut and (start is None or start < cut):
                spans[other] = (start, min(end, cut) if end else cut)
        spans[origin] = (row.valid_from, row.valid_to)
    return spans
