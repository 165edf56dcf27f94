"""Models carry their names, contracts and descriptions as STYLE asks."""

import re
from functools import cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "dbt" / "models"
SQL = sorted(MODELS.rglob("*.sql"))
ALL = sorted([*SQL, *MODELS.rglob("*.py")])
MARTS = [path for path in SQL if path.parent.name in {"marts", "reporting"}]
PREFIX = {
    "staging": r"stg_annual_report__\w+",
    "intermediate": r"int_\w+",
    "marts": r"(?:fct|dim|bridge)_\w+|rule_applicability",
    "reporting": r"\w+",
}
HAN = re.compile("[\u3400-\u9fff]")
LATIN = re.compile("[A-Za-z]{3}")


@cache
def properties() -> dict[str, dict]:
    found = {}
    for path in MODELS.rglob("*.yml"):
        for model in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("models", []):
            found[model["name"]] = {"file": path.stem, **model}
    return found


@cache
def doc_blocks() -> dict[str, str]:
    """Descriptions that several models share: a column is described once."""
    blocks = re.compile(r"{%\s*docs (\w+)\s*%}(.*?){%\s*enddocs\s*%}", re.DOTALL)
    return {
        found[1]: found[2]
        for path in MODELS.rglob("*.md")
        for found in blocks.finditer(path.read_text(encoding="utf-8"))
    }


def described(text: str) -> str:
    return re.sub(r"{{\s*doc\('(\w+)'\)\s*}}", lambda found: doc_blocks()[found[1]], text)


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_a_model_is_named_after_its_layer(path: Path) -> None:
    assert re.fullmatch(PREFIX[path.parent.name], path.stem)


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_a_model_opens_by_saying_what_a_row_is(path: Path) -> None:
    first = path.read_text(encoding="utf-8").lstrip()
    assert first.startswith(("-- One row", "{#", "{{", '"""One row')) and "One row" in first[:600]


@pytest.mark.parametrize("path", MARTS, ids=lambda path: path.stem)
def test_a_mart_is_described_in_both_languages_with_its_grain(path: Path) -> None:
    model = properties()[path.stem]
    assert model["file"] == path.stem
    description = " ".join(model["description"].split())
    assert "One row per" in description
    assert HAN.search(description) and LATIN.search(description)


@pytest.mark.parametrize("path", MARTS, ids=lambda path: path.stem)
def test_every_column_of_a_mart_is_described_in_both_languages(path: Path) -> None:
    for column in properties()[path.stem]["columns"]:
        description = described(column.get("description", ""))
        assert HAN.search(description) and LATIN.search(description), column["name"]


@pytest.mark.parametrize(
    "path", [m for m in MARTS if m.parent.name == "marts"], ids=lambda path: path.stem
)
def test_a_mart_has_a_contract(path: Path) -> None:
    model = properties()[path.stem]
    assert model["config"]["contract"]["enforced"] is True
    assert all(column.get("data_type") for column in model["columns"])


@pytest.mark.parametrize("path", SQL, ids=lambda path: path.stem)
def test_only_staging_reads_sources(path: Path) -> None:
    sql = path.read_text(encoding="utf-8")
    if path.parent.name != "staging":
        assert not re.search(r"\bsource\(", sql)


@pytest.mark.parametrize("path", SQL, ids=lambda path: path.stem)
def test_no_model_depends_on_the_clock(path: Path) -> None:
    assert not re.search(r"current_(?:date|timestamp)|now\(\)", path.read_text(encoding="utf-8"))
