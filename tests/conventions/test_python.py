"""Who may import what, and how modules present themselves."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("loaders", "dagster_project", "distributed", "expectations", "pages")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
SPARK = {"pyspark", "dagster_pyspark", "distributed"}
NEVER = {
    "dagster_project": SPARK,
    "loaders": {"dagster", "dagster_dbt", "dbt", "duckdb", "great_expectations", "dagster_project", "expectations", *SPARK},
    "expectations": {"dagster", "dagster_dbt", "dagster_project", *SPARK},
    "pages": {"dagster", "dagster_dbt", "dbt", "great_expectations", "dagster_project", "expectations", *SPARK},
}  # fmt: skip
# Text to rows: these modules may look at nothing but their arguments.
IMPURE = {"os", "time", "random", "socket", "subprocess", "requests", "logging"}
LONGEST_MODULE = 500


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_layers_import_only_what_stands_before_them(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    assert imports_of(path) & NEVER.get(package, set()) == set()


@pytest.mark.parametrize(
    "path", [m for m in MODULES if "loaders" in m.parts and "formats" not in m.parts], ids=name
)
def test_loaders_look_at_nothing_but_their_arguments(path: Path) -> None:
    assert imports_of(path) & IMPURE == set()


@pytest.mark.parametrize("path", [m for m in MODULES if m.stat().st_size], ids=name)
def test_a_module_says_what_belongs_in_it(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_can_be_read_in_one_sitting(path: Path) -> None:
    # The dictionary's reader is long because the dictionary has many files, each read alike.
    limit = 2 * LONGEST_MODULE if path.name == "form.py" else LONGEST_MODULE
    assert len(path.read_text(encoding="utf-8").splitlines()) <= limit


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_public_functions_are_described_and_typed(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        assert ast.get_docstring(node), f"{name(path)}: {node.name} has no docstring"
        assert node.returns is not None, f"{name(path)}: {node.name} has no return type"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_frozen_is_the_rule_for_public_dataclasses(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    for found in re.finditer(r"@dataclass(?P<arguments>\([^)]*\))?\nclass (?P<name>\w+)", source):
        if "frozen=True" in (found["arguments"] or ""):
            continue
        body = source[found.start() : found.start() + 1200]
        assert "field(" in body or "list[" in body, (
            f"{name(path)}: {found['name']} should be frozen"
        )
