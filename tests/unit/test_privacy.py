"""A release tells nothing of people: what is copied is masked, what is left over blocks it."""

from datetime import date

import duckdb
import pytest

from dagster_project import privacy
from dagster_project.parsing import LONGEST_PASSAGE, passage_around
from dagster_project.previews import as_markdown, draw_bars
from dagster_project.privacy import PersonalDetailsError, find_in_database
from dagster_project.publish import publish
from dagster_project.store import Reader
from tests.releasing import create_form

READER = Reader("1.0", "dictionary")
TODAY = date(2026, 11, 23)
SECRETS = ("张三丰", "13812345678", "330802198001011234", "zhang.san@qz.gov.cn")
LINE = f"单位负责人：{SECRETS[0]} 电话{SECRETS[1]} 身份证{SECRETS[2]} {SECRETS[3]} 申请997件"


@pytest.fixture
def database(tmp_path):
    """A warehouse with personal details in every kind of column, and in a view."""
    path = tmp_path / "gongkai.duckdb"
    with duckdb.connect(path) as connection:
        for schema in ("raw", "marts", "reporting", "form"):
            connection.execute(f"create schema {schema}")
        connection.execute("create table marts.t (id text, line text, cell_text text, n bigint)")
        rows = [
            (f"{i:016x}-1", LINE if i % 2 else f"申请{i}件", str(SECRETS[1]), i) for i in range(9)
        ]
        connection.executemany("insert into marts.t values (?, ?, ?, ?)", [*rows, (None,) * 4])
        connection.execute("create view reporting.v as select line || '。' as passage from marts.t")
        connection.execute(
            "create table form.form_rule as select 'R1' as rule_id, '审核人' as label"
        )
        create_form(connection)
        connection.execute("comment on table marts.t is 'Cases. 办件。 One row per case.'")
    return path


def all_bytes(folder):
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.fixture(params=[0, 10_000], ids=["many rows", "few rows"], autouse=True)
def few_rows(request, monkeypatch):
    """Tables of many rows are looked through in another way than those of few."""
    monkeypatch.setattr(privacy, "_FEW_ROWS", request.param)


def test_nothing_personal_is_copied_and_nothing_else_is_changed(database, tmp_path):
    folder = publish(database, tmp_path / "published", READER, TODAY).folder
    written = all_bytes(folder)
    assert not [secret for secret in SECRETS if secret.encode() in written]
    with duckdb.connect(folder / "gongkai.duckdb", read_only=True) as connection:
        lines = connection.execute(
            "select line, count(*), sum(n) from marts.t group by all"
        ).fetchall()
        assert len(lines) == 7
        (masked,) = [row for row in lines if row[0] and "■" in row[0]]
        assert masked[0].endswith("申请997件") and len(masked[0]) == len(LINE)
        assert masked[1:] == (4, 1 + 3 + 5 + 7)
        assert connection.execute("select count(*) from marts.t").fetchone() == (10,)
        passages = connection.execute("select count(*) from reporting.v where passage like '%■%'")
        assert passages.fetchone() == (4,)


@pytest.mark.parametrize(
    ("plant", "place"),
    [
        ("insert into form.form_rule values ('R2', '审核人：张三')", "form.form_rule.label"),
        ("create table marts.u as select ['电话 13812345678'] as names", "marts.u.names"),
        (
            "comment on table marts.t is 'Cases. 联系人：张三。 One row per case.'",
            "data_dictionary",
        ),
    ],
)
def test_what_is_left_over_blocks_the_release(database, tmp_path, plant, place):
    published = tmp_path / "published"
    before = publish(database, published, READER, TODAY)
    with duckdb.connect(database) as connection:
        connection.execute(plant)
        connection.execute("insert into marts.t (n) values (9)")
    with pytest.raises(PersonalDetailsError, match=place) as refused:
        publish(database, published, READER, TODAY)
    assert "张三" not in str(refused.value) and "138" not in str(refused.value)
    assert (published / "current").resolve() == before.folder
    # The next run is not held up by what this one left.
    with duckdb.connect(database) as connection:
        connection.execute("delete from form.form_rule where rule_id = 'R2'")
        connection.execute("drop table if exists marts.u")
        connection.execute("comment on table marts.t is 'Cases. 办件。 One row per case.'")
        connection.execute("insert into marts.t (n) values (10)")
    assert publish(database, published, READER, TODAY).is_new


def test_stricter_rules_make_another_release(database, tmp_path, monkeypatch):
    publish(database, tmp_path / "published", READER, TODAY)
    monkeypatch.setattr("dagster_project.publish.sign_rules", lambda: "stricter")
    assert publish(database, tmp_path / "published", READER, TODAY).is_new


def test_the_sample_release_tells_nothing(built):
    assert find_in_database(built[0].current_release / "gongkai.duckdb") == []


def test_what_names_a_report_or_a_document_stays(database, tmp_path):
    """A hash may hold eleven digits that look like a telephone number: one in 3,500 does."""
    names = [
        "43b07833573536ec-1",
        "bd03452520155d3e-12",
        "13812345678abcde-1",
        "a138123" + "4" * 57,
    ]
    with duckdb.connect(database) as connection:
        connection.execute("create table marts.r as select unnest(?) as report_id", [names])
        connection.execute("insert into marts.t (line) values ('43b07833573536ec，13812345678')")
    folder = publish(database, tmp_path / "published", READER, TODAY).folder
    with duckdb.connect(folder / "gongkai.duckdb", read_only=True) as connection:
        assert connection.execute("from marts.r").fetchall() == [(name,) for name in sorted(names)]
        told = "select line from marts.t where line like '%，%'"
        assert connection.execute(told).fetchall() == [("43b■■■■■■■■■■■ec，■■■■■■■■■■■",)]


def test_a_passage_is_bounded_and_no_number_is_cut_open():
    line = "申请若干，" * 2000
    number = "13812345678"
    for at in range(4_380, 4_420):
        text = "上一行\n" + line[:at] + number + line[at:] + "\n下一行"
        start, passage = passage_around(text, 4 + 800)
        assert 3_900 < len(passage) <= LONGEST_PASSAGE
        assert not [number[i : i + 4] for i in range(8) if number[i : i + 4] in passage]
        assert start <= 4 + 800 < start + len(passage)
    assert passage_around("一\n短行 1\r\n三", 3) == (2, "短行 1")


def test_a_mask_moves_no_figure():
    text = "一\n审核人：张三丰 电话：0571-88881234 受理2件，答复2件"
    at = text.rindex("2")
    start, passage = passage_around(text, at)
    assert "张三丰" not in passage and "8888" not in passage
    assert passage[at - start] == "2" and passage[at - start :] == "2件"


def test_previews_tell_nothing():
    shown = as_markdown(["line"], [[LINE]]) + draw_bars("x", [("审核人：张三丰", 1.0)])
    assert not [secret for secret in SECRETS if secret in shown]
    assert shown.count("■") >= len("".join(SECRETS[:3]))


def test_each_column_has_its_own_findings_counted_once_a_text(tmp_path):
    with duckdb.connect(tmp_path / "release.duckdb") as connection:
        connection.execute(
            "create table t as select unnest([?, ?, null, '申请3件']) as text_1, "
            "unnest(['', ?, null, ?]) as text_0, [?] as list, 5 as n",
            [LINE, LINE, LINE, SECRETS[3], LINE],
        )
    found = {
        (finding.place, finding.count) for finding in find_in_database(tmp_path / "release.duckdb")
    }
    assert found == {("main.t.text_1", 1), ("main.t.text_0", 2), ("main.t.list", 1)}
