"""A cheap look at bytes: may this be about disclosure at all? Nothing is decoded for it."""

from __future__ import annotations

from functools import lru_cache

_OPAQUE = (b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""Packed formats hide their text; they are always kept."""


@lru_cache(maxsize=8)
def _spell(terms: tuple[str, ...]) -> tuple[tuple[bytes, tuple[bytes, ...]], ...]:
    """Every way to write the terms, by the bytes without which that way cannot occur."""
    plain, wide, escaped, entities = {}, {}, {}, {}
    for term in terms:
        for encoding in ("utf-8", "gb18030", "big5"):
            spelling = term.encode(encoding, "ignore")
            # Big5 lacks simplified characters; the rest of a term would be found everywhere.
            if spelling.decode(encoding) == term:
                plain[spelling] = None
        for encoding in ("utf-16-le", "utf-16-be"):
            wide[term.encode(encoding)] = None
        for shape in ("\\u{:04x}", "\\u{:04X}"):
            escaped["".join(shape.format(ord(c)) for c in term).encode()] = None
        for shape in ("&#{};", "&#x{:x};", "&#x{:X};"):
            entities["".join(shape.format(ord(c)) for c in term).encode()] = None
    return (
        (b"", tuple(plain)),
        (b"\\u", tuple(escaped)),
        (b"&#", tuple(entities)),
        # Wide text has a zero byte with every space, digit and line break.
        (b"\x00", tuple(wide)),
    )


def is_relevant(data: bytes, terms: tuple[str, ...]) -> bool:
    """Whether one of the terms stands in the bytes, in any encoding of Chinese text.

    UTF-8, GB18030, Big5 and UTF-16, escapes of JSON and entities of HTML. PDF and Office files,
    whose text is packed, count as relevant. Without terms everything is.
    """
    if not terms or data.startswith(_OPAQUE):
        return True
    return any(
        sign in data and any(spelling in data for spelling in spellings)
        for sign, spellings in _spell(terms)
    )
