"""Other names of bodies and misprints of regions that were reviewed, read from `dbt/seeds/vocabulary/`."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from loaders.seeds import SEEDS, read_rows

COLUMNS = ("printed_name", "region_code", "publisher_name", "alias_kind", "evidence")
KINDS = ("abbreviation", "variant", "misprint")


class Alias(NamedTuple):
    """``printed_name`` stands for ``publisher_name``, in one region or, without a code, in all.

    Both are names without a region; of the kind ``misprint`` they are names of the region itself.
    """

    printed_name: str
    region_code: str
    publisher_name: str
    alias_kind: str
    evidence: str


class Aliases:
    """The reviewed names, by the printed one."""

    def __init__(self, aliases: Iterable[Alias]) -> None:
        self._own_names: dict[tuple[str, str], Alias] = {}
        self._misprints: dict[str, Alias] = {}
        for alias in aliases:
            if alias.alias_kind == "misprint":
                self._misprints[alias.printed_name] = alias
            else:
                self._own_names[alias.printed_name, alias.region_code] = alias
        self._known = {alias.publisher_name for alias in self._own_names.values()}
        self._known |= {printed for printed, _ in self._own_names}
        self._lengths = sorted({len(name) for name in self._misprints}, reverse=True)

    def find(self, own_name: str, region_code: str) -> Alias | None:
        """What a name stands for in a region: a row of the region goes before one for all."""
        return self._own_names.get((own_name, region_code)) or self._own_names.get((own_name, ""))

    def is_known(self, own_name: str) -> bool:
        """Whether a name is listed, as an alias or as what one stands for."""
        return own_name in self._known

    def mend_region(self, name: str) -> tuple[str, str]:
        """Mend a misprinted region at the head of a name; gives the name, and what was mended."""
        for length in self._lengths:
            alias = self._misprints.get(name[:length])
            if alias:
                mended = alias.publisher_name + name[length:]
                return mended, f"{alias.printed_name} → {alias.publisher_name}: {alias.evidence}"
        return name, ""


def load_aliases(folder: Path | None = None) -> Aliases:
    """Read the reviewed names.

    Args:
        folder: the seeds folder, which holds ``vocabulary/``; that of this repository if not given.

    Raises:
        FormError: the file is missing or wrong; the message names row, column and the remedy.
    """
    path = (folder or SEEDS) / "vocabulary" / "publisher_alias.csv"
    return Aliases(
        Alias(
            row.required("printed_name"),
            row.text("region_code"),
            row.required("publisher_name"),
            row.one_of("alias_kind", KINDS),
            row.required("evidence"),
        )
        for row in read_rows(path, COLUMNS, COLUMNS[:2])
    )


@cache
def default_aliases() -> Aliases:
    """The names of this repository, read once."""
    return load_aliases()
