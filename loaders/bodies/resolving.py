"""Which public body a printed name stands for, the same through the years.

A body is named by the lasting code of its region and its own name without the region, abbreviations
written out. What the document does not settle stays without a body: nothing is guessed.
"""

from typing import NamedTuple

from loaders.bodies.aliases import Aliases, default_aliases
from loaders.bodies.publishers import Publisher
from loaders.bodies.region import Regions

# A report signed by a region alone is that of the government, or the committee, which runs it.
_GOVERNMENT = "人民政府"
_COMMITTEE = "管理委员会"


class Body(NamedTuple):
    """``publisher_id`` is ``''`` where the name is not settled; ``resolution_evidence`` says why."""

    publisher_id: str
    resolution_code: str
    """``printed``, ``completed``, ``abbreviation``, ``alias``, ``misprint`` or ``unresolved``."""
    resolution_evidence: str
    own_name: str = ""
    """The name without its region, written out."""


def resolve_body(publisher: Publisher, regions: Regions, aliases: Aliases | None = None) -> Body:
    """Find the body of a report's publisher."""
    place = publisher.place
    if not publisher.name:
        return Body("", "unresolved", "no publisher is named")
    if place.region is None:
        return Body("", "unresolved", place.evidence)
    code = place.region.region_code
    is_zone = regions.is_zone(code)
    own_name = place.own_name or (_COMMITTEE if is_zone else _GOVERNMENT)
    method, evidence = place.method, [place.evidence]
    if publisher.name != publisher.written or not place.own_name:
        signed = publisher.name if place.own_name else place.region.name_zh + own_name
        evidence.insert(0, f"{publisher.written} → {signed}")
        method = "completed" if method == "printed" else method
    alias = (aliases or default_aliases()).find(own_name, code)
    if alias:
        own_name = alias.publisher_name
        evidence.append(f"{alias.printed_name} → {alias.publisher_name}: {alias.evidence}")
        if method in ("printed", "completed"):
            method = "abbreviation" if alias.alias_kind == "abbreviation" else "alias"
    publisher_id = f"{regions.lasting_code(place.region)}-{own_name}"
    words = "; ".join(part for part in evidence if part) or publisher.written
    return Body(publisher_id, method, words, own_name)
