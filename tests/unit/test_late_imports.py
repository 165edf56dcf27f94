"""Modules that are loaded when something is first asked of them."""

import sys
from pathlib import Path

import pytest

from expectations.late_imports import importing_late


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a module that can be imported and was not yet."""
    (tmp_path / "rarely_needed.py").write_text("answer = 42\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield "rarely_needed"
    sys.modules.pop("rarely_needed", None)


def test_is_loaded_when_something_is_asked_of_it(module: str):
    with importing_late(module):
        import rarely_needed
    assert module not in sys.modules
    assert rarely_needed.answer == 42
    assert sys.modules[module].answer == 42


def test_is_loaded_when_it_is_asked_meanwhile(module: str):
    with importing_late(module):
        from rarely_needed import answer
    assert answer == 42
    assert vars(sys.modules[module])["answer"] == 42


def test_what_is_imported_afterwards_is_the_module_itself(module: str):
    with importing_late(module):
        pass
    import rarely_needed

    assert vars(rarely_needed)["answer"] == 42


def test_what_is_imported_already_stays(module: str):
    import rarely_needed as before

    with importing_late(module):
        import rarely_needed as meanwhile
    assert meanwhile is before
    assert sys.modules[module] is before


def test_a_missing_attribute_is_missing(module: str):
    with importing_late(module):
        import rarely_needed
    with pytest.raises(AttributeError, match="no attribute 'question'"):
        _ = rarely_needed.question
