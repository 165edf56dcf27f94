"""Make a release at home in Metabase: connection, models, questions, two dashboards.

Run it once Metabase is up, and again after every release: it finds what it made before by name and
brings it up to date, so a second run changes nothing. Everything it makes is declared in
``content.yaml``; what tables and columns mean comes from dbt, by way of the release's comments.
Speaks Metabase's REST API; secrets come from the environment and are never printed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml

HERE = Path(__file__).resolve().parent
CONTENT = HERE / "content.yaml"
DATABASE = "Gongkai"
LAYERS = ["marts", "reporting"]
MOUNT = "/releases"
"""Where compose.yaml shows the folder of releases to Metabase."""

_NAMES = uuid.UUID("2d9c4b1c-7a5e-5c0e-9c57-0f6d2c1f5a11")
_SYNC_SECONDS = 300
_DASHBOARD_COLUMNS = 24
_TEXT_ROWS = 2


class MetabaseError(Exception):
    """Something that Metabase refuses or does not have; the message says what."""


# Speaking with Metabase


class Metabase:
    """Metabase's REST API, as its administrator."""

    def __init__(self, url: str, secrets: Mapping[str, str]) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Content-Type": "application/json"}
        self._secrets = secrets

    def log_in(self) -> None:
        """Log in; a Metabase that nobody has set up yet gets its first user."""
        if key := self._secrets.get("METABASE_API_KEY"):
            self._headers["X-Api-Key"] = key
            return
        user, password = (self._secret(f"METABASE_{name}") for name in ("USER", "PASSWORD"))
        properties = self.get("/api/session/properties")
        if properties.get("has-user-setup"):
            session = self.post("/api/session", {"username": user, "password": password})
        else:
            session = self.post(
                "/api/setup",
                {
                    "token": properties["setup-token"],
                    "user": {
                        "email": user,
                        "password": password,
                        "first_name": "Gongkai",
                        "last_name": "Admin",
                        "site_name": "Gongkai",
                    },
                    "prefs": {"site_name": "Gongkai", "allow_tracking": False},
                },
            )
        self._headers["X-Metabase-Session"] = session["id"]

    def _secret(self, name: str) -> str:
        if not self._secrets.get(name):
            raise MetabaseError(
                f"{name} is not set. Set METABASE_API_KEY, or METABASE_USER and METABASE_PASSWORD."
            )
        return self._secrets[name]

    def get(self, path: str) -> Any:
        return self._call("GET", path)

    def post(self, path: str, body: object = None) -> Any:
        return self._call("POST", path, body)

    def put(self, path: str, body: object) -> Any:
        return self._call("PUT", path, body)

    def _call(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data, self._headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as response:
                return json.loads(response.read() or b"null")
        except urllib.error.HTTPError as error:
            answer = error.read().decode("utf-8", "replace")[:1000]
            raise MetabaseError(f"{method} {path}: {error.code} {answer}") from None
        except urllib.error.URLError as error:
            raise MetabaseError(f"Metabase does not answer at {self._url}: {error}") from None


# The connection


def duckdb_connection(release: Path, mount: str = MOUNT) -> dict[str, Any]:
    """A connection to this release's file, which MotherDuck's driver opens read-only.

    The file is named by its version, not by way of ``current``: a connection that is open keeps
    the old file, and only details that change make Metabase open another.
    """
    path = f"{mount}/{release.resolve().name}/gongkai.duckdb"
    details = {"database_file": path, "read_only": True, "old_implicit_casting": True}
    return {"name": DATABASE, "engine": "duckdb", "details": details}


def postgres_connection(settings: Mapping[str, str], schema: str) -> dict[str, Any]:
    """A connection to what ``gongkai export postgres`` loaded, with Metabase's own driver."""
    details = {
        "host": settings.get("GONGKAI_POSTGRES_HOST", "postgres"),
        "port": int(settings.get("GONGKAI_POSTGRES_PORT", "5432")),
        "dbname": settings.get("GONGKAI_POSTGRES_DATABASE", "gongkai"),
        "user": settings.get("GONGKAI_POSTGRES_USER", "metabase"),
        "password": settings.get("GONGKAI_POSTGRES_PASSWORD", ""),
        "schema-filters-type": "inclusion",
        "schema-filters-patterns": schema,
        "ssl": settings.get("GONGKAI_POSTGRES_SSL", "") == "true",
    }
    return {"name": DATABASE, "engine": "postgres", "details": details}


def connect(metabase: Metabase, connection: dict[str, Any]) -> int:
    """Make the connection or bring it up to date, and have its tables read anew.

    Returns:
        Metabase's id of the database.
    """
    found = {d["name"]: d for d in metabase.get("/api/database")["data"]}
    known = found.get(connection["name"])
    if known is None:
        database = metabase.post("/api/database", {**connection, "is_full_sync": True})["id"]
    else:
        database = known["id"]
        if known["engine"] != connection["engine"]:
            raise MetabaseError(
                f"'{DATABASE}' is a connection of another kind ({known['engine']}). Remove it in "
                "Metabase first: its questions speak of tables by their place in it."
            )
        metabase.put(f"/api/database/{database}", connection)
    metabase.post(f"/api/database/{database}/sync_schema")
    return database


@dataclass(frozen=True)
class Table:
    """A table as Metabase knows it; fields by name."""

    id: int
    description: str | None
    fields: Mapping[str, Mapping[str, Any]]


def wait_for_tables(
    metabase: Metabase,
    database: int,
    wanted: Mapping[str, set[str]],
    seconds: float = _SYNC_SECONDS,
) -> dict[str, Table]:
    """Wait until Metabase has read the tables and columns that are wanted.

    Raises:
        MetabaseError: it has not; the message names what is missing.
    """
    deadline = time.monotonic() + seconds
    while True:
        tables = {
            table["name"]: Table(
                table["id"],
                table.get("description"),
                {field["name"]: field for field in table["fields"]},
            )
            for table in metabase.get(f"/api/database/{database}/metadata")["tables"]
            if table["name"] in wanted
        }
        missing = [
            f"{name}.{column}"
            for name, columns in wanted.items()
            for column in sorted(columns - set(tables[name].fields if name in tables else ()))
        ]
        if not missing:
            return tables
        if time.monotonic() > deadline:
            raise MetabaseError(f"Metabase does not see {', '.join(missing[:5])} in the release.")
        time.sleep(min(2.0, seconds / 10))


# What the tables mean


def read_dictionary(release: Path) -> dict[str, tuple[str | None, dict[str, str | None]]]:
    """Descriptions of a release's tables and their columns, as dbt has them, by table."""
    limits = {"enable_external_access": "false", "lock_configuration": "true"}
    path = release.resolve() / "gongkai.duckdb"
    with duckdb.connect(path, read_only=True, config=limits) as connection:
        tables = connection.execute(
            "select table_name, comment from duckdb_tables() where list_contains(?, schema_name)",
            [LAYERS],
        ).fetchall()
        columns = connection.execute(
            "select table_name, column_name, comment from duckdb_columns() "
            "where list_contains(?, schema_name)",
            [LAYERS],
        ).fetchall()
    described: dict[str, tuple[str | None, dict[str, str | None]]] = {
        table: (comment, {}) for table, comment in tables
    }
    for table, column, comment in columns:
        described[table][1][column] = comment
    return described


def describe(
    metabase: Metabase, tables: Mapping[str, Table], dictionary: Mapping[str, Any]
) -> None:
    """Give tables and columns their descriptions, where they have others."""
    for name, table in tables.items():
        text, columns = dictionary[name]
        if table.description != text:
            metabase.put(f"/api/table/{table.id}", {"description": text})
        for column, field in table.fields.items():
            wanted = columns.get(column)
            if wanted and field.get("description") != wanted:
                metabase.put(f"/api/field/{field['id']}", {"description": wanted})


# Models, questions, dashboards


class Collection:
    """The folder that holds what is made here, and what it holds by kind and name."""

    def __init__(self, metabase: Metabase, name: str, description: str) -> None:
        self._metabase = metabase
        found = [c for c in metabase.get("/api/collection") if c["name"] == name]
        kept = [c for c in found if not c.get("archived")]
        body = {"name": name, "description": description}
        self.id = kept[0]["id"] if kept else metabase.post("/api/collection", body)["id"]
        items = metabase.get(f"/api/collection/{self.id}/items?limit=1000")["data"]
        self._ids = {(item["model"], item["name"]): item["id"] for item in items}

    def save(self, kind: str, body: dict[str, Any]) -> int:
        """Make a model (``dataset``), question (``card``) or dashboard, or bring it up to date."""
        path = "/api/dashboard" if kind == "dashboard" else "/api/card"
        body = {**body, "collection_id": self.id}
        known = self._ids.get((kind, body["name"]))
        if known is None:
            return self._metabase.post(path, body)["id"]
        self._metabase.put(f"{path}/{known}", body)
        return known


def model_card(
    model: Mapping[str, str], database: int, table: Table, text: str | None
) -> dict[str, Any]:
    """A model is a table of the release under a name for people."""
    return {
        "name": model["name"],
        "description": text,
        "type": "model",
        "display": "table",
        "visualization_settings": {},
        "dataset_query": {
            "type": "query",
            "database": database,
            "query": {"source-table": table.id},
        },
    }


def question_card(
    question: Mapping[str, Any], database: int, model: int, table: Table
) -> dict[str, Any]:
    """A question on a model, in Metabase's query language."""

    def field(column: str) -> list[Any]:
        return _field(table, column)

    query: dict[str, Any] = {"source-table": f"card__{model}"}
    if "aggregations" in question:
        query["aggregation"] = [
            [name, *map(field, columns)] for name, *columns in question["aggregations"]
        ]
        query["breakout"] = [field(column) for column in question.get("by", ())]
    else:
        query["fields"] = [field(column) for column in question["columns"]]
    conditions = [
        [operator, field(column), *values]
        for operator, column, *values in question.get("filters", ())
    ]
    if conditions:
        query["filter"] = conditions[0] if len(conditions) == 1 else ["and", *conditions]
    if "order" in question:
        query["order-by"] = [[way, field(column)] for way, column in question["order"]]
    return {
        "name": question["name"],
        "description": question.get("description"),
        "type": "question",
        "display": question["display"],
        "visualization_settings": question.get("settings", {}),
        "dataset_query": {"type": "query", "database": database, "query": query},
    }


def _field(table: Table, column: str) -> list[Any]:
    return ["field", column, {"base-type": table.fields[column]["base_type"]}]


@dataclass(frozen=True)
class Question:
    """A question that is in Metabase."""

    id: int
    table: Table


def save_dashboard(
    metabase: Metabase,
    collection: Collection,
    dashboard: Mapping[str, Any],
    questions: Mapping[str, Question],
) -> int:
    """Make a dashboard or bring it up to date; cards that are there keep their ids."""
    body = {"name": dashboard["name"], "description": dashboard["description"]}
    identity = collection.save("dashboard", body)
    there = metabase.get(f"/api/dashboard/{identity}")["dashcards"]
    ids = {card["card_id"]: card["id"] for card in there}
    cards = place_cards(dashboard, questions)
    for number, card in enumerate(cards, 1):
        card["id"] = ids.get(card["card_id"], -number)
    parameters = [parameter(entry) for entry in dashboard["filters"]]
    metabase.put(
        f"/api/dashboard/{identity}", {**body, "parameters": parameters, "dashcards": cards}
    )
    return identity


def parameter(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A filter of a dashboard."""
    name = entry["name"]
    made = {
        "id": uuid.uuid5(_NAMES, name).hex[:8],
        "name": name,
        "slug": name.lower(),
        "type": entry["type"],
        "sectionId": entry["type"].partition("/")[0],
    }
    return made | ({"default": entry["default"]} if "default" in entry else {})


def place_cards(
    dashboard: Mapping[str, Any], questions: Mapping[str, Question]
) -> list[dict[str, Any]]:
    """The cards of a dashboard from top to bottom: its text, then its rows of questions."""
    words = {
        "virtual_card": {"name": None, "display": "text", "visualization_settings": {}},
        "text": dashboard["text"],
    }
    cards = [_card(None, 0, 0, _DASHBOARD_COLUMNS, _TEXT_ROWS, words, [])]
    top = _TEXT_ROWS
    for row in dashboard["rows"]:
        left = 0
        for name, width, height in row:
            question = questions[name]
            mappings = [
                {
                    "parameter_id": parameter(entry)["id"],
                    "card_id": question.id,
                    "target": ["dimension", _field(question.table, entry["column"])],
                }
                for entry in dashboard["filters"]
                if entry["column"] in question.table.fields
            ]
            cards.append(_card(question.id, top, left, width, height, {}, mappings))
            left += width
        top += max(height for _, _, height in row)
    return cards


def _card(
    card: int | None,
    row: int,
    column: int,
    width: int,
    height: int,
    settings: dict[str, Any],
    mappings: Sequence[dict[str, Any]],
) -> dict[str, Any]:
    return {
        "card_id": card,
        "row": row,
        "col": column,
        "size_x": width,
        "size_y": height,
        "series": [],
        "visualization_settings": settings,
        "parameter_mappings": list(mappings),
    }


# All of it


def provision(
    metabase: Metabase,
    connection: dict[str, Any],
    release: Path,
    content: Mapping[str, Any],
    seconds: float = _SYNC_SECONDS,
) -> dict[str, int]:
    """Bring Metabase to what is declared, for this release, and ask every question once.

    Returns:
        Rows that each question gives.

    Raises:
        MetabaseError: something is refused, or a question has no answer.
    """
    dictionary = read_dictionary(release)
    wanted = {model["table"]: set(dictionary[model["table"]][1]) for model in content["models"]}
    database = connect(metabase, connection)
    tables = wait_for_tables(metabase, database, wanted, seconds)
    describe(metabase, tables, dictionary)
    collection = Collection(metabase, **content["collection"])
    models = {}
    for model in content["models"]:
        table = tables[model["table"]]
        text = dictionary[model["table"]][0]
        card = collection.save("dataset", model_card(model, database, table, text))
        models[model["name"]] = Question(card, table)
    questions = {}
    for question in content["questions"]:
        model = models[question["model"]]
        card = question_card(question, database, model.id, model.table)
        questions[question["name"]] = Question(collection.save("card", card), model.table)
    for dashboard in content["dashboards"]:
        save_dashboard(metabase, collection, dashboard, questions)
    return {name: _count_rows(metabase, name, made.id) for name, made in questions.items()}


def _count_rows(metabase: Metabase, name: str, card: int) -> int:
    answer = metabase.post(f"/api/card/{card}/query", {"ignore_cache": True})
    if answer["status"] != "completed":
        raise MetabaseError(f"'{name}' has no answer: {answer.get('error', answer['status'])}")
    return len(answer["data"]["rows"])


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("engine", choices=["duckdb", "postgres"])
    parser.add_argument("--url", default=os.environ.get("METABASE_URL", "http://127.0.0.1:3001"))
    parser.add_argument(
        "--release", type=Path, default=Path("warehouse/published/current"), help="folder on disk"
    )
    parser.add_argument(
        "--mount", default=MOUNT, help="the folder of releases, as Metabase sees it"
    )
    parser.add_argument("--schema", default="gongkai", help="schema that the export loaded")
    options = parser.parse_args(arguments)
    metabase = Metabase(options.url, os.environ)
    connection = (
        duckdb_connection(options.release, options.mount)
        if options.engine == "duckdb"
        else postgres_connection(os.environ, options.schema)
    )
    content = yaml.safe_load(CONTENT.read_text(encoding="utf-8"))
    try:
        metabase.log_in()
        rows = provision(metabase, connection, options.release, content)
    except MetabaseError as error:
        print(error, file=sys.stderr)
        return 1
    for name, count in rows.items():
        print(f"{count:>6}  {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
