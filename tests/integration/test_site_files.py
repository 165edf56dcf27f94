"""The static site of the sample's release: whole, linked, in both languages, deaf to what documents say."""

import json
import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import duckdb
import pytest

from pages.site import write_site

HOSTILE = "<script>alert(1)</script>'\"><img src=x onerror=alert(2)>"


class Links(HTMLParser):
    """Addresses and names of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.names: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name in ("href", "src") and value is not None:
                self.addresses.append(value)
            elif name == "id" and value:
                self.names.add(value)


@pytest.fixture(scope="module")
def site(built: tuple, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("pages") / "site"
    return write_site(built[0].current_release, target, with_data=True).folder


def pages(site: Path) -> Iterator[tuple[Path, str]]:
    for path in site.rglob("*.html"):
        if "release" not in path.relative_to(site).parts:
            yield path, path.read_text(encoding="utf-8")


def test_every_page_is_in_both_languages(site: Path) -> None:
    chinese = {path.relative_to(site / "zh") for path in (site / "zh").rglob("*.html")}
    english = {path.relative_to(site / "en") for path in (site / "en").rglob("*.html")}
    assert chinese == english
    assert {path.parts[0] for path in chinese} >= {"index.html", "region", "body", "form"}


def test_every_link_leads_somewhere(site: Path) -> None:
    read = {path: Links(text) for path, text in pages(site)}
    for path, links in read.items():
        for address in links.addresses:
            parts = urlsplit(address)
            if parts.scheme:
                assert parts.scheme in ("http", "https"), address
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.exists(), f"{path}: {address}"
            if parts.fragment and target.suffix == ".html":
                assert unquote(parts.fragment) in read[target].names, f"{path}: {address}"


def test_figures_lead_to_lines_that_hold_them(site: Path) -> None:
    checked = 0
    for path in (site / "zh" / "body").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        name = re.search(r'data-lines="([^"]+)"', text)[1]
        found = re.findall(r'data-at="([^"]+)">([^<]+)<', text)
        if not found:
            continue
        script = (site / "data" / f"{name}.js").read_text(encoding="utf-8")
        lines = json.loads(re.fullmatch(r"gongkai\.take\(\"[^\"]+\",(.*)\);\n", script)[1])
        for place, shown in found:
            report, line, span = place.split()
            start, end = map(int, span.split("-"))
            printed = lines[int(report)][line][start:end]
            # Prose prints a unit as well: 12件, 1.2万件.
            number = re.match(r"[\d,.]+", printed)[0].replace(",", "")
            times = 10_000 if "万" in printed and "万元" not in printed else 1
            assert float(number) * times == float(shown.replace(",", ""))
            checked += 1
    assert checked > 100


def test_a_discrepancy_stands_with_both_sides_and_its_marked_line(site: Path) -> None:
    (text,) = [t for p, t in pages(site / "en" / "body") if "783" in t and "927" in t]
    assert re.search(
        r"printed <strong>783</strong>.*?should agree with <strong>927</strong>", text, re.DOTALL
    )
    assert re.search(r"<mark>783\w?</mark>", text)


def test_an_unstated_figure_is_a_dash_and_a_printed_zero_is_zero(site: Path) -> None:
    (text,) = [t for p, t in pages(site / "zh" / "region") if p.stem == "500155"]
    row = re.search(r"<tr>\s*<th scope=\"row\">2021.*?</tr>", text, re.DOTALL)[0]
    assert re.findall(r"<td>([^<]*)</td>", row)[0] == "0"  # carried in
    (lost,) = [t for p, t in pages(site / "zh" / "region") if p.stem == "331102"]
    assert "<td>–</td>" in lost


def test_what_documents_say_is_never_markup(built: tuple, tmp_path: Path) -> None:
    release = tmp_path / "release"
    shutil.copytree(built[0].current_release.resolve(), release)
    with duckdb.connect(str(release / "gongkai.duckdb")) as connection:
        for statement in (
            "update reporting.source_passages set passage = ? || passage",
            "update marts.dim_publisher set publisher_name = ? || publisher_name",
            "update marts.dim_report set title = ?",
            "update reporting.report_overview set document = ?, source_url = 'javascript:alert(3)'",
        ):
            connection.execute(statement, [HOSTILE])
    site = write_site(release, tmp_path / "site").folder
    for _, text in pages(site):
        assert "<img" not in text and "<script>alert" not in text and "javascript:" not in text
    assert any("&lt;script&gt;alert(1)" in text for _, text in pages(site))


def test_a_table_without_csv_says_so_among_the_downloads(built: tuple, tmp_path: Path) -> None:
    release = tmp_path / "release"
    shutil.copytree(built[0].current_release.resolve(), release)
    manifest = json.loads((release / "manifest.json").read_bytes())
    manifest["without_csv"] = ["reporting.series"]
    del manifest["files"]["csv/reporting__series.csv"]
    (release / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    site = write_site(release, tmp_path / "site").folder
    for language, told in (("zh", "无（行数过多）"), ("en", "none: too many rows")):
        text = (site / language / "data.html").read_text("utf-8")
        assert text.count(told) == 1
        row = re.search(r"<code>reporting\.series</code>.*?</tr>", text)[0]
        assert told in row and "parquet/reporting__series.parquet" in row


def test_a_site_replaces_the_last_one(built: tuple, tmp_path: Path) -> None:
    first = write_site(built[0].current_release, tmp_path / "site")
    (first.folder / "zh" / "old.html").write_text("")
    again = write_site(built[0].current_release, tmp_path / "site")
    assert again == first
    assert not (again.folder / "zh" / "old.html").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
