"""The dictionary is declared once: codes and labels of the forms stand nowhere else."""

import csv
import re
from pathlib import Path

import pytest

from loaders.form import Form

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(
    r"['\"]((?:req|out|n14x?|p13|p8|pfj|narr|a20|appeal_review|appeal_litig)_[a-z0-9_]*[a-z0-9])['\"]"
)
HAN = re.compile("[\u3400-\u9fff]")
SQL = sorted((ROOT / "dbt" / "models").rglob("*.sql"))
PYTHON = sorted(
    path
    for package in ("loaders", "dagster_project", "expectations")
    for path in (ROOT / package).rglob("*.py")
)


def without_comments(sql: str) -> str:
    return re.sub(r"--[^\n]*|\{#.*?#\}", "", sql, flags=re.DOTALL)


@pytest.mark.parametrize("path", SQL, ids=lambda path: path.stem)
def test_models_hold_no_literals_of_the_form(path: Path) -> None:
    sql = without_comments(path.read_text(encoding="utf-8"))
    assert CODE.findall(sql) == []
    assert HAN.findall(sql) == []


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_code_used_is_in_the_dictionary(path: Path, form: Form) -> None:
    codes = {line.indicator_code for line in form.all_lines}
    assert set(CODE.findall(path.read_text(encoding="utf-8"))) <= codes


def test_every_rule_has_terms_and_editions(form: Form) -> None:
    for rule in form.rules:
        assert rule.editions, rule.rule_id
        assert rule.terms or rule.rule_kind == "domain", rule.rule_id


@pytest.mark.parametrize(
    "path", sorted((ROOT / "dbt" / "seeds").rglob("*.csv")), ids=lambda path: path.stem
)
def test_seed_files_are_tidy(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.endswith("\n") and "\r" not in text
    header, *rows = csv.reader(text.splitlines())
    assert len(set(header)) == len(header)
    assert all(len(row) == len(header) for row in rows)
    assert all(cell == cell.strip() for row in rows for cell in row)
