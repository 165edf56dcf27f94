"""Files that hold many documents: archives, corpora with a document per row, web crawls.

What a container is and how its documents stream out of it. Nothing is written to disk under a name
that a container gives, nothing is held beyond one document, and nothing here raises on content.
What a document means, and where it is stored, is decided elsewhere.
"""

from dagster_project.containers.model import ContainedDocument, ContainerSettings, Problem
from dagster_project.containers.opening import is_container, open_container

__all__ = ["ContainedDocument", "ContainerSettings", "Problem", "is_container", "open_container"]
