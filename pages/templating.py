"""Templates, set up once: everything escaped, both languages at hand.

Text of documents is hostile until escaped, so no template marks any of it as safe.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pages import language
from pages.cells import figure
from pages.passages import mark_figures, read_terms

PAGES = Path(__file__).resolve().parent
ASSETS = PAGES / "assets"


@cache
def make_environment() -> Environment:
    """The environment of all templates."""
    environment = Environment(
        loader=FileSystemLoader(PAGES / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        # Thousands of pages: nobody edits a template meanwhile.
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": language.show_number, "web_address": web_address}
    environment.globals |= {
        "figure": lambda value, place: Markup(figure(value, place)),
        "share": language.show_share,
        "percent": language.show_percent,
        "mark_figures": mark_figures,
        "read_terms": read_terms,
        "statuses": language.STATUSES,
        "status_meanings": language.STATUS_MEANINGS,
        "severities": language.SEVERITIES,
        "causes": language.CAUSES,
        "levels": language.LEVELS,
        "value_sources": language.VALUE_SOURCES,
    }
    return environment


def web_address(text: object) -> str:
    """An address that may be linked to; nothing else than the web is (no ``javascript:``)."""
    address = str(text or "")
    return address if address.startswith(("https://", "http://")) else ""
