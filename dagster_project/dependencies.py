"""What this installation is made of: the lock, what is installed, and both as a bill of materials.

Whether any of it is known to be vulnerable is asked in ``audit``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageMetadata, PackageNotFoundError, distribution
from pathlib import Path
from uuid import UUID

from dagster_project.settings import PROJECT

LOCK = PROJECT / "requirements.lock"
BILL_OF_MATERIALS = "sbom.cdx.json"
PROJECT_NAME = "gongkai"
_PIN = re.compile(
    r"(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*\])?==(?P<version>[^\s;]+)(?:\s*;\s*(?P<marker>[^\\]+))?"
)


def normalise_name(name: str) -> str:
    """The name of a package as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_lock(path: Path = LOCK) -> dict[str, str]:
    """The version of every package that the lock has for this interpreter and system."""
    from packaging.markers import Marker

    versions = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if found := _PIN.match(line):
            marker = found["marker"]
            if not marker or Marker(marker).evaluate():
                versions[normalise_name(found["name"])] = found["version"]
    return versions


@dataclass(frozen=True)
class Installed:
    """A package of the running program."""

    name: str
    version: str
    """Empty where it is needed and missing."""
    licence: str
    needs: tuple[str, ...]


def compare_with_lock(locked: Mapping[str, str], installed: Iterable[Installed]) -> Iterator[str]:
    """A sentence for every package that is not as it was locked."""
    for package in installed:
        wanted = locked.get(package.name)
        if wanted is None:
            yield f"{package.name} is not locked."
        elif not package.version:
            yield f"{package.name} is missing; the lock has {wanted}."
        elif package.version != wanted:
            yield f"{package.name} is {package.version}; the lock has {wanted}."


@lru_cache(maxsize=1)
def list_installed(root: str = PROJECT_NAME) -> tuple[Installed, ...]:
    """The packages that the program needs to run, and theirs in turn, itself first."""
    found: dict[str, Installed] = {}
    waiting = [(root, frozenset[str]())]
    seen = set()
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            # Read once: at each asking for a field it is parsed anew.
            metadata = distribution(name).metadata
        except PackageNotFoundError:
            found[name] = Installed(name, "", "", ())
            continue
        needed = dict(_needed_by(metadata, extras))
        known = found[name].needs if name in found else ()
        needs = tuple(sorted({*known, *needed}))
        found[name] = Installed(name, metadata["Version"], _read_licence(metadata), needs)
        waiting += needed.items()
    return (found.pop(root), *(found[name] for name in sorted(found)))


def _needed_by(
    metadata: PackageMetadata, extras: frozenset[str]
) -> Iterator[tuple[str, frozenset[str]]]:
    from packaging.requirements import Requirement

    for line in metadata.get_all("Requires-Dist") or ():
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": name}) for name in extras or ("",)):
            yield normalise_name(requirement.name), frozenset(requirement.extras)


def write_bill_of_materials(folder: Path) -> None:
    """List what a release was made with, as CycloneDX: names, versions, licences, who needs whom.

    The same installation writes the same bytes: no date, and a serial number made from the content.
    """
    from cyclonedx.factory.license import LicenseFactory
    from cyclonedx.model import Property
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.dependency import Dependency
    from cyclonedx.output.json import JsonV1Dot6
    from packageurl import PackageURL

    locked, licences = read_lock(), LicenseFactory()
    packages = [package for package in list_installed() if package.version]
    components = {}
    for package in packages:
        is_own = package.name == PROJECT_NAME
        address = PackageURL("pypi", name=package.name, version=package.version)
        components[package.name] = Component(
            name=package.name,
            version=package.version,
            type=ComponentType.APPLICATION if is_own else ComponentType.LIBRARY,
            purl=None if is_own else address,
            bom_ref=str(address),
            licenses=[licences.make_from_string(package.licence)] if package.licence else (),
        )
        if not is_own and locked.get(package.name) != package.version:
            name = f"{PROJECT_NAME}:not_as_locked"
            components[package.name].properties.add(Property(name=name, value="true"))
    bill = Bom()
    bill.metadata.timestamp = None
    bill.metadata.component = components[PROJECT_NAME]
    lock_hash = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    bill.metadata.properties.add(Property(name=f"{PROJECT_NAME}:lock_sha256", value=lock_hash))
    for package in packages:
        if package.name != PROJECT_NAME:
            bill.components.add(components[package.name])
        needs = [components[name].bom_ref for name in package.needs if name in components]
        # Each stands here once; to register it would look for it among all others.
        bill.dependencies.add(
            Dependency(components[package.name].bom_ref, [Dependency(need) for need in needs])
        )
    content = hashlib.sha256(repr((lock_hash, packages)).encode()).digest()
    bill.serial_number = UUID(bytes=content[:16], version=5)
    text = JsonV1Dot6(bill).output_as_string(indent=2)
    (folder / BILL_OF_MATERIALS).write_text(text + "\n", encoding="utf-8")


def _read_licence(metadata: PackageMetadata) -> str:
    """The licence as the package states it, in one line; classifiers where it states none."""
    expression = metadata.get("License-Expression", "")
    stated = metadata.get("License", "")
    if expression or (stated and "\n" not in stated and len(stated) <= 64):
        return expression or stated
    classifiers = metadata.get_all("Classifier") or ()
    named = [line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License ::")]
    return ", ".join(sorted(named))
