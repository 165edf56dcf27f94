"""The filter before the parser: nothing that is a report may be held back by it."""

import re
from pathlib import Path

import pytest

from dagster_project.containers import ContainerSettings
from dagster_project.containers.relevance import is_relevant
from dagster_project.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
TERMS = ContainerSettings().relevant_terms
TEXTS = sorted((ROOT / "tests" / "corpus").rglob("*.txt"))
SAMPLE = sorted((ROOT / "warehouse" / "landing").rglob("*.txt"))
ENCODINGS = ("utf-8", "gb18030", "utf-16-le", "utf-16-be")


def spell(text: str, encoding: str) -> bytes:
    return text.encode(encoding, "surrogatepass" if encoding.startswith("utf") else "strict")


@pytest.mark.parametrize("path", SAMPLE, ids=lambda path: path.stem)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_document_of_the_sample_passes(path: Path, encoding: str) -> None:
    assert is_relevant(spell(path.read_bytes().decode(), encoding), TERMS)


def test_every_seed_and_every_case_passes(shared: Path) -> None:
    paths = [path for name in ("seeds", "cases") for path in (shared / name).iterdir()]
    paths = [path for path in paths if path.suffix in (".txt", ".pdf")]
    assert len(paths) >= 8
    for path in paths:
        data = path.read_bytes()
        assert is_relevant(data, TERMS), path.name
        if path.suffix == ".txt":
            for encoding in ENCODINGS:
                assert is_relevant(spell(data.decode(), encoding), TERMS), (path.name, encoding)


def test_every_whole_report_of_the_corpus_passes(form) -> None:
    """Snippets of the corpus show one trap each; those that are a report in themselves must pass."""
    from loaders.parse import parse

    reports = 0
    for path in TEXTS:
        data = path.read_bytes()
        parsed = parse(data, "text/plain", form)
        if any(report.doc_type == "annual_report" for report in parsed.reports):
            reports += 1
            assert is_relevant(data, TERMS), path.name
    assert reports >= 15


@pytest.mark.parametrize("shape", ["&#{};", "&#x{:x};", "&#x{:X};", "\\u{:04x}", "\\u{:04X}"])
@pytest.mark.parametrize("term", TERMS)
def test_escaped_text_passes(shape: str, term: str) -> None:
    escaped = "".join(shape.format(ord(c)) for c in f"某县政府{term}年度报告")
    assert is_relevant(escaped.encode(), TERMS)


@pytest.mark.parametrize("term", TERMS)
@pytest.mark.parametrize("encoding", [*ENCODINGS, "big5hkscs"])
def test_every_encoding_of_a_term_is_known(term: str, encoding: str) -> None:
    try:
        data = spell(f"2021年 {term} 报", encoding)
    except UnicodeEncodeError:
        data = spell(f"2021年 {term[-1]}", "utf-8") + term.encode(encoding, "ignore")
        if term.encode(encoding, "ignore").decode(encoding) != term:
            pytest.skip(f"{encoding} cannot write {term}")
    assert is_relevant(data, TERMS)


def test_other_text_does_not_pass() -> None:
    for text in ("今天天气很好，我们去公园散步。", "信息 公开", "政府工作报告", ""):
        for encoding in ENCODINGS:
            assert not is_relevant(spell(text, encoding), TERMS)


def test_packed_formats_pass_and_so_does_everything_without_terms() -> None:
    for magic in (b"%PDF-1.7", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        assert is_relevant(magic + bytes(10), TERMS)
    assert is_relevant(b"anything", ())


def test_one_filter_is_used_everywhere() -> None:
    assert Settings().relevant_terms == TERMS
    for path in (ROOT / "distributed").rglob("*.py"):
        assert not re.search("信息|公开", path.read_text(encoding="utf-8")), path.name
