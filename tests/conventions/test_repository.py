"""What holds for every file: no machine's paths, no registry's hosts, targets that explain themselves."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def tracked_texts() -> list[tuple[str, str]]:
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout.split("\0")
    texts = []
    for name in filter(None, names):
        path = ROOT / name
        if path.is_file() and path.suffix not in {".png", ".svg", ".ico"}:
            texts.append((name, path.read_text(encoding="utf-8", errors="replace")))
    return texts


def test_no_path_of_a_machine_is_written_down() -> None:
    here = str(ROOT)
    home = str(Path.home()) + "/"
    for name, text in tracked_texts():
        assert here not in text, name
        assert home not in text, name


SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{30,}"
    r"|\b(?:xox[abprs]-|sk-|glpat-)[A-Za-z0-9-]{20,}"
    # A password in an address or an assignment, unless it says where to take it from.
    r"|://[\w.+-]+:(?!hunter2)[^\s@/:${}<>.]+@"
    r"|(?i:password|passwd|secret_key|api_key|access_token)[\"']?\s*[=:]\s*[\"'][^\"'$<{\s]{8,}[\"']"
)


def test_no_secret_is_written_down() -> None:
    assert SECRET.search("postgresql://gongkai:correcthorse@db/x")
    assert SECRET.search("password = 'correcthorse'")
    for name, text in tracked_texts():
        if name != Path(__file__).relative_to(ROOT).as_posix():
            found = SECRET.search(text)
            assert found is None, f"{name}: {found[0]}"


def test_continuous_integration_asks_for_known_vulnerabilities() -> None:
    """And says so where nobody could be asked; see `dagster_project/audit.py`."""
    assert "dagster_project.audit --go-on-unasked" in (ROOT / ".ci" / "run").read_text()


LOCKS = ("requirements.lock", "distributed/requirements.lock")
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^]]*\])?==([^ ;]+)", re.MULTILINE)


def test_a_cluster_reads_with_the_packages_of_one_machine() -> None:
    here, there = (
        dict(PINNED.findall((ROOT / name).read_text(encoding="utf-8"))) for name in LOCKS
    )
    assert {name: here[name] for name in there if name in here} == {
        name: version for name, version in there.items() if name in here
    }
    assert {"dagster-pyspark", "pyspark"} <= set(there) - set(here)


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_file_names_no_host(name: str) -> None:
    lock = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in lock
    pinned = re.findall(
        r"^[a-z0-9][a-z0-9._-]*(?:\[[^]]*\])?==", lock, flags=re.MULTILINE | re.IGNORECASE
    )
    assert len(pinned) > 100
    assert lock.count("--hash=sha256:") >= len(pinned)


def test_every_target_of_the_makefile_is_explained() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z][a-z-]*):(.*)$", makefile, flags=re.MULTILINE)
    assert targets
    for target, rest in targets:
        assert "## " in rest, f"{target} has no ## text"
