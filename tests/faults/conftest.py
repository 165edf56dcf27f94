"""An installation with one report read and released, made once and copied for each test."""

from pathlib import Path

import pytest

from dagster_project.settings import Settings
from tests.faults.steps import LIGHT, copy, copy_sample


@pytest.fixture(scope="session")
def _published(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("published")
    settings = Settings(warehouse=folder / "warehouse", landing=folder / "landing")
    copy_sample(settings, 1)
    for step in LIGHT:
        step(settings)
    return settings


@pytest.fixture
def published(_published: Settings, tmp_path: Path) -> Settings:
    """One that a test may break."""
    return copy(_published, tmp_path / "published")
