"""What dbt does anew for every node and statement although it always comes out the same.

dbt looks each of its 540 macros up in five places, for two contexts a node. For each statement it
builds what guesses the types of columns, readers of dates and all, though most have no result. It
compiles the templates of all models and macros in every run. For the length of a build that is done
once. Replaces what is private to dbt: mind it when its exact pin moves. Imports dbt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import CodeType
from typing import Any

from agate import TypeTester
from dbt.clients import jinja
from dbt.context.macros import MacroNamespace, MacroNamespaceBuilder
from dbt_common.clients import agate_helper
from jinja2 import Environment, FileSystemBytecodeCache
from jinja2.bccache import Bucket


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


class KeptTemplates:
    """Templates as Python once compiled, kept as Jinja keeps those that it loads from files.

    What a text compiles to depends on it, on the kind of environment, and on who compiles.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._kept = FileSystemBytecodeCache(str(folder))
        self._compiler = [version(package) for package in ("jinja2", "dbt-common", "dbt-core")]

    def compile(
        self, compile_anew: Callable[..., CodeType], environment: Environment, source: str
    ) -> CodeType:
        name = repr((self._compiler, type(environment).__name__, source))
        key, checksum = self._kept.get_cache_key(name), self._kept.get_source_checksum(source)
        bucket = Bucket(environment, key, checksum)
        # Half a file may break in any way, and is no file.
        with suppress(Exception):
            self._kept.load_bytecode(bucket)
        if bucket.code is None:
            bucket.code = compile_anew(environment, source)
            with suppress(OSError):
                self._kept.dump_bytecode(bucket)
        return bucket.code


@contextmanager
def done_once(templates: Path) -> Iterator[None]:
    """For the length of a call of dbt; compiled templates are kept in a folder for later calls."""
    compile_anew, kept = Environment.compile, KeptTemplates(templates)
    build_namespace = MacroNamespaceBuilder.build_namespace
    empty_table = agate_helper.empty_table()
    build_type_tester = cache(agate_helper.build_type_tester)

    def build_flat(self: MacroNamespaceBuilder, *arguments: Any) -> MacroNamespace:
        return FlatNamespace(build_namespace(self, *arguments))

    def compile_once(self: Environment, source: Any, *arguments: Any, **named: Any) -> Any:
        # dbt gives the text and nothing else.
        if arguments or named or not isinstance(source, str):
            return compile_anew(self, source, *arguments, **named)
        return kept.compile(compile_anew, self, source)

    def give_type_tester(text_columns: Iterable[str], *nulls: Any, **named: Any) -> TypeTester:
        return build_type_tester(frozenset(text_columns), *nulls, **named)

    with (
        _replaced(Environment, "compile", compile_once),
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
