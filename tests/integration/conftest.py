"""One warehouse of the bundled sample, built once per session; tests that change it take a copy."""

import os
import shutil
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from dagster_project.dagster_home import prepare_dagster_home
from dagster_project.settings import PROJECT, Settings

SAMPLE = PROJECT / "warehouse" / "landing"


@dataclass(frozen=True)
class Run:
    """A finished run of Dagster."""

    success: bool
    asset_keys: frozenset[str]
    checks: dict[str, bool]
    metadata: dict[str, dict[str, object]]


def run_job(settings: Settings, selection: object = None) -> Run:
    """Run the job *everything*, or a part of it, in this process."""
    import dagster as dg

    from dagster_project.definitions import build_defs

    warnings.filterwarnings("ignore")
    os.environ["DAGSTER_HOME"] = str(prepare_dagster_home(settings))
    defs = build_defs(settings)
    if selection is not None:
        part = dg.define_asset_job("part", selection, executor_def=dg.in_process_executor)
        defs = dg.Definitions.merge(defs, dg.Definitions(jobs=[part]))
    with dg.DagsterInstance.get() as instance:
        result = defs.resolve_job_def("part" if selection else "everything").execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    materialized = result.get_asset_materialization_events()
    return Run(
        success=result.success,
        asset_keys=frozenset(event.asset_key.to_user_string() for event in materialized),
        checks={
            f"{check.asset_key.to_user_string()}:{check.check_name}": check.passed
            for check in result.get_asset_check_evaluations()
        },
        metadata={
            event.asset_key.to_user_string(): {
                name: value.value for name, value in event.materialization.metadata.items()
            }
            for event in materialized
        },
    )


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Run]:
    """The sample's warehouse and the run that made it. Read only: take ``copied`` to change it."""
    folder = tmp_path_factory.mktemp("sample")
    shutil.copytree(SAMPLE, folder / "landing")
    settings = Settings(warehouse=folder, landing=folder / "landing")
    return settings, run_job(settings)


@pytest.fixture
def copied(built: tuple[Settings, Run], tmp_path: Path) -> Settings:
    """A copy of the sample's warehouse that a test may spoil."""
    source = built[0].warehouse
    shutil.copytree(source, tmp_path / "warehouse", symlinks=True)
    warehouse = tmp_path / "warehouse"
    return replace(built[0], warehouse=warehouse, landing=warehouse / "landing")


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Settings]:
    """An installation with nothing in it yet."""
    settings = Settings(warehouse=tmp_path / "warehouse", landing=tmp_path / "landing")
    settings.landing.mkdir()
    yield settings


@pytest.fixture
def sample_file() -> Callable[[str], bytes]:
    """Bytes of a document of the bundled sample."""
    return lambda name: (SAMPLE / "sample" / name).read_bytes()
