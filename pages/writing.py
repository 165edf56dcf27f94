"""Writing the site's files: pages in both languages, and data that pages load as scripts.

Browsers let no page read a local file as data, so data comes as a script that hands it over:
``gongkai.take("name", ...)``.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from pages.language import LANGUAGES, Language
from pages.release import Release
from pages.templating import ASSETS, make_environment

MARK = "site.json"
"""Tells a folder that this module wrote from one that somebody needs."""
SHARED = ("style.css", "site.js")


class NotOurs(Exception):
    """The target is a folder that no site was written to; the message says so to a person."""


class Writer:
    """The folder of a site while it is written."""

    def __init__(self, folder: Path, release: Release, data_address: str) -> None:
        """Begin a site.

        Args:
            folder: where to write; empty.
            release: what the pages tell of.
            data_address: the release's files, seen from the folder of a language.
        """
        self.folder = folder
        self.page_count = 0
        self.shared = {"release": release, "data_address": data_address}
        self.templates = make_environment()
        for name in SHARED:
            target = folder / "assets" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ASSETS / name, target)

    def page(self, address: str, template: str, **view: Any) -> None:
        """Write a page in both languages, at the same address below each language's folder."""
        compiled = self.templates.get_template(template)
        home = "../" * address.count("/")
        for language in LANGUAGES:
            text = compiled.render(
                **self.shared,
                **view,
                language=language,
                say=language.say,
                other=_other(language),
                languages=LANGUAGES,
                address=address,
                home=home,
                root=home + "../",
            )
            self.text(f"{language.code}/{address}", text)
            self.page_count += 1

    def data(self, name: str, value: object) -> None:
        """Write data for ``gongkai.load(name)``."""
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=float)
        self.text(f"data/{name}.js", f"gongkai.take({json.dumps(name)},{text});\n")

    def text(self, name: str, text: str) -> None:
        """Write a file of the site."""
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def _other(language: Language) -> Language:
    return next(other for other in LANGUAGES if other is not language)


def replace_site(partial: Path, target: Path) -> None:
    """Put a finished site in the place of the last one."""
    last = target.with_name(f".{target.name}.last")
    if target.exists():
        target.rename(last)
    partial.rename(target)
    if last.exists():
        shutil.rmtree(last)


def begin_site(target: Path) -> Path:
    """An empty folder beside the target to write to.

    Raises:
        NotOurs: the target holds something else than a site.
    """
    if target.exists() and any(target.iterdir()) and not (target / MARK).exists():
        raise NotOurs(f"{target} holds something else than a site; name another folder.")
    partial = target.with_name(f".{target.name}.partial")
    if partial.exists():
        shutil.rmtree(partial)
    partial.mkdir(parents=True)
    return partial
