"""The static site of a release: which pages there are, in the order they are written.

It needs no server and no network: every page opens from a folder.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pages.bodies import write_bodies
from pages.front import write_front
from pages.reference import write_reference
from pages.regions import write_regions
from pages.registry import Registry
from pages.release import Release
from pages.search import write_search
from pages.writing import MARK, Writer, begin_site, replace_site

DEFAULT_LIMITS: Mapping[str, str | int] = MappingProxyType({"memory_limit": "2GB", "threads": 2})


@dataclass(frozen=True)
class Site:
    """A site that was written."""

    folder: Path
    version: str
    page_count: int


def write_site(
    release_folder: Path,
    target: Path,
    *,
    with_data: bool = False,
    limits: Mapping[str, str | int] = DEFAULT_LIMITS,
) -> Site:
    """Write the site of a release, in the place of the one that may stand there.

    Args:
        release_folder: the release, or the link ``current`` to it.
        target: the folder of the site.
        with_data: copy the release's files into the site, so that it can be carried elsewhere;
            else the download links lead to where the release lies.
        limits: settings of DuckDB that keep it within the machine's memory.

    Raises:
        NoRelease: there is none.
        NotOurs: the target holds something else than a site.
    """
    target = Path(os.path.abspath(target))
    with (
        tempfile.TemporaryDirectory() as scratch,
        Release(release_folder, Path(scratch), limits) as release,
    ):
        partial = begin_site(target)
        if with_data:
            shutil.copytree(release.folder, partial / "release")
            data_address = "../release"
        else:
            data_address = Path(os.path.relpath(release.folder, target / "zh")).as_posix()
        writer = Writer(partial, release, data_address)
        registry = Registry(release)
        write_front(release, registry, writer)
        write_regions(release, registry, writer)
        write_bodies(release, registry, writer)
        write_reference(release, writer)
        write_search(registry, writer)
        writer.text(MARK, json.dumps({"version": release.version, "pages": writer.page_count}))
        replace_site(partial, target)
        return Site(target, release.version, writer.page_count)
