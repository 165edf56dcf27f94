"""What every suite shares: the dictionary, the register of regions, the real files."""

import os
from pathlib import Path

import pytest

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
