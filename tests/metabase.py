"""A stand-in for Metabase: the part of its REST API that `bi/metabase/provision.py` uses.

Written from the documentation of that API. It keeps state, refuses callers it does not know, keys
it does not have, ids that do not exist and queries that Metabase would not take, and answers
questions from a released DuckDB file, as Metabase would from a connection to it.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb

USER, PASSWORD, KEY = "editor@example.org", "a password of the test", "mb_key_of_the_test"
_BASE_TYPES = {
    "BIGINT": "type/BigInteger",
    "INTEGER": "type/Integer",
    "BOOLEAN": "type/Boolean",
    "DOUBLE": "type/Float",
    "VARCHAR": "type/Text",
}
_DETAILS = {
    "duckdb": ({"database_file", "read_only"}, {"old_implicit_casting"}),
    "postgres": (
        {"host", "port", "dbname", "user", "password"},
        {"schema-filters-type", "schema-filters-patterns", "ssl"},
    ),
}
_DISPLAYS = {"table", "scalar", "bar", "row", "line"}
_PARAMETERS = {"number/=", "string/="}
_DASHCARD = {
    *("id", "card_id", "row", "col", "size_x", "size_y"),
    *("series", "visualization_settings", "parameter_mappings"),
}


class Refused(Exception):
    """A call that Metabase would answer with this status."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def _need(holds: bool, text: str, status: int = 400) -> None:
    if not holds:
        raise Refused(status, text)


def _shape(
    body: Any, required: set[str], optional: frozenset[str] | set[str] = frozenset()
) -> None:
    _need(isinstance(body, dict), "an object is expected")
    _need(required <= set(body), f"missing: {sorted(required - set(body))}")
    unknown = set(body) - required - set(optional)
    _need(not unknown, f"unknown: {sorted(unknown)}")


@dataclass
class FakeMetabase:
    """What a Metabase holds, and how it answers."""

    release: Path
    polls_until_synced: int = 1
    """How often the schema is asked for before it has been read; reading it takes Metabase time."""
    set_up: bool = False
    databases: dict[int, dict] = field(default_factory=dict)
    tables: dict[int, dict] = field(default_factory=dict)
    fields: dict[int, dict] = field(default_factory=dict)
    collections: dict[int, dict] = field(default_factory=dict)
    cards: dict[int, dict] = field(default_factory=dict)
    dashboards: dict[int, dict] = field(default_factory=dict)
    writes: list[tuple[str, str]] = field(default_factory=list)
    syncs: int = 0
    url: str = ""
    _polls: int = 0
    _next_id: int = 0

    def answer(self, method: str, path: str, body: Any, headers: Any) -> Any:
        path = path.partition("?")[0]
        for verb, pattern, known, respond in self._routes():
            found = re.fullmatch(pattern, path)
            if verb == method and found:
                allowed = headers.get("X-Metabase-Session") == "session" and self.set_up
                allowed = allowed or headers.get("X-Api-Key") == KEY
                _need(allowed or not known, "Unauthenticated", 401)
                if method != "GET" and known and not path.endswith(("/query", "/sync_schema")):
                    self.writes.append((method, path))
                numbers = [int(number) for number in found.groups()]
                return respond(*numbers, *([] if method == "GET" else [body]))
        raise Refused(404, f"API endpoint does not exist: {method} {path}")

    def _routes(self) -> list[tuple[str, str, bool, Callable[..., Any]]]:
        number = r"/(\d+)"
        return [
            ("GET", "/api/session/properties", False, self._properties),
            ("POST", "/api/setup", False, self._set_up),
            ("POST", "/api/session", False, self._log_in),
            ("GET", "/api/database", True, lambda: {"data": [*self.databases.values()]}),
            ("POST", "/api/database", True, self._add_database),
            ("PUT", f"/api/database{number}", True, self._change_database),
            ("POST", f"/api/database{number}/sync_schema", True, self._sync),
            ("GET", f"/api/database{number}/metadata", True, self._metadata),
            ("PUT", f"/api/table{number}", True, lambda i, b: self._describe(self.tables, i, b)),
            ("PUT", f"/api/field{number}", True, lambda i, b: self._describe(self.fields, i, b)),
            ("GET", "/api/collection", True, self._list_collections),
            ("POST", "/api/collection", True, self._add_collection),
            ("GET", f"/api/collection{number}/items", True, self._items),
            ("POST", "/api/card", True, lambda b: self._save_card(None, b)),
            ("PUT", f"/api/card{number}", True, self._save_card),
            ("POST", f"/api/card{number}/query", True, self._query),
            ("POST", "/api/dashboard", True, self._add_dashboard),
            ("GET", f"/api/dashboard{number}", True, lambda i: self._get(self.dashboards, i)),
            ("PUT", f"/api/dashboard{number}", True, self._change_dashboard),
        ]

    def _new(self, kind: dict[int, dict], content: dict) -> dict:
        self._next_id += 1
        kind[self._next_id] = {**content, "id": self._next_id}
        return kind[self._next_id]

    @staticmethod
    def _get(kind: dict[int, dict], number: int) -> dict:
        _need(number in kind, "Not found.", 404)
        return kind[number]

    # Sessions

    def _properties(self) -> dict:
        token = {} if self.set_up else {"setup-token": "token"}
        return {"has-user-setup": self.set_up, "version": {"tag": "v0.56.4"}, **token}

    def _set_up(self, body: Any) -> dict:
        _need(not self.set_up, "The /api/setup route can only be used once.", 403)
        _shape(body, {"token", "user", "prefs"})
        _need(body["token"] == "token", "Token does not match the setup token.")
        names = {"first_name", "last_name", "site_name"}
        _shape(body["user"], {"email", "password"}, names)
        _shape(body["prefs"], {"site_name"}, {"site_locale", "allow_tracking"})
        self.set_up = True
        return {"id": "session"}

    def _log_in(self, body: Any) -> dict:
        _shape(body, {"username", "password"})
        right = (body["username"], body["password"]) == (USER, PASSWORD) and self.set_up
        _need(right, "did not match stored password", 401)
        return {"id": "session"}

    # Connections

    def _check_connection(self, body: Any) -> None:
        _need(body["engine"] in _DETAILS, f"no driver: {body['engine']}")
        _shape(body["details"], *_DETAILS[body["engine"]])

    def _add_database(self, body: Any) -> dict:
        _shape(body, {"name", "engine", "details"}, {"is_full_sync"})
        self._check_connection(body)
        return self._new(self.databases, body)

    def _change_database(self, number: int, body: Any) -> dict:
        _shape(body, set(), {"name", "engine", "details"})
        database = self._get(self.databases, number)
        self._check_connection(database | body)
        database.update(body)
        return database

    def _sync(self, number: int, body: Any) -> dict:
        self._get(self.databases, number)
        self.syncs += 1
        self._polls = 0
        return {"status": "ok"}

    def _metadata(self, number: int) -> dict:
        database = self._get(self.databases, number)
        self._polls += 1
        if self._polls > self.polls_until_synced:
            self._read_schema(number)
        tables = [table for table in self.tables.values() if table["db_id"] == number]
        return {
            **database,
            "tables": [
                {**t, "fields": [f for f in self.fields.values() if f["table_id"] == t["id"]]}
                for t in tables
            ],
        }

    def _read_schema(self, number: int) -> None:
        """Tables and columns keep their ids as long as they keep their names."""
        with duckdb.connect(self.release, read_only=True) as connection:
            columns = connection.execute(
                "select schema_name, table_name, column_name, data_type from duckdb_columns() "
                "where not internal order by all"
            ).fetchall()
        tables = {(t["schema"], t["name"]): t for t in self.tables.values()}
        fields = {(f["table_id"], f["name"]) for f in self.fields.values()}
        for schema, name, column, kind in columns:
            if (schema, name) not in tables:
                table = {"db_id": number, "schema": schema, "name": name, "description": None}
                tables[schema, name] = self._new(self.tables, table)
            table_id = tables[schema, name]["id"]
            if (table_id, column) not in fields:
                base = _BASE_TYPES.get(kind, "type/Decimal" if "DECIMAL" in kind else "type/*")
                found = {"table_id": table_id, "name": column, "base_type": base}
                self._new(self.fields, {**found, "description": None})

    def _describe(self, kind: dict[int, dict], number: int, body: Any) -> dict:
        _shape(body, set(), {"description", "display_name", "visibility_type"})
        self._get(kind, number).update(body)
        return kind[number]

    # Collections, cards

    def _list_collections(self) -> list[dict]:
        return [{"id": "root", "name": "Our analytics"}, *self.collections.values()]

    def _add_collection(self, body: Any) -> dict:
        _shape(body, {"name"}, {"description", "parent_id"})
        return self._new(self.collections, body | {"archived": False})

    def _items(self, number: int) -> dict:
        self._get(self.collections, number)
        kinds = {"model": "dataset", "question": "card"}
        cards = [(kinds[card["type"]], card) for card in self.cards.values()]
        items = cards + [("dashboard", dashboard) for dashboard in self.dashboards.values()]
        data = [
            {"id": item["id"], "name": item["name"], "model": kind}
            for kind, item in items
            if item["collection_id"] == number
        ]
        return {"data": data, "total": len(data)}

    def _save_card(self, number: int | None, body: Any) -> dict:
        required = {"name", "display", "visualization_settings", "dataset_query", "type"}
        _shape(body, required, {"description", "collection_id"})
        _need(body["type"] in {"model", "question"}, "type")
        _need(body["display"] in _DISPLAYS, "display")
        _need(body["description"] is None or body["description"].strip() != "", "description")
        self._get(self.collections, body["collection_id"])
        self.to_sql(body["dataset_query"])
        if number is None:
            return self._new(self.cards, body)
        self._get(self.cards, number).update(body)
        return self.cards[number]

    def _query(self, number: int, body: Any) -> dict:
        _shape(body or {}, set(), {"ignore_cache", "parameters"})
        sql = self.to_sql(self._get(self.cards, number)["dataset_query"])
        with duckdb.connect(self.release, read_only=True) as connection:
            rows = connection.execute(sql).fetchall()
        return {"status": "completed", "row_count": len(rows), "data": {"rows": rows}}

    # The query language

    def to_sql(self, query: Any) -> str:
        """What a query asks of the release; refuses what is no query of Metabase's language."""
        _shape(query, {"type", "database", "query"})
        _need(query["type"] == "query", "type of the query")
        self._get(self.databases, query["database"])
        inner = query["query"]
        _shape(inner, {"source-table"}, {"aggregation", "breakout", "fields", "filter", "order-by"})
        table = self._source(inner["source-table"])
        columns = {f["name"]: f for f in self.fields.values() if f["table_id"] == table["id"]}

        def name(reference: Any) -> str:
            return _column(reference, columns)

        shown = [name(reference) for reference in inner.get("fields", inner.get("breakout", []))]
        groups = ", ".join(map(name, inner.get("breakout", []))) or "()"
        for function, *operands in inner.get("aggregation", []):
            _need(function in {"count", "sum", "avg"}, f"no aggregation: {function}")
            _need(len(operands) == (function != "count"), f"operands of {function}")
            shown.append(f"{function}({', '.join(map(name, operands)) or '*'})")
        sql = f"select {', '.join(shown) or '*'} from {table['schema']}.{table['name']}"
        if "filter" in inner:
            sql += f" where {_condition(inner['filter'], columns)}"
        if "aggregation" in inner:
            sql += f" group by {groups}"
        if "order-by" in inner:
            _need(all(way in {"asc", "desc"} for way, _ in inner["order-by"]), "order-by")
            sql += " order by " + ", ".join(f"{name(c)} {way}" for way, c in inner["order-by"])
        return sql

    def _source(self, source: Any) -> dict:
        if isinstance(source, str):
            found = re.fullmatch(r"card__(\d+)", source)
            _need(found is not None, f"no source: {source}")
            card = self._get(self.cards, int(found[1]))
            return self._source(card["dataset_query"]["query"]["source-table"])
        return self._get(self.tables, source)

    # Dashboards

    def _add_dashboard(self, body: Any) -> dict:
        _shape(body, {"name"}, {"description", "collection_id", "parameters"})
        return self._new(self.dashboards, {"parameters": [], "dashcards": [], **body})

    def _change_dashboard(self, number: int, body: Any) -> dict:
        dashboard = self._get(self.dashboards, number)
        changeable = {"name", "description", "collection_id", "parameters", "dashcards"}
        _shape(body, set(), changeable)
        parameters = {p["id"] for p in body.get("parameters", dashboard["parameters"])}
        for parameter in body.get("parameters", []):
            _shape(parameter, {"id", "name", "slug", "type"}, {"sectionId", "default"})
            _need(parameter["type"] in _PARAMETERS, parameter["type"])
        if "dashcards" in body:
            there = {card["id"] for card in dashboard["dashcards"]}
            body = {**body, "dashcards": self._place(body["dashcards"], there, parameters)}
        dashboard.update(body)
        return dashboard

    def _place(self, cards: list[dict], there: set[int], parameters: set[str]) -> list[dict]:
        placed, taken = [], set()
        for card in cards:
            _shape(card, _DASHCARD)
            _need(card["id"] < 0 or card["id"] in there, "no such card on this dashboard")
            _need(card["col"] + card["size_x"] <= 24, "a dashboard has 24 columns")
            cells = {
                (row, column)
                for row in range(card["row"], card["row"] + card["size_y"])
                for column in range(card["col"], card["col"] + card["size_x"])
            }
            _need(not cells & taken, "two cards lie on each other")
            taken |= cells
            if card["card_id"] is None:
                _need("virtual_card" in card["visualization_settings"], "a card without question")
            else:
                self._check_mappings(card, parameters)
            self._next_id += card["id"] < 0
            placed.append({**card, "id": self._next_id if card["id"] < 0 else card["id"]})
        return placed

    def _check_mappings(self, card: dict, parameters: set[str]) -> None:
        query = self._get(self.cards, card["card_id"])["dataset_query"]["query"]
        table = self._source(query["source-table"])
        columns = {f["name"]: f for f in self.fields.values() if f["table_id"] == table["id"]}
        for mapping in card["parameter_mappings"]:
            _shape(mapping, {"parameter_id", "card_id", "target"})
            _need(mapping["parameter_id"] in parameters, "a filter that is not there")
            _need(mapping["card_id"] == card["card_id"], "a filter of another card")
            kind, reference = mapping["target"]
            _need(kind == "dimension", kind)
            _column(reference, columns)


def _column(reference: Any, columns: dict[str, dict]) -> str:
    _need(isinstance(reference, list) and len(reference) == 3, f"no field: {reference}")
    kind, name, options = reference
    _need(kind == "field" and name in columns, f"no field: {reference}")
    _need(options == {"base-type": columns[name]["base_type"]}, f"base-type of {name}")
    return f'"{name}"'


def _condition(condition: list, columns: dict[str, dict]) -> str:
    operator, *operands = condition
    if operator == "and":
        _need(len(operands) > 1, "and")
        return " and ".join(_condition(operand, columns) for operand in operands)
    column = _column(operands[0], columns)
    values = ", ".join(json.dumps(value).replace('"', "'") for value in operands[1:])
    _need(values != "", f"{operator} without a value")
    if operator == "starts-with":
        return f"starts_with({column}, {values})"
    _need(operator == "=", f"no operator: {operator}")
    return f"{column} in ({values})"


@contextmanager
def serving(fake: FakeMetabase) -> Iterator[FakeMetabase]:
    """The stand-in on a free port of the loopback address."""

    class Handler(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            length = int(self.headers.get("Content-Length") or 0)
            try:
                body = json.loads(self.rfile.read(length) or b"null")
                status, answer = 200, fake.answer(self.command, self.path, body, self.headers)
            except Refused as refusal:
                status, answer = refusal.status, {"message": str(refusal)}
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(answer, default=str).encode())

        def log_message(self, *arguments: object) -> None:
            """Keep the tests' output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
