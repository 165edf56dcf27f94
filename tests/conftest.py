"""What every suite shares: the dictionary, the real files, one built warehouse of the sample.

The warehouse is built once per session; tests that change it take a copy.
"""

import os
import pickle
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from dagster_project.settings import PROJECT, Settings
from loaders.form import Form, load_form

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("GONGKAI_SHARED", ROOT.parent / "shared"))
"""Where the real files and their gold labels lie; the tests that need them skip without it."""


@pytest.fixture(scope="session")
def form() -> Form:
    return load_form()


@pytest.fixture(scope="session")
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip(f"no real files at {SHARED}; set GONGKAI_SHARED to the folder that has them")
    return SHARED


SAMPLE = PROJECT / "warehouse" / "landing"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple:
    """The sample's warehouse and the run that made it, which had no network.

    Read only: take ``copied`` to change it. The processes of one session share it.
    """
    from tests.integration.running import run_apart

    is_shared = "PYTEST_XDIST_WORKER" in os.environ
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if is_shared else base) / "built_sample"
    told = folder.with_suffix(".pickle")
    settings = Settings(warehouse=folder, landing=folder / "landing")
    with FileLock(folder.with_suffix(".lock")):
        if not told.exists():
            shutil.copytree(SAMPLE, folder / "landing")
            told.write_bytes(pickle.dumps(run_apart(settings)))
    return settings, pickle.loads(told.read_bytes())


@pytest.fixture
def copied(built: tuple, tmp_path: Path) -> Settings:
    """A copy of the sample's warehouse that a test may spoil."""
    source = built[0].warehouse
    shutil.copytree(source, tmp_path / "warehouse", symlinks=True)
    warehouse = tmp_path / "warehouse"
    return replace(built[0], warehouse=warehouse, landing=warehouse / "landing")


@pytest.fixture
def empty(tmp_path: Path) -> Settings:
    """An installation with nothing in it yet."""
    settings = Settings(warehouse=tmp_path / "warehouse", landing=tmp_path / "landing")
    settings.landing.mkdir()
    return settings


@pytest.fixture
def sample_file() -> Callable[[str], bytes]:
    """Bytes of a document of the bundled sample."""
    return lambda name: (SAMPLE / "sample" / name).read_bytes()
