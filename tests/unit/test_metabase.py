"""Metabase's provisioning, whole, against a stand-in for Metabase on the sample release."""

import copy
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import yaml

from bi.metabase import provision as script
from bi.metabase.provision import Metabase, MetabaseError, duckdb_connection, provision
from tests.metabase import KEY, PASSWORD, USER, FakeMetabase, serving

CONTENT = yaml.safe_load(script.CONTENT.read_text(encoding="utf-8"))
LITTLE = {
    **CONTENT,
    "models": CONTENT["models"][:1],
    "questions": CONTENT["questions"][:1],
    "dashboards": [],
}
"""For tests that need no more than one question."""

SECRETS = {"METABASE_USER": USER, "METABASE_PASSWORD": PASSWORD}


@pytest.fixture
def release(built: tuple) -> Path:
    return built[0].current_release


@pytest.fixture
def fake(release: Path) -> Iterator[FakeMetabase]:
    with serving(FakeMetabase(release / "gongkai.duckdb")) as fake:
        yield fake


def run(fake: FakeMetabase, release: Path, content: dict = CONTENT) -> dict[str, int]:
    metabase = Metabase(fake.url, SECRETS)
    metabase.log_in()
    return provision(metabase, duckdb_connection(release), release, content, seconds=1)


def state(fake: FakeMetabase) -> str:
    kept = (fake.databases, fake.tables, fake.fields, fake.collections, fake.cards)
    return json.dumps([*kept, fake.dashboards])


def test_an_empty_metabase_gets_everything(fake: FakeMetabase, release: Path) -> None:
    rows = run(fake, release)
    assert set(rows) == {question["name"] for question in CONTENT["questions"]}
    # The sample holds no table back.
    assert [name for name, count in rows.items() if not count] == ["Reports with a table held back"]
    (database,) = fake.databases.values()
    assert database["details"]["read_only"] is True
    dashboards = {d["name"]: d for d in fake.dashboards.values()}
    assert set(dashboards) == {d["name"] for d in CONTENT["dashboards"]}
    for declared in CONTENT["dashboards"]:
        made = dashboards[declared["name"]]
        assert len(made["dashcards"]) == 1 + sum(map(len, declared["rows"]))
        mapped = [
            m["parameter_id"] for card in made["dashcards"] for m in card["parameter_mappings"]
        ]
        assert set(mapped) == {parameter["id"] for parameter in made["parameters"]}
    placed = [name for d in CONTENT["dashboards"] for row in d["rows"] for name, _, _ in row]
    assert sorted(placed) == sorted(rows), "every question stands on one dashboard"


def test_tables_columns_and_models_are_described_by_dbt(fake: FakeMetabase, release: Path) -> None:
    run(fake, release)
    with duckdb.connect(release / "gongkai.duckdb", read_only=True) as connection:
        comments = dict(
            connection.execute(
                "select table_name || '.' || column_name, comment from duckdb_columns()"
            ).fetchall()
        )
    used = {model["table"] for model in CONTENT["models"]}
    tables = {t["id"]: t for t in fake.tables.values() if t["name"] in used}
    texts = {table["name"]: table["description"] for table in tables.values()}
    texts.pop("release")  # the one table that dbt does not make
    assert all("One row per" in text for text in texts.values())
    fields = [f for f in fake.fields.values() if f["table_id"] in tables]
    assert len(fields) > 100
    for entry in fields:
        name = f"{tables[entry['table_id']]['name']}.{entry['name']}"
        assert entry["description"] == comments[name], name
    models = [card["description"] for card in fake.cards.values() if card["type"] == "model"]
    assert set(texts.values()) <= set(models)


def test_a_second_run_changes_nothing(fake: FakeMetabase, release: Path) -> None:
    first = run(fake, release)
    before = state(fake)
    fake.writes.clear()
    assert run(fake, release) == first
    assert state(fake) == before
    assert {method for method, _ in fake.writes} == {"PUT"}, "nothing is made twice"
    assert not [path for _, path in fake.writes if path.startswith(("/api/field", "/api/table"))]
    assert fake.syncs == 2


def test_a_new_release_moves_the_connection(
    fake: FakeMetabase, release: Path, tmp_path: Path
) -> None:
    run(fake, release, LITTLE)
    newer = tmp_path / "2099.01.01.1"
    newer.mkdir()
    shutil.copyfile(release / "gongkai.duckdb", newer / "gongkai.duckdb")
    with duckdb.connect(newer / "gongkai.duckdb") as connection:
        connection.execute("alter table reporting.region_year add column added_count integer")
        connection.execute("comment on column reporting.region_year.added_count is '新增。'")
    (tmp_path / "current").symlink_to(newer)
    fake.release = newer / "gongkai.duckdb"
    cards = len(fake.cards)
    run(fake, tmp_path / "current", LITTLE)
    (database,) = fake.databases.values()
    assert database["details"]["database_file"] == "/releases/2099.01.01.1/gongkai.duckdb"
    added = [f for f in fake.fields.values() if f["name"] == "added_count"]
    assert [entry["description"] for entry in added] == ["新增。"]
    assert len(fake.cards) == cards


def test_what_the_editors_made_stays(fake: FakeMetabase, release: Path) -> None:
    run(fake, release, LITTLE)
    own = copy.deepcopy(next(c for c in fake.cards.values() if c["type"] == "question"))
    fake.cards[9999] = own | {"id": 9999, "name": "A question of the newsroom"}
    run(fake, release, LITTLE)
    assert fake.cards[9999]["name"] == "A question of the newsroom"


def test_a_table_that_is_not_there_is_named(fake: FakeMetabase, release: Path) -> None:
    fake.polls_until_synced = 10**6
    with pytest.raises(MetabaseError, match=r"does not see region_year\.\w+"):
        run(fake, release, LITTLE)


def test_a_question_without_an_answer_is_named(fake: FakeMetabase, release: Path) -> None:
    def fail(number: int, body: object) -> dict:
        return {"status": "failed", "error": "out of memory"}

    fake._query = fail
    with pytest.raises(MetabaseError, match=r"'Requests' has no answer: out of memory"):
        run(fake, release, LITTLE)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"display": "globe"}, "display"),
        ({"aggregations": [["median", "new_count"]]}, "no aggregation: median"),
        ({"filters": [["between", "report_year", 2018, 2020]]}, "no operator: between"),
    ],
)
def test_a_question_that_metabase_refuses_stops_the_run(
    change: dict, message: str, fake: FakeMetabase, release: Path
) -> None:
    content = copy.deepcopy(LITTLE)
    content["questions"][0].update(change)
    with pytest.raises(MetabaseError, match=f"POST /api/card: 400 .*{message}"):
        run(fake, release, content)


def test_a_connection_of_another_kind_is_not_taken_over(fake: FakeMetabase, release: Path) -> None:
    run(fake, release, LITTLE)
    metabase = Metabase(fake.url, SECRETS)
    metabase.log_in()
    connection = script.postgres_connection({"GONGKAI_POSTGRES_PASSWORD": "x"}, "gongkai")
    with pytest.raises(MetabaseError, match="another kind"):
        script.connect(metabase, connection)


def test_postgres_takes_the_same_content(fake: FakeMetabase, release: Path) -> None:
    metabase = Metabase(fake.url, {"METABASE_API_KEY": KEY})
    metabase.log_in()
    settings = {"GONGKAI_POSTGRES_HOST": "db", "GONGKAI_POSTGRES_PASSWORD": "kept"}
    connection = script.postgres_connection(settings, "gongkai")
    rows = provision(metabase, connection, release, CONTENT, seconds=1)
    assert rows["Regions"] and rows["The lines behind them"]
    (database,) = fake.databases.values()
    assert database["details"]["schema-filters-patterns"] == "gongkai"


def test_who_may_not_log_in_is_told(fake: FakeMetabase) -> None:
    with pytest.raises(MetabaseError, match="METABASE_USER is not set"):
        Metabase(fake.url, {}).log_in()
    fake.set_up = True
    with pytest.raises(MetabaseError, match="401") as refusal:
        Metabase(fake.url, SECRETS | {"METABASE_PASSWORD": "guessed"}).log_in()
    assert "guessed" not in str(refusal.value)
    with pytest.raises(MetabaseError, match="does not answer"):
        Metabase("http://127.0.0.1:1", SECRETS).log_in()
