"""``gongkai site``: the static site of the current release."""

from __future__ import annotations

from pathlib import Path

from dagster_project.settings import read_settings
from dagster_project.terminal import out, safe, stop


def run_site(output: Path | None, *, with_data: bool) -> None:
    """Write the site and say where it is."""
    from pages.release import NoRelease
    from pages.site import write_site
    from pages.writing import NotOurs

    settings = read_settings()
    try:
        site = write_site(
            settings.current_release,
            output or settings.warehouse / "site",
            with_data=with_data,
            limits=settings.limits,
        )
    except (NoRelease, NotOurs) as error:
        stop(str(error))
    out.print(
        f"{site.page_count:,} pages of release {site.version}: {safe(site.folder / 'index.html')}",
        soft_wrap=True,
    )
