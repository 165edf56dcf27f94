"""Write the golden files of a corpus case: ``python tests/golden/accept.py edition/case``.

What it writes must be read by a person before it is committed.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from loaders.form import load_form
from tests.golden.rendering import list_cases, locate_golden, render


def accept(case: str) -> int:
    """Write both golden files and say what changed."""
    if case not in list_cases():
        print(f"There is no tests/corpus/{case}.txt. Known cases:", *list_cases(), sep="\n  ")
        return 1
    for what, text in render(case, load_form()).items():
        path = locate_golden(case)[what]
        before = path.read_text(encoding="utf-8") if path.is_file() else None
        path.write_text(text, encoding="utf-8", newline="\n")
        state = "unchanged" if text == before else "changed" if before else "new"
        print(f"{path}: {state}, {text.count(chr(10)) - 1} lines")
    print("Read them before you commit them.")
    return 0


if __name__ == "__main__":
    sys.exit(accept(sys.argv[1]) if len(sys.argv) == 2 else __doc__)
