"""Bytes to text. Knows encodings and which reader a format needs; knows nothing of reports.

What a file is, its first bytes tell, and its media type only where they do not. Formats with a
structure of their own have a reader each in `loaders.formats`; every later step works on text alone.
"""

import codecs
import io
import re
import zipfile
from functools import lru_cache
from typing import NamedTuple

from charset_normalizer import from_bytes

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = (
    (b"\xd0\xcf\x11\xe0", "an old Word or Excel file; save it as .docx or .xlsx"),
    (b"\x1f\x8b", "gzip data; unpack it first"),
    (b"\x89PNG", "a PNG picture, which has no text"),
    (b"\xff\xd8\xff", "a JPEG picture, which has no text"),
    (b"Rar!", "a RAR archive; unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive; unpack it first"),
)
_NO_TEXT = tuple(magic for magic, _ in _MAGIC)
_PLAIN, _HTML, _CSV, _PDF = "text/plain", "text/html", "text/csv", "application/pdf"
_OFFICE = "application/vnd.openxmlformats-officedocument"
_DOCX, _XLSX = f"{_OFFICE}.wordprocessingml.document", f"{_OFFICE}.spreadsheetml.sheet"
_HTML_OPENING = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|table|div|meta|p\b|span)",
    re.IGNORECASE | re.DOTALL,
)
# What a packed file may unpack to before it counts as a bomb.
_MOST_UNPACKED = 300_000_000
_MOST_RATIO = 250
# Trees of XML take fifty times their text; pictures are packed beside them and stay as they are.
_MOST_MARKUP = 32_000_000
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x1f]")
_CONTROL_BYTES = bytes((*range(0x09), *range(0x0E, 0x1C), 0x1F))
_SAMPLE = 65_536
# What any report is full of, in both scripts.
_COMMON = "的一是在有和人年月日政府公开開信息资資讯訊工作报報告申请請情况況机機关關"


class Decoded(NamedTuple):
    """Text of a document, or the reason why there is none.

    ``text`` is ``None`` exactly where ``reason`` is not empty; ``reason`` is a sentence for a person.
    ``media_type`` is what the bytes turned out to be.
    """

    text: str | None
    encoding: str
    issue_code: str = ""
    reason: str = ""
    media_type: str = _PLAIN


# The reading of a document and the passages of its figures ask for it one after the other.
@lru_cache(maxsize=1)
def decode(data: bytes, media_type: str = _PLAIN) -> Decoded:
    """Get the text of a document in any format and encoding that Chinese websites use.

    PDF, DOCX and XLSX are known by their first bytes, HTML by its opening tag; CSV needs its media type.
    Text may be UTF-8 and UTF-16/32 with a byte-order mark, UTF-8 without one, UTF-16 without one (NUL
    pattern), GB18030 (which contains GBK and GB2312), Big5 with the Hong Kong characters; anything else is left to charset-normalizer. The
    byte-order mark is not part of the text. Never raises on content.
    """
    if not data.strip(b"\x00 \t\r\n"):
        return Decoded(None, "", "empty_document", "The file is empty or holds only blanks.")
    if data.startswith(b"%PDF-"):
        return _read_with("pdf", data, _PDF)
    if data.startswith(b"PK\x03\x04"):
        return _read_office(data)
    if data.startswith(_NO_TEXT):
        what = next(what for magic, what in _MAGIC if data.startswith(magic))
        return Decoded(None, "", "not_text", f"This is {what}.")
    decoded = _decode_text(data)
    if decoded.text is None:
        return decoded
    if media_type == _CSV:
        return _extracted(decoded, "sheet", _CSV)
    if _HTML_OPENING.match(decoded.text) is not None:
        return _extracted(decoded, "html", _HTML)
    return decoded


def needs_library(data: bytes) -> bool:
    """Whether a library for its format reads a document: code that is not ours, and partly not Python."""
    if data.startswith((b"%PDF-", b"PK\x03\x04")):
        return True
    text = _decode_text(data).text if data.strip(b"\x00 \t\r\n") else None
    return text is not None and _HTML_OPENING.match(text) is not None


def _extracted(decoded: Decoded, format_name: str, media_type: str) -> Decoded:
    extracted = _read_with(format_name, decoded.text, media_type)
    return extracted._replace(encoding=decoded.encoding)


def _read_with(format_name: str, source: bytes | str | None, media_type: str) -> Decoded:
    """Let a format's reader have the file. Broken files make libraries raise anything at all."""
    try:
        text = _reader(format_name, media_type)(source)
    except Exception as error:
        what = " ".join(str(error).split())[:200] or type(error).__name__
        return Decoded(
            None, "", "unreadable_file", f"The file is damaged or protected: {what}.", media_type
        )
    if text.strip():
        return Decoded(text, "", media_type=media_type)
    if media_type == _PDF:
        reason = "The PDF has no text layer (a scan); put it through text recognition first."
        return Decoded(None, "", "no_text_layer", reason, media_type)
    return Decoded(None, "", "empty_document", "The file holds no text.", media_type)


def _reader(format_name: str, media_type: str):
    """The reader of a format, imported when the first such file comes: some take long to load."""
    if format_name == "pdf":
        from loaders.formats import pdf

        return pdf.read
    if format_name == "word":
        from loaders.formats import word

        return word.read
    if format_name == "html":
        from loaders.formats import html

        return html.read
    from loaders.formats import sheet

    return sheet.read_csv if media_type == _CSV else sheet.read_xlsx


def _read_office(data: bytes) -> Decoded:
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return Decoded(None, "", "unreadable_file", "The ZIP container is damaged.")
    unpacked = sum(entry.file_size for entry in entries)
    markup = sum(e.file_size for e in entries if e.filename.lower().endswith((".xml", ".rels")))
    is_bomb = unpacked > _MOST_UNPACKED or unpacked > _MOST_RATIO * max(len(data), 4096)
    if is_bomb or markup > _MOST_MARKUP:
        return Decoded(
            None, "", "too_large", f"The file would unpack to {unpacked:,} bytes; it is not opened."
        )
    names = {entry.filename for entry in entries}
    if "word/document.xml" in names:
        return _read_with("word", data, _DOCX)
    if "xl/workbook.xml" in names:
        return _read_with("sheet", data, _XLSX)
    return Decoded(None, "", "not_text", "This is a ZIP archive; unpack it first.")


def _decode_text(data: bytes) -> Decoded:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _decoded(data, encoding) or _unreadable()
    # Nearly every document: UTF-8 without a control character, which is one byte there.
    if len(data.translate(None, _CONTROL_BYTES)) == len(data):
        try:
            return Decoded(data.decode(), "utf-8")
        except UnicodeDecodeError:
            pass
    if b"\x00" not in data[:_SAMPLE]:
        found = _decoded(data, "utf-8") or _likelier(
            _decoded(data, "gb18030"), _decoded(data, "big5hkscs")
        )
        return found or _guessed(data)
    return _utf16_without_bom(data) or Decoded(
        None, "", "not_text", "The file holds binary data, not text."
    )


def _likelier(first: Decoded | None, second: Decoded | None) -> Decoded | None:
    """Of two readings of the same bytes the one that reads like Chinese: most bytes are valid in both codes."""
    if first is None or second is None:
        return first or second
    return second if _share_of_common(second) > 2 * _share_of_common(first) else first


def _share_of_common(decoded: Decoded) -> float:
    sample = (decoded.text or "")[:_SAMPLE]
    return sum(sample.count(char) for char in _COMMON) / max(len(sample), 1)


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
