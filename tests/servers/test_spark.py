"""Spark with two workers in JVMs of their own: the same rows as one machine, whatever happens."""

import gzip
import io
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from warcio.warcwriter import WARCWriter

from dagster_project import parsing
from dagster_project.dagster_home import prepare_dagster_home
from dagster_project.load import current_reader, load_landing
from dagster_project.progress import Silent
from dagster_project.settings import Settings
from dagster_project.store import TABLES
from distributed.run import SparkError, describe_surroundings, prepare_environment
from tests.documents import to_html
from tests.hostile.test_workers import prepare_worker
from tests.packing import HTML, OTHER, parquet_bytes, warc_bytes

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = sorted((ROOT / "warehouse" / "landing").rglob("*.txt"))
HERE = Path(__file__).parent
MASTER = "local-cluster[2,1,1024]"
PATIENCE_SECONDS = 1500
SECONDS = 5


@pytest.fixture(scope="module")
def program() -> Path:
    """Python of Spark's environment, installed from its lock where it may be."""
    try:
        return prepare_environment()
    except SparkError as error:
        pytest.skip(str(error))


def start(program: Path, settings: Settings, output: Path, **more: str) -> subprocess.Popen:
    told = describe_surroundings(program, MASTER, ["spark.executor.cores=1"])
    told |= {"GONGKAI_WAREHOUSE": str(settings.warehouse), **more}
    command = [program, "-m", "distributed", settings.landing / "crawl", "--output", output]
    log = (settings.warehouse / "log").open("w")
    return subprocess.Popen(
        list(map(str, command)), env=told, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
    )


def finish(process: subprocess.Popen, settings: Settings) -> None:
    try:
        status = process.wait(PATIENCE_SECONDS)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert status == 0, (settings.warehouse / "log").read_text()[-4000:]


def land(folder: Path, **options) -> dict[str, list[tuple]]:
    """Every raw table after a load, sorted."""
    settings = Settings(landing=folder, **options)
    with duckdb.connect() as connection:
        load_landing(connection, settings, Silent())
        return {
            name: connection.execute(f"from raw.{name} order by all").fetchall() for name in TABLES
        }


def write_wet(path: Path, texts: list[str]) -> None:
    extracted = io.BytesIO()
    writer = WARCWriter(extracted, gzip=True)
    for at, text in enumerate(texts):
        body = io.BytesIO(text.encode())
        record = writer.create_warc_record(
            f"http://wet/{at}", "conversion", payload=body, warc_content_type="text/plain"
        )
        writer.write_record(record)
    path.write_bytes(extracted.getvalue())


def write_crawl(folder: Path) -> None:
    """Every kind of file; some documents stand in several, most records are about other things."""
    folder.mkdir(parents=True)
    texts = [path.read_text(encoding="utf-8") for path in SAMPLE]
    half = len(texts) // 2
    (folder / "a.parquet").write_bytes(
        parquet_bytes({"text": [OTHER, *texts[:half]], "url": [f"u{n}" for n in range(half + 1)]})
    )
    lines = [json.dumps({"text": text}, ensure_ascii=False) for text in (*texts[half:], OTHER)]
    (folder / "b.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    pages = [f"<html><pre>{text}</pre></html>".encode() for text in texts]
    pages.append(to_html({"requests": [["项目", "总计"], ["本年新收政府信息公开申请数量", "12"]]}))
    answers = [(f"http://a/{at}", [("Content-Type", HTML)], page) for at, page in enumerate(pages)]
    (folder / "c d.warc.gz").write_bytes(warc_bytes(answers))
    (folder / "e.warc").write_bytes(warc_bytes(answers[:3], is_packed=False))
    write_wet(folder / "f[1].warc.wet.gz", [*texts, *[OTHER * n for n in range(1, 40)], *texts[:2]])
    (folder / "f[1].warc.wet.gz.meta.json").write_text('{"published_date": "2022-03-01"}')


@pytest.fixture(scope="module")
def parsed(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple]:
    """A crawl and the folder that two workers made of it."""
    folder = tmp_path_factory.mktemp("spark")
    settings = Settings(warehouse=folder / "warehouse", landing=folder / "landing")
    settings.warehouse.mkdir()
    write_crawl(settings.landing / "crawl")
    output = folder / "elsewhere" / "crawl.parsed"
    finish(start(program, settings, output), settings)
    return settings, output


def test_two_workers_give_the_rows_of_one_machine(parsed: tuple) -> None:
    settings, output = parsed
    expected = land(settings.landing)
    assert len(expected["documents"]) > 15 and len(expected["cells"]) > 1000
    assert land(output.parent) == expected


def test_the_bytes_of_every_document_are_kept(parsed: tuple) -> None:
    _, output = parsed
    rows = f"read_parquet('{output}/rows/**/*.parquet')"
    lost = duckdb.sql(
        f"select count(*) from {rows} where not is_container and sha256(content) != document_id"
    ).fetchone()
    assert lost == (0,)
    assert duckdb.sql(f"select count(*) > 15 from {rows} where not is_container").fetchone() == (
        True,
    )


def test_throughput_and_skew_stand_beside_the_output_and_in_dagster(
    parsed: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, output = parsed
    report = json.loads((output / "run.json").read_text())
    documents = len(land(output.parent)["documents"])
    assert report["documents"] == documents
    assert report["files"] == 5 and report["records"] > 2 * documents
    assert report["parser_version"] == current_reader().parser_version
    for step, unit in (("finding", "records"), ("parsing", "documents")):
        workers = report[step]["workers"]
        assert sum(worker[unit] for worker in workers) == report[unit]
        assert all(worker[f"{unit}_per_cpu_second"] > 0 for worker in workers)
        assert report[step]["skew"][unit]["largest_to_median"] >= 1
    assert len(report["parsing"]["workers"]) == 2
    monkeypatch.setenv("DAGSTER_HOME", str(prepare_dagster_home(settings)))
    with dg.DagsterInstance.get() as instance:
        made = instance.get_latest_materialization_event(dg.AssetKey("parsed_crawl"))
    metadata = made.asset_materialization.metadata
    assert metadata["dagster/row_count"].value == documents
    assert metadata["run"].value == report
    assert metadata["largest_to_median_partition"].value >= 1


def test_a_lost_worker_and_poisonous_documents_cost_nobody_else(
    program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(warehouse=tmp_path / "warehouse", landing=tmp_path / "landing")
    settings.warehouse.mkdir()
    crawl = settings.landing / "crawl"
    write_crawl(crawl)
    for name in ("a.parquet", "b.jsonl.gz", "e.warc", "f[1].warc.wet.gz"):
        (crawl / name).unlink()
    told = "某县政府信息公开"
    poison = [f"crash {told}", f"hang {told}", f"swell {told}", f"victim {told}"]
    write_wet(crawl / "g.warc.wet.gz", [SAMPLE[0].read_text(), *poison, SAMPLE[1].read_text()])
    cut = warc_bytes(
        [(f"http://z/{n}", [("Content-Type", HTML)], f"{told}{n}".encode() + os.urandom(3000).hex().encode())
         for n in range(400)]
    )  # fmt: skip
    (crawl / "z.warc.gz").write_bytes(cut[: 2 * len(cut) // 3])
    victim = tmp_path / "victim"
    output = tmp_path / "elsewhere" / "crawl.parsed"
    process = start(
        program,
        settings,
        output,
        GONGKAI_TEST_VICTIM=str(victim),
        GONGKAI_MAX_DOCUMENT_SECONDS=str(SECONDS),
        PYTHONPATH=os.pathsep.join([str(HERE / "poisoned"), str(ROOT)]),
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not victim.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.2)
    if victim.exists():
        os.kill(int(victim.read_text()), signal.SIGKILL)
    finish(process, settings)
    assert victim.exists(), "no executor was killed"

    monkeypatch.setattr(parsing, "_prepare_worker", prepare_worker)
    expected = land(settings.landing, pool_threshold=0, max_document_seconds=SECONDS)
    found = land(output.parent)
    codes = {code for row in found["issues"] for code in row if str(code).startswith("parser_")}
    assert codes == {"parser_crashed", "parser_timed_out", "parser_failed"}

    def without_cut(rows: dict[str, list[tuple]]) -> dict[str, list[tuple]]:
        """Where a damaged file breaks off depends on how much is decompressed at once."""
        from_cut = {
            row[0] for row in rows["document_locations"] if any("z.warc.gz" in str(v) for v in row)
        }
        return {name: [r for r in rows[name] if r[0] not in from_cut] for name in TABLES}

    assert without_cut(found) == without_cut(expected)
    from_cut = {
        row[0]
        for row in expected["document_locations"]
        if any("z.warc.gz!/" in str(value) for value in row)
    }
    saved = {row[0] for row in found["documents"]} & from_cut
    assert len(saved) > 0.8 * len(from_cut)
    assert any("landing_container_damaged" in row for row in found["issues"])


def test_a_run_that_has_written_its_batches_goes_on_without_doing_them_again(
    parsed: tuple, program: Path, tmp_path: Path
) -> None:
    settings, output = parsed
    again = tmp_path / "elsewhere" / "crawl.parsed"
    shutil.copytree(output, again)
    manifest = again / "manifest.json"
    before = manifest.read_bytes()
    manifest.unlink()
    process = start(program, settings, again)
    finish(process, settings)
    assert manifest.read_bytes() == before
    parts = {path.name for path in output.rglob("*.parquet")}
    assert {path.name for path in again.rglob("*.parquet")} == parts


CHECK = """
import sys, yaml, dagster as dg, kubernetes.client as k8s
from pathlib import Path
from dagster._config import process_config, resolve_to_config_type
from dagster._core.instance.config import dagster_instance_config_schema
from dagster_k8s import K8sRunLauncher
from dagster_k8s.models import k8s_model_from_dict, k8s_snake_case_dict
from distributed.definitions import build_defs
folder = Path(sys.argv[1])
run, instance = (yaml.safe_load((folder / name).read_text()) for name in ("run.yaml", "dagster.yaml"))
dg.validate_run_config(build_defs().resolve_job_def("parse_crawl_on_kubernetes"), run)
whole = process_config(resolve_to_config_type(dagster_instance_config_schema()), instance)
launcher = process_config(
    resolve_to_config_type(K8sRunLauncher.config_type()), instance["run_launcher"]["config"]
)
assert whole.success, whole.errors
assert launcher.success, launcher.errors
models = {
    "container_config": (k8s.V1Container, {"name": "step"}),
    "pod_spec_config": (k8s.V1PodSpec, {"containers": []}),
    "job_spec_config": (k8s.V1JobSpec, {"template": {}}),
}
def build(name, stated):
    model, needed = models[name]
    k8s_model_from_dict(model, k8s_snake_case_dict(model, {**needed, **stated}))
step = run["execution"]["config"]["step_k8s_config"]
for name, stated in [*step.items(), *instance["run_launcher"]["config"]["run_k8s_config"].items()]:
    build(name, stated)
for name in models:
    try:
        build(name, {"no_such_field": 1})
    except Exception:
        print(name)
"""


def test_the_configuration_for_kubernetes_is_one_that_dagster_takes(program: Path) -> None:
    done = subprocess.run(
        [str(program), "-c", CHECK, str(ROOT / "distributed" / "kubernetes")],
        env=describe_surroundings(program) | {"DAGSTER_PG_PASSWORD": "none"},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    names = ["container_config", "pod_spec_config", "job_spec_config"]
    assert done.stdout.split() == names, done.stderr[-3000:]
