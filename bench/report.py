"""Results into bench/README.md: each bench owns the stretch between its two marks."""

import re
from pathlib import Path


def replace_section(path: Path, name: str, text: str) -> None:
    """Put a text between ``<!-- name -->`` and ``<!-- end name -->``."""
    readme = path.read_text(encoding="utf-8")
    begin, end = f"<!-- {name} -->", f"<!-- end {name} -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not pattern.search(readme):
        raise SystemExit(f"{path.name} has no {begin} … {end}")
    path.write_text(pattern.sub(lambda _: f"{begin}\n{text}\n{end}", readme), encoding="utf-8")
