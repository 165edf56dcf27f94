"""What the commands share: a console, and text from documents made safe for it.

Must stay light: every command imports it.
"""

from __future__ import annotations

from typing import NoReturn

import typer
from rich.console import Console
from rich.markup import escape

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

# Overrides that reorder what a reader sees, beside the control characters proper.
_INVISIBLE = {
    chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F)
}


def is_plain(character: str) -> bool:
    """Whether a character shows as itself, and steers nothing."""
    return character.isprintable() and character not in _INVISIBLE


def plain(text: object) -> str:
    """Text from a document without control characters: nothing in it can steer a terminal."""
    return "".join(c if is_plain(c) else "�" for c in str(text))


def safe(text: object) -> str:
    """Text from a document, to stand inside rich markup."""
    return escape(plain(text))


def stop(message: str, code: int = 2) -> NoReturn:
    """Say why nothing can be done, and leave."""
    err.print(f"[bold red]{safe(message)}")
    raise typer.Exit(code)
