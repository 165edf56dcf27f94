"""The page of a table, told from a manifest, behind the guard's back."""

import asyncio

from dagster_project.documentation import PATH, address_of, describe_table, list_tables
from dagster_project.web_documentation import WithDocumentation, make_app

NODE = {"config": {"materialized": "table"}, "raw_code": "select '<b>'", "description": ""}
COLUMN = {"name": "value", "description": "Figure. / 数值。", "constraints": [{"type": "not_null"}]}
MANIFEST = {
    "nodes": {
        "model.p.fct": NODE
        | {
            "resource_type": "model",
            "schema": "marts",
            "name": "fct",
            "description": "Facts. 事实。 One row per figure.",
            "columns": {"value": COLUMN | {"data_type": "decimal(24, 6)"}},
        },
        "model.p.wide": NODE
        | {"resource_type": "model", "schema": "reporting", "name": "wide", "columns": {}},
        "test.p.known": {
            "resource_type": "test",
            "name": "known_fct_value",
            "column_name": "value",
            "test_metadata": {"name": "accepted_values"},
        },
        "test.p.there": {
            "resource_type": "test",
            "name": "fct_rows_are_as_promised",
            "test_metadata": {
                "name": "rows_are_as_promised",
                "kwargs": {"unique": ["value", "year"], "references": {"value": "dim.value"}},
            },
        },
        "test.p.whole": {"resource_type": "test", "name": "assert_all_is_well"},
    },
    "sources": {
        "source.p.raw.cells": {
            "resource_type": "source",
            "schema": "raw",
            "name": "cells",
            "description": "Cells.",
            "columns": {},
            "config": {},
        }
    },
    "exposures": {"exposure.p.site": {"name": "site", "label": "Site", "description": "Seen."}},
    "parent_map": {"model.p.fct": ["source.p.raw.cells"]},
    "child_map": {
        "model.p.fct": [
            "model.p.wide",
            "test.p.known",
            "test.p.there",
            "test.p.whole",
            "exposure.p.site",
        ]
    },
}


async def dagster(scope, receive, send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"dagster"})


def ask(path: str, method: str = "GET") -> tuple[int, dict[bytes, bytes], str]:
    """Status, headers and body of an answer."""
    sent = []
    coming = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict:
        return coming.pop() if coming else {"type": "http.disconnect"}

    async def send(message: dict) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}
    app = WithDocumentation(dagster, make_app(lambda: MANIFEST))
    asyncio.run(app(scope | {"query_string": b""}, receive, send))
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], dict(sent[0]["headers"]), body.decode()


def test_a_table_is_told_with_all_that_stands_around_it() -> None:
    table = describe_table(MANIFEST, "marts", "fct")
    assert (table.zh, table.en) == ("事实。", "Facts. One row per figure.")
    (column,) = table.columns
    assert (column.zh, column.en, column.data_type) == ("数值。", "Figure.", "decimal(24, 6)")
    assert column.promises == ["not null", "accepted values", "stands in dim.value"]
    assert table.promises == ["assert all is well", "unique value, year"]
    assert table.made_from == [("raw", "cells")] and table.read_by == [("reporting", "wide")]
    assert table.dashboards == [("Site", "Seen.")]
    assert describe_table(MANIFEST, "marts", "nothing") is None


def test_every_layer_is_listed_in_the_order_of_the_datas_way() -> None:
    assert list(list_tables(MANIFEST)) == ["raw", "marts", "reporting"]


def test_pages_are_served_beside_dagster_and_escape_what_they_tell() -> None:
    status, headers, text = ask(address_of("marts", "fct"))
    assert status == 200 and "accepted values" in text
    assert "&lt;b&gt;" in text and "<b>" not in text
    assert b"default-src 'none'" in headers[b"content-security-policy"]
    assert ask(f"{PATH}/marts/nothing")[0] == 404
    assert "reporting.wide" in ask(PATH)[2]
    assert ask(f"{PATH}/assets/style.css")[0] == 200
    assert ask(PATH, "POST")[0] == 405
    # Everything else is Dagster's, a name that only begins alike included.
    for path in ("/", "/assets/marts/fct", f"{PATH}ary"):
        assert ask(path)[2] == "dagster"
