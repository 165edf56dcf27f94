"""``make docs``: the documentation of the dbt project as one self-contained file."""

from __future__ import annotations

import shutil

from dagster_project.dbt_runner import DbtFailure, write_docs
from dagster_project.settings import PROJECT, read_settings


def main() -> None:
    """Write docs/dbt/index.html from the project and the warehouse that it built."""
    settings = read_settings()
    if not settings.database.exists():
        raise SystemExit(
            "The documentation describes a built warehouse: run `make warehouse` first."
        )
    try:
        page = write_docs(settings)
    except DbtFailure as error:
        raise SystemExit(str(error)) from error
    target = PROJECT / "docs" / "dbt" / "index.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(page, target)
    print(f"dbt documentation: {target}")


if __name__ == "__main__":
    main()
