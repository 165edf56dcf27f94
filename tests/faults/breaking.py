"""Whatever else may befall a run, on its real steps: dbt, the checks and Dagster's own books.

    .venv/bin/python -m tests.faults.breaking [NAME ...]

Each fault is done to a copy of one installation that has a report published and others waiting, and
says in words what it is. After each the release is whole, the next run ends with every row of an
undisturbed one, and nothing is lost: documents in = reports + other + quarantined, cells read =
cells in facts + cells held back, with reasons. Ten minutes; `make faults` runs it after the kills.
"""

import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from pathlib import Path

import duckdb

from dagster_project import parsing
from dagster_project.dbt_runner import read_manifest
from dagster_project.files import list_faults
from dagster_project.load import current_reader, load_landing
from dagster_project.model_keys import read_keys
from dagster_project.progress import Silent
from dagster_project.publish import publish
from dagster_project.run_lock import hold
from dagster_project.settings import Settings
from dagster_project.warehouse import Warehouse
from pages.site import write_site
from tests.faults.conservation import find_losses
from tests.faults.disks import fill, lock, mount_disk, unlock
from tests.faults.killing import Calm, kill_child, prepare, warm_up
from tests.faults.steps import (
    DOCUMENTS,
    SAMPLE,
    Step,
    ask,
    copy,
    copy_sample,
    describe,
    do,
    full_steps,
    is_allowed,
    is_whole,
    run_command,
)
from tests.hostile import workers
from tests.hostile.test_workers import prepare_worker
from tests.integration.test_upgrade import KEPT


@dataclass
class Bench:
    """An installation to break, what an undisturbed run makes of it, and what was found."""

    folder: Path
    steps: tuple[Step, ...]
    calm: list[Calm]
    faults: list[str] = field(default_factory=list)
    name: str = ""

    def note(self, is_good: bool, what: str) -> None:
        if not is_good:
            self.faults.append(f"{self.name}: {what}")
            print(f"FAULT: {self.name}: {what}", file=sys.stderr, flush=True)

    def note_losses(self, settings: Settings) -> None:
        losses = ask(find_losses, settings)
        self.note(losses == [], f"lost: {losses}")

    def expect(self, settings: Settings, *words: str) -> None:
        """A run of the real command that must fail, and say so in these words."""
        is_good, told = run_command(settings)
        self.note(not is_good, "the command did not notice")
        for word in words:
            self.note(word in told, f"{word!r} is not in what it told: {told[-3000:]}")
        self.note("Traceback" not in told, f"a traceback: {told[-3000:]}")

    def run(self, name: str, fault: "Fault") -> None:
        """Do it to a copy; then let the next run put all right."""
        self.name = name
        copied = copy(self.calm[0].settings, self.folder / "broken")
        fault(self, copied)
        self.note(do(*self.steps)(copied), "the next run failed")
        self.note(ask(describe, copied) == self.calm[-1].state, "other rows")
        self.note(is_whole(copied), "the next release is not whole")
        self.note_losses(copied)
        shutil.rmtree(copied.warehouse.parent)


Fault = Callable[[Bench, Settings], None]


def _on_small_disk(bench: Bench, settings: Settings, do_fault: Callable[[Settings], None]) -> None:
    """Let something happen to a copy that lies on a disk of its own, and come back from there."""
    place = bench.folder / "small"
    with mount_disk(place, 400) as is_mounted:
        if not is_mounted:
            print(f"{bench.name}: skipped, no disk can be mounted here", file=sys.stderr)
            return
        do_fault(copy(settings, place))
        shutil.rmtree(settings.warehouse.parent)
        copy(
            Settings(warehouse=place / "warehouse", landing=place / "landing"),
            bench.folder / "broken",
        )


def full_disk(bench: Bench, settings: Settings) -> None:
    """In Dagster's books, in dbt, in the checks, in the release: wherever the room ends."""

    def fault(there: Settings) -> None:
        for number, step in enumerate(bench.steps):
            ballast = fill(there.warehouse.parent, 0)
            # The checks write pages that nothing depends on, and nothing new is to be released.
            bench.note(not do(step)(there) or number > 1, f"{step.__name__} did not notice")
            ballast.unlink()
            state = ask(describe, there) or {}
            is_kept = is_allowed(state, bench.calm[0].state, bench.calm[-1].state)
            bench.note(is_kept, f"another state after {step.__name__}")
            bench.note(is_whole(there), f"the release after {step.__name__}")
        for kibibytes in (0, 2048, 8192, 14336, 24576):
            ballast = fill(there.warehouse.parent, kibibytes * 1024)
            bench.expect(there, "is full", "Make room there")
            ballast.unlink()
            bench.note(is_whole(there), f"the release, with {kibibytes} kB left")
            bench.note(ask(describe, there) is not None, f"the warehouse, with {kibibytes} kB left")

    _on_small_disk(bench, settings, fault)


def read_only_folder(bench: Bench, settings: Settings) -> None:
    def fault(there: Settings) -> None:
        lock(there.warehouse.parent)
        bench.expect(there, "may not be written to")
        bench.note(is_whole(there), "the release")
        unlock(there.warehouse.parent)

    _on_small_disk(bench, settings, fault)


def changing_files(bench: Bench, settings: Settings) -> None:
    """One cut, one gone, one new, after the first was read."""

    class Meddler(Silent):
        done = 0

        def advance(self, count: int = 1) -> None:
            self.done += 1
            if self.done == 1:
                _, second, third = sorted(settings.landing.iterdir())
                os.truncate(second, second.stat().st_size // 2)
                third.unlink()
                (settings.landing / "zz.txt").write_text("new")

    def read(there: Settings) -> None:
        with Warehouse(there).write() as connection:
            load_landing(connection, there, Meddler())

    bench.note(do(read, *bench.steps[1:])(settings), "the run failed")
    (settings.landing / "zz.txt").unlink()
    copy_sample(settings, len(DOCUMENTS))


def harmful_documents(bench: Bench, settings: Settings) -> None:
    """One that hangs and one that ends its process: quarantined, the others as ever."""
    planted = {"hang.txt": b"hang", "crash.pdf": b"%PDF-crash"}
    for name, data in planted.items():
        (settings.landing / name).write_bytes(data)

    def read(there: Settings) -> None:
        parsing.parse, parsing._prepare_worker = workers.parse, prepare_worker
        with Warehouse(there).write() as connection:
            hasty = Settings(there.warehouse, there.landing, max_document_seconds=1)
            load_landing(connection, hasty, Silent())

    bench.note(do(read, *bench.steps[1:])(settings), "the run failed")
    with duckdb.connect(settings.database, read_only=True) as connection:
        told = connection.execute(
            "select issue_code from raw.issues where starts_with(issue_code, 'parser_') order by all"
        ).fetchall()
    bench.note(told == [("parser_crashed",), ("parser_timed_out",)], f"told: {told}")
    bench.note_losses(settings)
    for name in planted:
        (settings.landing / name).unlink()


def two_runs(bench: Bench, settings: Settings) -> None:
    """A run while another is at work: refused in words, and nothing of the first is disturbed."""
    with hold(settings):
        bench.expect(settings, "Another run", "Wait until it is done")
    bench.note(ask(describe, settings) == bench.calm[0].state, "other rows meanwhile")


def reader_of_the_release(bench: Bench, settings: Settings) -> None:
    """Somebody reads the old release from before the run to its end."""
    folder = settings.current_release.resolve()
    question = "select count(*), bit_xor(hash(t)) from marts.fct_requests as t"
    with duckdb.connect(folder / "gongkai.duckdb", read_only=True) as reader:
        before = reader.execute(question).fetchone()
        bench.note(do(*bench.steps)(settings), "the run failed")
        bench.note(settings.current_release.resolve() != folder, "no new release")
        bench.note(reader.execute(question).fetchone() == before, "the reader was disturbed")


def clock_set_back(bench: Bench, settings: Settings) -> None:
    first = settings.current_release.resolve().name

    keys = read_keys(read_manifest())

    def release(there: Settings) -> None:
        publish(there.database, there.published, current_reader(), date(2001, 1, 1), keys)

    bench.note(do(*bench.steps[:-1], release)(settings), "the run failed")
    versions = [
        tuple(map(int, v.split("."))) for v in (first, settings.current_release.resolve().name)
    ]
    bench.note(versions[0] < versions[1], f"versions {versions}")


def interrupted_upgrade(bench: Bench, settings: Settings) -> None:
    """A warehouse of the previous version; the run that would upgrade it is killed, and again."""
    settings.database.unlink()
    with duckdb.connect(settings.database) as connection:
        connection.execute(KEPT.read_text(encoding="utf-8"))
    before = ask(describe, settings)
    for part in (0.3, 0.6, 0.9):
        kill_child(lambda: bench.steps[0](settings), part * bench.calm[0].seconds)
        found = ask(describe, settings)
        bench.note(found is not None, "the warehouse does not open")
        after = {
            n: rows for n, rows in bench.calm[1].state.items() if n.startswith("warehouse raw.")
        }
        raw = {n: rows for n, rows in (found or {}).items() if n.startswith("warehouse raw.")}
        bench.note(found == before or raw == after, "half an upgrade")
        bench.note(is_whole(settings), "the release")


def damaged_warehouse(bench: Bench, settings: Settings) -> None:
    """Garbled in the middle: noticed, set aside, made anew by one run of the command."""
    data = settings.database.read_bytes()
    garbled = data[:4096] + random.Random(1).randbytes(len(data) - 4096)
    settings.database.write_bytes(garbled)
    is_good, told = run_command(settings)
    bench.note(is_good and "damaged" in told, f"told: {told[-3000:]}")
    bench.note(ask(describe, settings) == bench.calm[-1].state, "other rows after that run")
    bench.note_losses(settings)


def release_with_a_missing_file(bench: Bench, settings: Settings) -> None:
    (settings.current_release.resolve() / "parquet" / "marts__fct_requests.parquet").unlink()
    bench.note(len(list_faults(settings.current_release.resolve())) == 1, "it is not noticed")


def printed_persons(bench: Bench, settings: Settings) -> None:
    """A report that prints persons beside its figures: told nowhere but in the warehouse."""
    persons = (
        "张三丰",
        "13812345678",
        "0571-88881234",
        "330802198001011234",
        "zhang.san@qz.gov.cn",
    )
    name, phone, landline, number, mail = persons
    printed = f" 审核人：{name} 手机{phone} 电话：{landline} 身份证{number} {mail}"
    lines = (SAMPLE / DOCUMENTS[1]).read_text(encoding="utf-8").splitlines()
    text = "\n".join(line + printed if "件" in line or "条" in line else line for line in lines)
    (settings.landing / "persons.txt").write_text(text + "\n" + printed)
    is_good, told = run_command(settings)
    bench.note(is_good, f"the command failed: {told[-3000:]}")
    site = settings.warehouse / "site"
    bench.note(do(lambda s: write_site(s.current_release, site))(settings), "no site")
    looked_at = set()
    for path in settings.warehouse.rglob("*"):
        if path.is_file() and path != settings.database:
            place = path.relative_to(settings.warehouse)
            looked_at.add(place.parts[0])
            data = path.read_bytes()
            found = [person for person in persons if person.encode() in data]
            bench.note(not found, f"{place} tells {found}")
    places = {"dagster", "data_docs", "dbt", "logs", "published", "site"}
    bench.note(places <= looked_at, f"only {looked_at} were looked at")
    bench.note(not [person for person in persons if person in told], "the terminal tells persons")
    release = settings.current_release / "gongkai.duckdb"
    with duckdb.connect(release, read_only=True) as connection:
        masked = connection.execute(
            "select count(*) from reporting.source_passages where passage like '%■■■%'"
        ).fetchone()
    bench.note(masked[0] > 0, "nothing was masked, so nothing was tried")
    (settings.landing / "persons.txt").unlink()


FAULTS: dict[str, Fault] = {
    fault.__name__: fault
    for fault in (
        full_disk,
        read_only_folder,
        changing_files,
        harmful_documents,
        two_runs,
        reader_of_the_release,
        clock_set_back,
        interrupted_upgrade,
        damaged_warehouse,
        release_with_a_missing_file,
        printed_persons,
    )
}


def main() -> int:
    """Break it in every way, or in those named."""
    names = sys.argv[1:] or list(FAULTS)
    steps = full_steps()
    for module in ("dagster_project.definitions", "dagster_project.commands.build"):
        import_module(module)
    warm_up()
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name), steps, prepare(Path(name), steps))
        for fault in names:
            began = time.monotonic()
            bench.run(fault, FAULTS[fault])
            print(f"{fault}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    print(json.dumps({"broken": names, "faults": bench.faults}))
    return int(bool(bench.faults))


if __name__ == "__main__":
    sys.exit(main())
