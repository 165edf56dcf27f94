"""Web pages: the main content among menus, tables with their cells, pictures as a mark.

A cell that spans rows or columns stands where it begins; the places it covers are no cells.
"""

import re
from itertools import accumulate

from selectolax.lexbor import LexborHTMLParser, LexborNode

from loaders.formats import PICTURE
from loaders.formats.grid import rows_to_text

_DROPPED = "script,style,noscript,template,nav,footer,iframe,select,button,input,svg,object"
_BLOCKS = frozenset(
    "address article aside blockquote body center dd div dl dt fieldset figure form h1 h2 h3 h4 h5 h6 "
    "header hr li main ol p pre section ul table tr br".split()
)
# Where content systems of Chinese government sites keep the text of an article.
_CONTENT = (
    "#zoom,#Zoom,#UCAP-CONTENT,.TRS_Editor,.trs_editor_view,.view.TRS_UEDITOR,#content,.article-content,"
    ".pages_content,.xxgk_content,.article,article,main,#article,.content,.con,.main-content"
)
_TITLES = ('meta[name="ArticleTitle"]', 'meta[name="articletitle"]')
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_LEAST_CONTENT = 400
_DEEPEST = 400
_DEEPEST_TREE = 5_000
_NESTING = re.compile(
    r"<(/?)(?:div|span|table|font|section|article|blockquote|center|ul|ol|b|strong|i|em|u|a|form)\b",
    re.IGNORECASE,
)


def read(html: str) -> str:
    """The text of a page: its title, then its main content.

    Raises:
        ValueError: a page nested so deep that no browser would show it; building its tree would take
            time out of proportion.
    """
    if html.count("<") > _DEEPEST_TREE and _depth(html) > _DEEPEST_TREE:
        raise ValueError(f"elements nested more than {_DEEPEST_TREE:,} deep")
    tree = LexborHTMLParser(html)
    if tree.body is None:
        return ""
    title = _title(tree)
    for node in tree.css(_DROPPED):
        node.decompose()
    text = _text_of(_main_content(tree))
    if title and title not in text[: 4 * len(title) + 200]:
        text = f"{title}\n{text}"
    return text


def _depth(html: str) -> int:
    """How deep a page nests at the most, elements that are left open counted as such."""
    steps = (-1 if found[1] else 1 for found in _NESTING.finditer(html))
    return max(accumulate(steps), default=0)


def _title(tree: LexborHTMLParser) -> str:
    for selector in _TITLES:
        node = tree.css_first(selector)
        if node is not None and node.attributes.get("content"):
            return " ".join((node.attributes["content"] or "").split())
    node = tree.css_first("title")
    return " ".join(node.text().split()) if node is not None else ""


def _main_content(tree: LexborHTMLParser) -> LexborNode:
    """The element that a content system marks, or the one with most text that is no link."""
    body = tree.body
    assert body is not None
    whole = _weight(body)
    marked = [
        (weight, node) for node in tree.css(_CONTENT) if (weight := _weight(node)) >= _LEAST_CONTENT
    ]
    # The tightest marked element that still holds most of the page's running text.
    enough = [(weight, node) for weight, node in marked if weight * 2 >= whole]
    return min(enough, key=lambda pair: pair[0])[1] if enough else body


def _weight(node: LexborNode) -> int:
    links = sum(len(link.text(deep=True)) for link in node.css("a"))
    return len(node.text(deep=True)) - 2 * links


def _text_of(root: LexborNode) -> str:
    parts: list[str] = []
    _walk(root, parts, 0)
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _walk(node: LexborNode, parts: list[str], depth: int) -> None:
    if depth > _DEEPEST:
        parts.append(node.text(deep=True))
        return
    for child in node.iter(include_text=True):
        tag = child.tag
        if tag == "-text":
            parts.append((child.text_content or "").replace("\n", " ").replace("\xa0", " "))
        elif tag == "img":
            parts.append(PICTURE)
        elif tag == "sup":
            # A footnote's number must not become a digit of the figure before it.
            parts.append(child.text(deep=True).strip("[]()").translate(_RAISED))
        elif tag == "table" and _is_data(child):
            parts.append("\n" + rows_to_text(_rows(child)) + "\n")
        else:
            is_block = tag in _BLOCKS
            parts.append("\n" if is_block else "")
            _walk(child, parts, depth + 1)
            parts.append("\n" if is_block else " " if tag in ("td", "th") else "")


def _is_data(table: LexborNode) -> bool:
    """Whether a table holds data: no table inside, and no cell with a whole page of text."""
    if len(table.css("table")) > 1:
        return False
    return all(len(cell.text(deep=True)) < 600 for cell in table.css("td,th"))


def _rows(table: LexborNode) -> list[list[str | None]]:
    rows: list[list[str | None]] = []
    for tr in table.css("tr"):
        cells: list[str | None] = []
        for cell in tr.iter():
            if cell.tag in ("td", "th"):
                cells.append(_cell_text(cell))
        rows.append(cells)
    return rows


def _cell_text(cell: LexborNode) -> str:
    parts: list[str] = []
    _walk(cell, parts, 0)
    return " ".join("".join(parts).split())
