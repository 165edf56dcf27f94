"""What dbt does anew for every node and statement although it always comes out the same.

dbt looks each of its 540 macros up in five places, for two contexts a node. For each statement it
builds what guesses the types of columns, readers of dates and all, though most have no result. For
the length of a build that is done once. Replaces what is private to dbt: mind it when its exact pin
moves. Imports dbt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from agate import TypeTester
from dbt.clients import jinja
from dbt.context.macros import MacroNamespace, MacroNamespaceBuilder
from dbt_common.clients import agate_helper


class FlatNamespace(dict, MacroNamespace):
    """Macros by name, as dbt would find them, in one dictionary."""

    def __init__(self, namespace: MacroNamespace) -> None:
        # Packages are still asked for by their name.
        vars(self).update(vars(namespace))
        for macros in reversed(list(namespace._search_order())):
            self.update(macros)


class PlainTexts(dict):
    """dbt's memory of texts with nothing to render, which come out as they are."""

    def __contains__(self, text: object) -> bool:
        return super().__contains__(text) or ("\n" not in text and "\r" not in text)

    def __missing__(self, text: str) -> str:
        return text


@contextmanager
def done_once() -> Iterator[None]:
    """For the length of a call of dbt."""
    build_namespace = MacroNamespaceBuilder.build_namespace
    empty_table = agate_helper.empty_table()
    build_type_tester = cache(agate_helper.build_type_tester)

    def build_flat(self: MacroNamespaceBuilder, *arguments: Any) -> MacroNamespace:
        return FlatNamespace(build_namespace(self, *arguments))

    def give_type_tester(text_columns: Iterable[str], *nulls: Any, **named: Any) -> TypeTester:
        return build_type_tester(frozenset(text_columns), *nulls, **named)

    with (
        _replaced(MacroNamespaceBuilder, "build_namespace", build_flat),
        _replaced(jinja, "_render_cache", PlainTexts()),
        _replaced(agate_helper, "empty_table", lambda: empty_table),
        _replaced(agate_helper, "build_type_tester", give_type_tester),
    ):
        yield


@contextmanager
def _replaced(owner: Any, name: str, replacement: Any) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, replacement)
    try:
        yield
    finally:
        setattr(owner, name, before)
