"""What dbt's tests promise of a table, in words; a test may hold several promises.

``rows_are_as_promised`` holds all of a table at once, since a test costs the same whatever it asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def list_promises(test: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Column (empty: of the table as a whole) and words of every promise of a test's node."""
    generic = test.get("test_metadata") or {}
    name, wanted = generic.get("name") or test["name"], generic.get("kwargs", {})
    if name != "rows_are_as_promised":
        yield test.get("column_name") or "", name.replace("_", " ")
        return
    if unique := wanted.get("unique"):
        yield (unique[0] if len(unique) == 1 else ""), f"unique {', '.join(unique)}"
    for column in wanted.get("not_null", ()):
        yield column, "not null"
    for column, target in wanted.get("references", {}).items():
        yield column, f"stands in {target}"
    for column, values in wanted.get("accepted", {}).items():
        yield column, f"one of {', '.join(value or 'nothing' for value in values)}"


def describe_promises(test: Mapping[str, Any]) -> str:
    """All promises of a test's node as one text."""
    return "; ".join(f"{column} {words}".strip() for column, words in list_promises(test))
