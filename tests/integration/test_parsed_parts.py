"""What a cluster parsed reaches the warehouse as if it had been parsed here, or is told."""

import gzip
import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from warcio.warcwriter import WARCWriter

from dagster_project.load import current_reader
from dagster_project.settings import Settings
from dagster_project.store import TABLES, Changes
from tests.clusters import find, list_inputs, parse, write_folder
from tests.landing import land, rows
from tests.packing import HTML, OTHER, PAGE, REPORT, parquet_bytes, warc_bytes


def tables(settings: Settings) -> dict[str, list[tuple]]:
    return {name: rows(settings, f"from raw.{name} order by all") for name in TABLES}


def fill(folder: Path, sample_file) -> None:
    """A crawl of every kind; documents stand in several places, and most records are none."""
    folder.mkdir(parents=True)
    reports = [
        sample_file(name).decode()
        for name in (
            "liangping_2021.txt",
            "pingtan_2019.txt",
            "liandu_2020.txt",
            "pingtan_2014.txt",
        )
    ]
    (folder / "a.parquet").write_bytes(
        parquet_bytes({"text": [OTHER, *reports[:2], None], "url": ["u1", "u2", "u3", "u4"]})
    )
    lines = [{"text": text, "date": "2022-01-03"} for text in (*reports[1:], OTHER)]
    written = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\nno json\n"
    (folder / "b.jsonl.gz").write_bytes(gzip.compress(written.encode()))
    # A page about the format of crawls: its text looks like the beginning of the next record.
    forged = f"{PAGE}\r\n\r\nWARC/1.0\r\nWARC-Type: response\r\n\r\n{REPORT}".encode()
    bodies = [forged, *(f"<html><pre>{text}</pre></html>".encode() for text in reports)]
    pages = [(f"http://a/{at}", [("Content-Type", HTML)], body) for at, body in enumerate(bodies)]
    (folder / "c.warc").write_bytes(warc_bytes(pages, is_packed=False))
    extracted = io.BytesIO()
    writer = WARCWriter(extracted, gzip=True)
    for at, text in enumerate((*reports, OTHER, *reports)):
        body = io.BytesIO(text.encode())
        record = writer.create_warc_record(
            f"http://b/{at}", "conversion", payload=body, warc_content_type="text/plain"
        )
        writer.write_record(record)
    (folder / "d.warc.wet.gz").write_bytes(extracted.getvalue())


@pytest.fixture
def here(empty: Settings, sample_file) -> Settings:
    """Read on one machine."""
    fill(empty.landing / "crawl", sample_file)
    land(empty)
    return empty


@pytest.fixture
def elsewhere(here: Settings, tmp_path: Path) -> Settings:
    """The same, parsed by a cluster in two batches, not yet landed."""
    files = list(list_inputs(here.landing / "crawl").values())
    folder = tmp_path / "elsewhere" / "landing" / "crawl.parsed"
    write_folder(folder, [parse(find(files[:2])), parse(find(files[2:]))])
    return replace(here, warehouse=tmp_path / "elsewhere", landing=folder.parent)


@pytest.mark.parametrize("is_careful", [False, True])
def test_the_rows_are_those_of_one_machine(here, elsewhere, tmp_path, is_careful) -> None:
    if is_careful:
        files = list_inputs(here.landing / "crawl").values()
        shutil.rmtree(elsewhere.landing / "crawl.parsed")
        write_folder(
            elsewhere.landing / "crawl.parsed", [parse(find(files), is_careful=is_careful)]
        )
    expected = tables(here)
    count = len(expected["documents"])
    assert count > 8 and len(expected["cells"]) > 500
    assert land(elsewhere) == Changes(count, 0, 0, (), taken=count)
    assert tables(elsewhere) == expected
    assert land(elsewhere) == Changes(count, 0, count, ())
    assert tables(elsewhere) == expected


def test_what_is_also_landed_here_is_one_document(here, elsewhere) -> None:
    count = len(tables(here)["documents"])
    shutil.copytree(here.landing / "crawl", elsewhere.landing / "again")
    assert land(elsewhere) == Changes(count, 0, 0, (), taken=count)
    found = tables(elsewhere)
    assert len(found["document_locations"]) == 2 * len(tables(here)["document_locations"])
    assert found["cells"] == tables(here)["cells"]


def test_what_another_reader_parsed_is_parsed_again_from_the_bytes_beside_it(
    here, elsewhere
) -> None:
    folder = elsewhere.landing / "crawl.parsed"
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["parser_version"] == current_reader().parser_version
    manifest["dictionary_sha256"] = "0" * 64
    (folder / "manifest.json").write_text(json.dumps(manifest))
    expected = tables(here)
    assert land(elsewhere).parsed == len(expected["documents"])
    assert tables(elsewhere) == expected


def test_a_part_that_was_damaged_on_its_way_is_told_and_the_others_are_taken(
    here, elsewhere
) -> None:
    part = elsewhere.landing / "crawl.parsed/rows/batch=00001/part-00000.parquet"
    data = bytearray(part.read_bytes())
    data[len(data) // 2] ^= 1
    part.write_bytes(data)
    assert 0 < land(elsewhere).taken < len(tables(here)["documents"])
    ((path, severity, text),) = rows(
        elsewhere,
        """
        select path, severity, text
        from raw.issues inner join raw.document_locations using (document_id)
        where issue_code = 'landing_part_damaged'
        """,
    )
    assert (path, severity) == ("crawl.parsed", "error")
    assert "batch=00001/part-00000.parquet" in text and "checksum" in text


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda path: path.unlink(), "has not ended"),
        (lambda path: path.write_text("{"), "cannot be read"),
        (lambda path: path.write_text('{"format": 0}'), "its format is 0"),
        (lambda path: path.write_text('{"format": 1}'), "lacks 'parts'"),
        (
            lambda path: path.write_text(path.read_text().replace("rows/", "../rows/")),
            "leaves the folder",
        ),
    ],
)
def test_a_folder_without_a_sound_manifest_is_told(elsewhere, spoil, reason) -> None:
    spoil(elsewhere.landing / "crawl.parsed" / "manifest.json")
    assert land(elsewhere) == Changes(0, 0, 0, ())
    ((code, text),) = rows(elsewhere, "select issue_code, text from raw.issues")
    assert code == "landing_parts_unusable" and reason in text


def test_a_file_that_breaks_off_gives_what_there_is(here) -> None:
    file = list_inputs(here.landing / "crawl")[(here.landing / "crawl/d.warc.wet.gz").as_uri()]
    found = find([file], damage="Unexpected end of input stream")
    whole = find([file])
    assert [row["document_id"] for row in found] == [row["document_id"] for row in whole]
    (container,) = (row for row in found if row["is_container"])
    codes = {problem["issue_code"] for problem in container["problems"]}
    assert "landing_container_damaged" in codes
    assert any("end of input stream" in p["text"] for p in container["problems"])
