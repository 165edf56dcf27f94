"""What a build spares of dbt's own work is told and found all the same."""

from pathlib import Path

import pytest
from dbt.clients import jinja
from dbt.context.macros import MacroNamespace, MacroNamespaceBuilder
from dbt_common.clients import agate_helper
from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.events.event_manager_client import get_event_manager
from dbt_common.events.types import Note

from dagster_project.dbt_events import hear_only_results
from dagster_project.dbt_repetition import FlatNamespace, done_once


def _tell(event: BaseEvent, level: EventLevel | None = None) -> list[str]:
    told = []
    manager = get_event_manager()
    manager.callbacks.append(lambda message: told.append(message.info.msg))
    manager.fire_event(event, level)
    return told


def test_a_warning_is_told_in_its_words():
    with hear_only_results():
        assert _tell(Note(msg="Mind the gap"), EventLevel.WARN) == ["Mind the gap"]


def test_other_events_are_not_even_made():
    with hear_only_results():
        note = Note(msg="Nothing happened")
        assert _tell(note) == []
        assert "pb_msg" not in vars(note)


def test_an_event_can_be_read_and_changed_late():
    with hear_only_results():
        note = Note(msg="Once")
        assert note.msg == "Once"
        changed = Note(msg="Once")
        changed.msg = "Twice"
        assert changed.message() == "Twice"


def test_events_are_made_at_once_afterwards():
    with hear_only_results():
        pass
    assert vars(Note(msg="Here"))["pb_msg"].msg == "Here"


def test_a_flat_namespace_finds_the_macros_that_dbt_finds():
    stock = MacroNamespace(
        {"of_root": "root", "of_all": "root"},
        {"of_local": "local", "of_all": "local"},
        {"of_dbt": "dbt", "of_all": "dbt"},
        {"package": {"of_package": "package"}},
    )
    flat = FlatNamespace(stock)
    assert dict(flat) == dict(stock)
    assert flat["of_all"] == "local"
    for package, name in (("dbt", "of_all"), ("package", "of_package"), (None, "of_all")):
        assert flat.get_from_package(package, name) == stock.get_from_package(package, name)
    assert flat.get_from_package(None, "of_none") is None


@pytest.mark.parametrize(
    "text",
    ["report_id", "", " a b ", "1", "007", "true", "None", "[1]", "'a'", "a\n", "a\r\nb", "%"],
)
def test_a_text_with_nothing_to_render_comes_out_as_dbt_renders_it(text: str, tmp_path: Path):
    stock = jinja.get_rendered(text, {}, native=True)
    with done_once(tmp_path):
        rendered = jinja.get_rendered(text, {}, native=True)
    assert (rendered, type(rendered)) == (stock, type(stock))


def test_a_template_is_compiled_once_for_each_kind_of_environment(tmp_path: Path):
    def render(text: str, *, native: bool) -> object:
        with done_once(tmp_path):
            return jinja.get_rendered(text, {"count": 5}, native=native)

    assert render("{{ count }}", native=False) == "5"
    assert render("{{ count }}", native=True) == 5
    kept = sorted(tmp_path.iterdir())
    assert len(kept) == 2
    written = [path.stat().st_mtime_ns for path in kept]
    assert render("{{ count }}", native=False) == "5"
    assert [path.stat().st_mtime_ns for path in kept] == written
    # Half a file is none.
    for length in (0, 10, 40, 70):
        for path in kept:
            path.write_bytes(path.read_bytes()[:length])
        assert render("{{ count }}", native=True) == 5
    assert render("{{ count + 1 }}", native=True) == 6


def test_what_is_done_once_is_dbts_own_again_afterwards(tmp_path: Path):
    stock = MacroNamespaceBuilder.build_namespace
    with done_once(tmp_path):
        assert MacroNamespaceBuilder.build_namespace is not stock
        assert agate_helper.empty_table() is agate_helper.empty_table()
        texts = agate_helper.table_from_data_flat([{"code": "005", "count": 5}], ["code", "count"])
        assert texts.rows[0].values() == ("005", 5)
    assert MacroNamespaceBuilder.build_namespace is stock
    assert agate_helper.empty_table() is not agate_helper.empty_table()
