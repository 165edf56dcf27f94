"""Where things lie and which limits hold. The only module that reads the environment.

Imports nothing heavy: the command line reads its settings here before anything else is loaded.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
DBT_PROJECT = PROJECT / "dbt"
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Settings:
    """One installation: its folders, and the limits an operator may move."""

    warehouse: Path = PROJECT / "warehouse"
    landing: Path = PROJECT / "warehouse" / "landing"
    max_file_bytes: int = 64 * MEBIBYTE
    """A larger file is listed as unusable instead of being read."""
    max_document_seconds: float = 120.0
    """Computing that one document may take; then it is listed as unusable."""
    text_column: str = ""
    """The column of a corpus that holds the document; by the usual names if empty."""
    relevant_terms: tuple[str, ...] = ("信息公开", "信息公開", "資訊公開")
    """Records of corpora and crawls without any of these are skipped; none, and all are kept."""
    max_unpacked_bytes: int = 32 * 1024 * MEBIBYTE
    """What one container may unpack to."""
    pool_threshold: int = 200
    """More documents than this are parsed by several processes."""
    batch_documents: int = 1_000
    """Documents parsed, and held in memory, between two writes."""
    kept_documents: int = 5_000
    """New documents that a load which dies keeps, so that the next one goes on from there."""
    memory_limit: str = "4GB"
    """What DuckDB may hold in memory; what is more goes to a file beside the warehouse."""
    threads: int = 2
    """Threads of DuckDB at most; a small warehouse is read with one."""
    max_quarantined_pct: float = 20.0
    """A larger share of quarantined tables blocks the release."""
    max_release_age_days: float = 35.0
    """An older release counts as stale: agencies publish through the year."""
    webhook: str = ""
    """Where failed runs and a stale release are told; while it is empty, nothing is sent."""
    spark_python: str = ""
    """A Python that has Spark; with it the UI shows the job that runs on a cluster as well."""
    postgres_uri: str = ""
    """Where `gongkai export postgres` loads a release; command lines are seen by others."""

    @property
    def limits(self) -> dict[str, str | int]:
        """What every connection to DuckDB keeps to, in its own words."""
        return {"memory_limit": self.memory_limit, "threads": self.threads}

    @property
    def database(self) -> Path:
        return self.warehouse / "gongkai.duckdb"

    @property
    def published(self) -> Path:
        return self.warehouse / "published"

    @property
    def current_release(self) -> Path:
        return self.published / "current"

    @property
    def data_docs(self) -> Path:
        return self.warehouse / "data_docs"

    @property
    def landing_signature(self) -> Path:
        """Names the state of the landing folder that the last run to reach its end had found."""
        return self.warehouse / "landing.sha256"

    @property
    def run_signature(self) -> Path:
        """Names what the current release was made of."""
        return self.warehouse / "run.sha256"

    @property
    def unfinished_signature(self) -> Path:
        """The same of a run that is at work, or did not reach its end."""
        return self.warehouse / "landing.sha256.unfinished"

    @property
    def run_lock(self) -> Path:
        """Held by the one run, backup or restore that is at work."""
        return self.warehouse / "run.lock"

    @property
    def logs(self) -> Path:
        """One file of JSON lines per run."""
        return self.warehouse / "logs"

    @property
    def dagster_home(self) -> Path:
        return self.warehouse / "dagster"

    @property
    def dbt_target(self) -> Path:
        return self.warehouse / "dbt"


def read_settings() -> Settings:
    """Settings of this process: defaults, moved by ``GONGKAI_*`` variables."""
    default = Settings()
    warehouse = Path(os.environ.get("GONGKAI_WAREHOUSE") or default.warehouse)
    landing = Path(os.environ.get("GONGKAI_LANDING") or default.landing)
    mebibytes = os.environ.get("GONGKAI_MAX_FILE_MIB")
    unpacked = os.environ.get("GONGKAI_MAX_UNPACKED_MIB")
    seconds = os.environ.get("GONGKAI_MAX_DOCUMENT_SECONDS")
    terms = os.environ.get("GONGKAI_RELEVANT_TERMS")
    share = os.environ.get("GONGKAI_MAX_QUARANTINED_PCT")
    age = os.environ.get("GONGKAI_MAX_RELEASE_AGE_DAYS")
    return Settings(
        warehouse=warehouse.expanduser().resolve(),
        landing=landing.expanduser().resolve(),
        max_file_bytes=int(float(mebibytes) * MEBIBYTE) if mebibytes else default.max_file_bytes,
        max_document_seconds=float(seconds) if seconds else default.max_document_seconds,
        text_column=os.environ.get("GONGKAI_TEXT_COLUMN", default.text_column),
        relevant_terms=default.relevant_terms
        if terms is None
        else tuple(term.strip() for term in terms.split(",") if term.strip()),
        max_unpacked_bytes=(
            int(float(unpacked) * MEBIBYTE) if unpacked else default.max_unpacked_bytes
        ),
        memory_limit=os.environ.get("GONGKAI_MEMORY_LIMIT") or default.memory_limit,
        threads=int(os.environ.get("GONGKAI_THREADS") or default.threads),
        max_quarantined_pct=float(share) if share else default.max_quarantined_pct,
        max_release_age_days=float(age) if age else default.max_release_age_days,
        webhook=os.environ.get("GONGKAI_WEBHOOK", default.webhook),
        spark_python=os.environ.get("GONGKAI_SPARK_PYTHON", default.spark_python),
        postgres_uri=os.environ.get("GONGKAI_POSTGRES_URI", default.postgres_uri),
    )
