"""Printed labels to dictionary entries. Knows spelling; knows nothing of rows and values.

A label is compared by its *key*: the letters and digits that remain once ordinals, punctuation and
blanks are gone. Keys match exactly or not at all; bounded repair is the business of `tables`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from loaders.form import Form

NOT_LETTER = re.compile(r"[^0-9A-Za-z㐀-鿿]+")
_PARENTHESIS = re.compile(r"[(〔][^()〔〕]*[)〕]?")
_ORDINAL = re.compile(
    r"\s*(?:第?[一二三四五六七八九十]{1,3}\s*[、.,]|[(〔]\s*(?:[一二三四五六七八九十]{1,3}|\d{1,2})\s*[)〕]\s*[、.]?"
    r"|\d{1,2}\s*[.、,)](?!\d)|其\s*中\s*[:,、]?)\s*"
)
_ORDINAL_MARK = re.compile(r"[一二三四五六七八九十]+|\d+")


class Entry(NamedTuple):
    """What a label may stand for.

    ``role`` is ``line`` (code: indicator_code), ``applicant`` (applicant_code), ``row`` and ``column`` (article 20: the label
    itself), ``value_column`` (column_code), ``heading`` (indicator_code), or a role of ``form_header.csv``.
    """

    role: str
    code: str


def split_ordinal(label: str) -> tuple[str, str]:
    """Part a label from its ordinals: ``'(三)1.属于…'`` → ``('1', '属于…')``; the innermost counts."""
    mark = ""
    while (found := _ORDINAL.match(label)) is not None and found.end() < len(label):
        digits = _ORDINAL_MARK.search(found.group())
        mark = digits.group() if digits else mark
        label = label[found.end() :]
    return mark, label


def key_of(label: str) -> str:
    """The letters and digits of a label, without its ordinal."""
    return NOT_LETTER.sub("", split_ordinal(label)[1])


def bare_key_of(label: str) -> str:
    """The key without what stands in brackets (guidance notes)."""
    return NOT_LETTER.sub("", _PARENTHESIS.sub("", split_ordinal(label)[1]))


@dataclass(frozen=True, eq=False)
class LabelIndex:
    """All labels of one kind of table.

    ``by_key`` gives every entry of a key; ``by_head`` the keys that begin with two given letters, longest
    first, for reading labels out of running text; ``pieces`` the beginnings and ends of keys, by which a
    label that is broken over several cells is known.
    """

    by_key: dict[str, tuple[Entry, ...]]
    by_head: dict[str, tuple[str, ...]]
    pieces: frozenset[str]
    ordinals: dict[str, str]

    def find(self, label: str) -> tuple[Entry, ...]:
        """Every entry of a printed label; empty where it is unknown."""
        found = self.by_key.get(NOT_LETTER.sub("", label))
        if found is None:
            found = self.by_key.get(key_of(label))
        if found is None and ("(" in label or "〔" in label):
            found = self.by_key.get(bare_key_of(label))
        return found or ()


def build_index(labels: Iterable[tuple[str, Entry]]) -> LabelIndex:
    """Index ``(printed label, entry)`` pairs."""
    entries: dict[str, list[Entry]] = {}
    ordinals: dict[str, str] = {}
    for label, entry in labels:
        mark, _ = split_ordinal(label)
        for key in dict.fromkeys((key_of(label), bare_key_of(label))):
            if not key:
                continue
            if entry not in entries.setdefault(key, []):
                entries[key].append(entry)
            if mark:
                ordinals.setdefault(key, mark)
    heads: dict[str, list[str]] = {}
    pieces: set[str] = set()
    for key in entries:
        heads.setdefault(key[:2], []).append(key)
        pieces.update(key[:i] for i in range(1, len(key)))
        pieces.update(key[i:] for i in range(1, len(key)))
    return LabelIndex(
        {k: tuple(v) for k, v in entries.items()},
        {k: tuple(sorted(v, key=len, reverse=True)) for k, v in heads.items()},
        frozenset(pieces),
        ordinals,
    )


@lru_cache(maxsize=64)
def table_index(form: Form, table_code: str, form_id: str = "") -> LabelIndex:
    """The labels of one table, of every edition that has it or of ``form_id`` alone."""
    return build_index(_labels(form, table_code, form_id))


def _labels(form: Form, table_code: str, form_id: str) -> Iterable[tuple[str, Entry]]:
    for header in form.headers:
        # An anchor is a run of labels that tells where a table begins, not a label.
        if header.role == "anchor" or header.table_code != table_code:
            continue
        if not form_id or form_id in header.form_ids:
            yield header.label_zh, Entry(header.role, header.label_zh)
    for line in form.all_lines:
        if line.table_code != table_code or (form_id and line.form_id != form_id):
            continue
        if line.dimension_code == "appeal_column":
            continue
        variants = form.variants(line.form_id, line.indicator_code)
        if line.dimension_code == "article_20" and line.row_label_zh:
            yield line.row_label_zh, Entry("row", line.row_label_zh)
            yield line.column_label_zh, Entry("column", line.column_label_zh)
            for variant in variants:
                row, _, column = variant.partition("-")
                yield row, Entry("row", line.row_label_zh)
                if column:
                    yield column, Entry("column", line.column_label_zh)
            continue
        role = "heading" if line.node_type == "heading" else "line"
        for label in (line.label_zh, *variants):
            yield label, Entry(role, line.indicator_code)
    if table_code == "requests":
        for applicant in form.applicants:
            for label in (applicant.label_zh, *applicant.label_variants):
                yield label, Entry("applicant", applicant.applicant_code)
    if table_code == "appeals":
        for column in form.appeal_columns:
            for label in (column.result_zh, *column.result_variants):
                yield label, Entry("result", column.result_code)
    if table_code == "statistics":
        for column in form.all_value_columns:
            if not form_id or column.form_id == form_id:
                for label in (column.label_zh, *column.label_variants):
                    yield label, Entry("value_column", column.column_code)
