"""Ids are unique, short, in order of time and safe wherever they are put."""

import re
import time

from core.ids import new_id


def test_ids_are_unique_and_safe() -> None:
    made = [new_id("run") for _ in range(5000)]
    assert len(set(made)) == len(made)
    assert all(re.fullmatch(r"run_[0-9a-hjkmnp-tv-z]{19}", each) for each in made)


def test_ids_sort_by_the_moment_they_were_made(monkeypatch) -> None:
    moments = iter([1_700_000_000_000, 1_700_000_000_001, 1_800_000_000_000, 1_900_000_000_000])
    monkeypatch.setattr(time, "time_ns", lambda: next(moments) * 1_000_000)
    made = [new_id("apr") for _ in range(4)]
    assert made == sorted(made)


def test_an_id_fits_its_column_and_a_button() -> None:
    assert len(new_id("fact")) <= 32
    assert len(f"reason:{new_id('apr')}".encode()) <= 64
