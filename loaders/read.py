"""Bytes to text. Knows encodings; knows nothing of reports.

Formats other than plain text (HTML, PDF, Word ...) belong here as further readers: each gives the
text of the document, and every later step works on that text alone.
"""

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP container (docx, xlsx, zip)"),
    (b"\xd0\xcf\x11\xe0", "an OLE container (doc, xls)"),
    (b"\x1f\x8b", "gzip data"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x1f]")
_SAMPLE = 65_536


@dataclass(frozen=True)
class Decoded:
    """Text of a document, or the reason why there is none.

    ``text`` is ``None`` exactly where ``reason`` is not empty; ``reason`` is a sentence for a person.
    """

    text: str | None
    encoding: str
    issue_code: str = ""
    reason: str = ""


def decode(data: bytes) -> Decoded:
    """Decode a plain-text document in any encoding that Chinese websites use.

    UTF-8 and UTF-16/32 with a byte-order mark, UTF-8 without one, UTF-16 without one (NUL pattern),
    GB18030 (which contains GBK and GB2312); anything else is left to charset-normalizer.
    The byte-order mark is not part of the text. Never raises.
    """
    if not data.strip(b"\x00 \t\r\n"):
        return Decoded(None, "", "empty_document", "The file is empty or holds only blanks.")
    for magic, what in _MAGIC:
        if data.startswith(magic):
            return Decoded(
                None, "", "not_text", f"This is {what}, not plain text; convert it to text first."
            )
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _decoded(data, encoding) or _unreadable()
    if b"\x00" not in data[:_SAMPLE]:
        found = _decoded(data, "utf-8") or _decoded(data, "gb18030")
        return found or _guessed(data)
    return _utf16_without_bom(data) or Decoded(
        None, "", "not_text", "The file holds binary data, not text."
    )


def _decoded(data: bytes, encoding: str) -> Decoded | None:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    if _looks_binary(text):
        return None
    return Decoded(text, encoding)


def _utf16_without_bom(data: bytes) -> Decoded | None:
    sample = data[:_SAMPLE]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if even == odd:
        return None
    return _decoded(data, "utf-16-be" if even > odd else "utf-16-le")


def _guessed(data: bytes) -> Decoded:
    best = from_bytes(data[:_SAMPLE]).best()
    found = _decoded(data, best.encoding) if best is not None else None
    return found or _truncated_utf8(data) or _unreadable()


def _truncated_utf8(data: bytes) -> Decoded | None:
    """A UTF-8 file with a few broken bytes: they become U+FFFD, which no later step can read."""
    text = data.decode("utf-8", errors="replace")
    if text.count("\ufffd") * 200 > len(text) or _looks_binary(text):
        return None
    return Decoded(text, "utf-8 with errors")


def _looks_binary(text: str) -> bool:
    sample = text[:_SAMPLE]
    return len(_CONTROL.findall(sample)) * 100 > len(sample)


def _unreadable() -> Decoded:
    return Decoded(
        None,
        "",
        "unknown_encoding",
        "No known encoding fits; save the file as UTF-8 and try again.",
    )
