"""The corpus file by file, and beside it the truth it was drawn from.

One province is in memory at a time. Documents go to `landing/country/`, the truth to `truth/`: reports,
figures, claims, planted errors and the rules that must fail, all under the id that the warehouse gives.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from bench.country.bodies import YEARS, Body, Place, list_bodies, list_provinces, read_places, walk
from bench.country.equations import Figures, Operand, find_failures, list_equations
from bench.country.figures import (
    NARRATIVE,
    Counts,
    State,
    choose_form,
    draw_counts,
    draw_tables,
    state_claims,
)
from bench.country.writing import (
    Print,
    choose_mirror,
    choose_print,
    is_printed_in_full,
    print_figures,
    write_text,
)
from loaders.bodies.region import Regions
from loaders.form import Form
from tests.drawing import with_a_wrong_sum
from tests.layouts import Drawn

_FILE_ROWS = 5_000
_MONEY = pa.decimal128(24, 6)
_TEXT = pa.dictionary(pa.int32(), pa.string())
SCHEMAS = {
    "documents": pa.schema(
        [("text", pa.string()), ("source_url", pa.string()), ("published_date", pa.string())]
    ),
    "reports": pa.schema(
        [
            ("report_id", pa.string()),
            ("body_id", _TEXT),
            ("is_government", pa.bool_()),
            ("region_code", _TEXT),
            ("province_code", _TEXT),
            ("report_year", pa.int16()),
            ("form_id", _TEXT),
            ("scope", _TEXT),
            ("copy_kind", _TEXT),
            ("copied_report_id", pa.string()),
            ("edition_no", pa.int16()),
            ("location_count", pa.int16()),
            ("layout", _TEXT),
            ("change", _TEXT),
            ("spoil", _TEXT),
        ]
    ),
    "figures": pa.schema(
        [
            ("report_id", _TEXT),
            ("table_code", _TEXT),
            ("indicator_code", _TEXT),
            ("column_code", _TEXT),
            ("value", _MONEY),
            ("is_blank", pa.bool_()),
        ]
    ),
    "claims": pa.schema([("report_id", pa.string()), ("indicator_code", _TEXT), ("value", _MONEY)]),
    "errors": pa.schema(
        [
            ("report_id", pa.string()),
            ("indicator_code", _TEXT),
            ("column_code", _TEXT),
            ("printed_value", _MONEY),
            ("true_value", _MONEY),
        ]
    ),
    "failures": pa.schema([("report_id", pa.string()), ("rule_id", _TEXT), ("scope_code", _TEXT)]),
}


@dataclass(frozen=True)
class Plan:
    """How large the country is, and how often things happen in it."""

    reports: int
    seed: int = 1
    breadth: int = 1_000
    """Regions below each region, at most."""
    departments: float = 0.6
    """Per region, on average."""
    skipped: float = 0.04
    mirrored: float = 0.07
    twice: float = 0.01
    """The same bytes at two addresses."""
    wrong: float = 0.03
    corrected: float = 0.3
    """Of the wrong ones."""
    told: float = 0.6
    """Of the reports with tables: the text states the requests as well."""


class Version(NamedTuple):
    """One edition of a report: what its tables print, and where that is wrong."""

    tables: list[Drawn]
    error: tuple[Operand, Decimal, Decimal] | None


@dataclass
class _Sink:
    """Rows on their way to one Parquet file, flushed now and then."""

    path: Path
    schema: pa.Schema
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    writer: pq.ParquetWriter | None = None

    def flush(self) -> None:
        if self.writer is None:
            self.writer = pq.ParquetWriter(self.path, self.schema, compression="zstd")
        columns = list(zip(*self.rows, strict=True)) or [()] * len(self.schema)
        arrays = [
            pa.array(values, type_field.type)
            for values, type_field in zip(columns, self.schema, strict=True)
        ]
        self.writer.write_table(pa.Table.from_arrays(arrays, schema=self.schema))
        self.rows.clear()

    def close(self) -> None:
        self.flush()
        self.writer.close()


class Corpus:
    """Writes documents and truth below a folder."""

    def __init__(self, folder: Path) -> None:
        self.landing = folder / "landing" / "country"
        truth = folder / "truth"
        for path in (self.landing, truth):
            path.mkdir(parents=True)
        self.sinks = {
            name: _Sink(truth / f"{name}.parquet", schema)
            for name, schema in SCHEMAS.items()
            if name != "documents"
        }
        self.documents: _Sink | None = None
        self.count = 0

    def add_document(self, text: str, url: str, published: str) -> None:
        if self.count % _FILE_ROWS == 0:
            self.close_documents()
            path = self.landing / f"country-{self.count // _FILE_ROWS:03}.parquet"
            self.documents = _Sink(path, SCHEMAS["documents"])
        self.documents.rows.append((text, url, published))
        self.count += 1
        if len(self.documents.rows) >= 500:
            self.documents.flush()

    def add(self, name: str, row: tuple[Any, ...]) -> None:
        self.sinks[name].rows.append(row)

    def flush(self) -> None:
        for sink in self.sinks.values():
            sink.flush()

    def close_documents(self) -> None:
        if self.documents is not None:
            self.documents.close()

    def close(self) -> None:
        self.close_documents()
        for sink in self.sinks.values():
            sink.close()


def write_country(form: Form, regions: Regions, plan: Plan, folder: Path) -> Iterator[int]:
    """Draw province after province until there are enough reports.

    Yields:
        The number of documents so far, after each province.
    """
    corpus = Corpus(folder)
    for province in list_provinces(regions, Random(plan.seed)):
        _Province(form, regions, plan, corpus, province).draw()
        corpus.flush()
        yield corpus.count
        if corpus.count >= plan.reports:
            break
    corpus.close()


class _Province:
    """One province through all years."""

    def __init__(
        self, form: Form, regions: Regions, plan: Plan, corpus: Corpus, province_code: str
    ) -> None:
        self.form, self.regions, self.plan, self.corpus = form, regions, plan, corpus
        self.code = province_code
        self.seed = f"{plan.seed}-{province_code}"
        self.places = read_places(regions, province_code, plan.breadth)
        self.states: dict[str, State] = {}
        self.printed: dict[str, Figures] = {}
        """What each body's last report prints; none where it skipped the year."""

    def draw(self) -> None:
        last: dict[str, str] = {}
        for year in YEARS:
            below = self.places[year]
            parents = {p.place: above for above, places in below.items() for p in places}
            for place in last.keys() - parents.keys():
                self._dissolve(place, last[place], parents)
            self._draw_year(year, below)
            last = parents

    def _dissolve(self, place: str, above: str, alive: dict[str, str]) -> None:
        """What a region leaves behind goes on in the region above."""
        above = above if above in alive else self.code
        heir = self.states.setdefault(f"{above}-人民政府", State())
        for body in list_bodies(place, self.seed, self.plan.departments):
            heir.add(self.states.pop(body.body_id, State()))

    def _draw_year(self, year: int, below: dict[str, list[Place]]) -> None:
        form_id = choose_form(self.code, year)
        totals: dict[str, Counts] = {}
        printed: dict[str, Figures] = {}
        shown: dict[str, Figures] = {}
        for place, children in walk(below):
            total = Counts()
            government, *departments = list_bodies(place.place, self.seed, self.plan.departments)
            for body in departments:
                own = self._draw_own(body, place, year, form_id, 6)
                total.add(own)
                figures = self._publish(body, place, year, form_id, own, None)
                if figures is not None:
                    printed[body.body_id] = figures
            busy = {"province": 90, "prefecture": 40}.get(place.region.level, 15)
            total.add(self._draw_own(government, place, year, form_id, busy))
            for child in children:
                total.add(totals[child.place])
            totals[place.place] = total
            # What a zone reports may be inside what the division reports that it lies in.
            below_it = [
                shown[child.place]
                for child in children
                if child.place in shown and not self.regions.is_zone(child.region.region_code)
            ]
            figures = self._publish(government, place, year, form_id, total, _sum_up(below_it))
            if figures is not None:
                printed[government.body_id] = shown[place.place] = figures
        self.printed = printed

    def _draw_own(self, body: Body, place: Place, year: int, form_id: str, busy: int) -> Counts:
        random = Random(f"{self.seed}-{body.body_id}-{year}")
        state = self.states.setdefault(body.body_id, State())
        return draw_counts(random, self.form, form_id, state, busy)

    def _publish(
        self,
        body: Body,
        place: Place,
        year: int,
        form_id: str,
        counts: Counts,
        children: Figures | None,
    ) -> Figures | None:
        """Write every edition and copy of one report; what the last edition prints."""
        plan = self.plan
        random = Random(f"{self.seed}-{body.body_id}-{year}-report")
        if random.random() < plan.skipped:
            return None
        tables = draw_tables(self.form, form_id, counts)
        claims = state_claims(form_id, counts, tables, random.random() < plan.told)
        versions = [Version(tables, None)]
        if tables and random.random() < plan.wrong:
            spoiled = self._plant(random, form_id, tables)
            if spoiled is not None:
                versions = [spoiled]
                if random.random() < plan.corrected:
                    versions.append(Version(tables, None))
        shown = choose_print(random, versions[0].error is not None)
        first_id = ""
        figures: Figures = {}
        for number, version in enumerate(versions, start=1):
            prints = [shown]
            # A copy of a report that was corrected would be a copy of which of them?
            if len(versions) == 1 and random.random() < plan.mirrored:
                prints.append(choose_mirror(random, shown))
            prose = random.random()
            for look in prints:
                texts = print_figures(look, version.tables)
                text = write_text(
                    Random(prose), look, body, place, year, form_id, texts, claims, number > 1
                )
                report_id = hashlib.sha256(text.encode()).hexdigest()[:16] + "-1"
                figures = _read_off(look, version.tables, claims)
                copy_kind = "mirror" if look.is_mirror else "original"
                if len(versions) == 2:
                    copy_kind = ("superseded", "revision")[number - 1]
                self._write(
                    random, body, place, year, form_id, version, look, text, report_id,
                    copy_kind, first_id, number, claims, figures, children,
                )  # fmt: skip
                first_id = first_id or report_id
        return figures

    def _plant(self, random: Random, form_id: str, tables: list[Drawn]) -> Version | None:
        """One figure wrong by itself, so that some rule within the report fails."""
        equations = list_equations(self.form, form_id)
        for _ in range(20):
            hit = random.randrange(len(tables))
            wrong = with_a_wrong_sum(random, tables[hit])
            spoiled = [*tables[:hit], wrong, *tables[hit + 1 :]]
            if find_failures(equations, _operands(spoiled), None, None):
                key = next(k for k, v in wrong.values.items() if v != tables[hit].values[k])
                return Version(
                    spoiled, (("cell", *key), wrong.values[key], tables[hit].values[key])
                )
        return None

    def _write(
        self, random, body, place, year, form_id, version, look, text, report_id,
        copy_kind, first_id, number, claims, figures, children,
    ) -> None:  # fmt: skip
        corpus = self.corpus
        site = "mirror" if look.is_mirror else "www"
        address = f"http://{site}.example/{place.region.region_code}/{body.body_id}/{year}/{number}"
        published = f"{year + 1}-0{2 + number}-{random.randrange(10, 29)}"
        location_count = 1 + (random.random() < self.plan.twice)
        for location in range(location_count):
            corpus.add_document(text, address + "/again" * location, published)
        corpus.add(
            "reports",
            (
                report_id,
                body.body_id,
                body.is_government,
                place.region.region_code,
                self.code,
                year,
                form_id,
                "region_aggregate" if body.is_government else "single_body",
                copy_kind,
                first_id,
                number,
                location_count,
                look.layout,
                look.change,
                look.spoil,
            ),
        )
        for table in version.tables:
            is_full = is_printed_in_full(look, table)
            for (indicator_code, column_code), value in table.values.items():
                is_blank = not is_full and not value
                corpus.add(
                    "figures",
                    (report_id, table.table_code, indicator_code, column_code, value, is_blank),
                )
        for code, count in claims.items():
            corpus.add("claims", (report_id, code, Decimal(count)))
        if version.error:
            (_, code, column), printed, true = version.error
            corpus.add("errors", (report_id, code, column, printed, true))
        previous = self.printed.get(body.body_id)
        failures: set[tuple[str, str]] = set()
        for edition in {form_id, NARRATIVE} if claims else {form_id}:
            equations = list_equations(self.form, edition)
            failures |= find_failures(equations, figures, previous, children)
        for rule_id, scope_code in sorted(failures):
            corpus.add("failures", (report_id, rule_id, scope_code))


def _operands(tables: list[Drawn]) -> dict[Operand, Decimal]:
    return {("cell", *key): v for table in tables for key, v in table.values.items()}


def _read_off(look: Print, tables: list[Drawn], claims: dict[str, int]) -> dict[Operand, Any]:
    """What a reader finds: a zero left blank is no figure."""
    found: dict[Operand, Any] = {
        ("cell", *key): value
        for table in tables
        for key, value in table.values.items()
        if value or is_printed_in_full(look, table)
    }
    return found | {("claim", code, ""): count for code, count in claims.items()}


def _sum_up(reports: list[Figures]) -> Figures:
    """Sums over the reports of the regions below; a report without the figure is left out."""
    sums: dict[Operand, Any] = {}
    for figures in reports:
        for operand, value in figures.items():
            if operand[2] == "total":
                sums[operand] = sums.get(operand, 0) + value
    return sums
