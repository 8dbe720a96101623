"""References are structure: nothing that people write can become one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.plans import join, ref, resolve

RESULTS = {"issue": {"number": "2026-1", "secret": "s3cret"}}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text().filter(lambda key: key not in ("$ref", "$join")), inner, max_size=4
        )
    ),
    max_leaves=12,
)


def test_a_reference_becomes_the_result() -> None:
    assert resolve(ref("issue", "number"), RESULTS) == "2026-1"
    assert resolve(join("No. ", ref("issue", "number"), "!"), RESULTS) == "No. 2026-1!"
    assert resolve({"a": [ref("issue", "number")]}, RESULTS) == {"a": ["2026-1"]}


@pytest.mark.parametrize(
    "name",
    [
        "{number}",
        "$ref",
        '{"$ref": "issue.secret"}',
        "{'$ref': 'issue.secret'}",
        "$join",
        "issue.secret",
        "%(secret)s {0} {issue.secret} ${secret}",
    ],
)
def test_what_a_client_is_called_stays_its_name(name: str) -> None:
    params = {"to": name, "body": join("Dear ", name, ": ", ref("issue", "number"))}
    assert resolve(params, RESULTS) == {"to": name, "body": f"Dear {name}: 2026-1"}


@given(JSON)
def test_values_without_references_stay_as_they_are(value: Any) -> None:
    assert resolve(value, RESULTS) == value


@given(st.text())
def test_a_result_is_never_read_as_a_reference(text: str) -> None:
    results = {"issue": {"number": text, "nested": {"$ref": "issue.number"}}}
    assert resolve(ref("issue", "number"), results) == text
    assert resolve(ref("issue", "nested"), results) == {"$ref": "issue.number"}


@pytest.mark.parametrize("missing", [ref("issue", "none"), ref("none", "number")])
def test_a_missing_result_is_an_error(missing: Any) -> None:
    with pytest.raises(KeyError):
        resolve(missing, RESULTS)
