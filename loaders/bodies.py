"""Which public body a printed name stands for, the same through the years.

A body is named by today's code of its region and its own name without the region. What the document
does not settle stays without a body: nothing is guessed.
"""

from typing import NamedTuple

from loaders.publishers import Publisher
from loaders.region import Regions

# A report signed by a region alone is that of the government which runs it.
_GOVERNMENT = "人民政府"
_COMMITTEE = "管理委员会"


class Body(NamedTuple):
    """``publisher_id`` is ``''`` where the name is not settled; ``resolution_evidence`` says why."""

    publisher_id: str
    resolution_code: str
    """``printed``, ``completed`` or ``unresolved``."""
    resolution_evidence: str


def resolve_body(publisher: Publisher, regions: Regions, year: int | None) -> Body:
    """Find the body of a report's publisher."""
    if not publisher.name:
        return Body("", "unresolved", "no publisher is named")
    if not publisher.region_code:
        return Body("", "unresolved", f"the region of {publisher.name} is not known")
    own_name = publisher.own_name or (
        _COMMITTEE if regions.is_zone(publisher.region_code) else _GOVERNMENT
    )
    if own_name == "管委会":
        own_name = _COMMITTEE
    region = regions.by_code(publisher.region_code, year) or regions.by_code(publisher.region_code)
    publisher_id = f"{regions.lasting_code(region) if region else publisher.region_code}-{own_name}"
    if publisher.name == publisher.written and publisher.own_name:
        return Body(publisher_id, "printed", publisher.written)
    return Body(publisher_id, "completed", f"{publisher.written} → {publisher.name}")
