"""The cookbook's questions and answers, read from the document; run to write the answers anew.

python -m tests.cookbook path/to/gongkai.duckdb
"""

import re
import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb

COOKBOOK = Path(__file__).resolve().parents[1] / "docs" / "cookbook.md"
_RECIPE = re.compile(
    r"^## (?P<title>\d+\. [^\n]+)\n(?P<text>(?:(?!^## )[^`])*)```sql\n(?P<sql>.*?)```\n\n"
    r"(?P<answer>(?:\|[^\n]*\n)*)\n?",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Recipe:
    """One question: its title in both languages, its SQL, and the answer as a Markdown table."""

    title: str
    sql: str
    answer: str


def read_recipes() -> list[Recipe]:
    """All questions of the document, in order."""
    return [
        Recipe(found["title"], found["sql"], found["answer"])
        for found in _RECIPE.finditer(COOKBOOK.read_text(encoding="utf-8"))
    ]


def read_snippets(language: str) -> list[str]:
    """The code blocks of the document in a language."""
    return re.findall(
        rf"^```{language}\n(.*?)^```",
        COOKBOOK.read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )


def write_answer(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """The rows of a query as a Markdown table; an empty field is NULL."""
    result = connection.execute(sql)
    names = [column[0] for column in result.description]
    rows = [names, ["---"] * len(names), *([_spell(v) for v in row] for row in result.fetchall())]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _spell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value).replace("|", "\\|").replace("\n", " ")


def _write(database: str) -> None:
    text = COOKBOOK.read_text(encoding="utf-8")
    with duckdb.connect(database, read_only=True) as connection:
        for found in reversed(list(_RECIPE.finditer(text))):
            answer = write_answer(connection, found["sql"])
            text = f"{text[: found.start('answer')]}{answer}\n{text[found.end() :]}"
    COOKBOOK.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    _write(sys.argv[1])
