"""The dictionary of the forms as frozen objects. How it is read and checked is told in `loaders.form`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Edition:
    """One generation of the form; ``narrative`` stands for figures told in prose."""

    form_id: str
    valid_from_year: int
    valid_to_year: int | None
    label_zh: str
    label_en: str
    legal_basis: str
    has_table: bool


@dataclass(frozen=True, slots=True)
class FormTable:
    """A table of an edition. ``heading_zh``: the headings under which it is printed."""

    form_id: str
    table_code: str
    heading_zh: tuple[str, ...]
    is_prescribed: bool


@dataclass(frozen=True, slots=True)
class Signature:
    """A phrase that speaks for an edition (positive weight) or against it."""

    form_id: str
    phrase: str
    weight: int


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator of an edition: a printed row, a crossing of row and column, a fact in prose."""

    form_id: str
    indicator_code: str
    parent_code: str
    line_order: int
    table_code: str
    section: str
    label_zh: str
    label_en: str
    unit: str
    kind: str
    row_label_zh: str
    column_label_zh: str
    dimension_code: str
    node_type: str
    fact_code: str
    measure_code: str
    channel_code: str
    forum_code: str
    result_code: str
    outcome_level: str
    is_total: bool
    confidence: str
    notes: str


@dataclass(frozen=True, slots=True)
class LabelVariant:
    """Another spelling of a label, or a wording in prose, and where it was seen."""

    form_id: str
    indicator_code: str
    label_zh: str
    kind: str
    source: str


@dataclass(frozen=True, slots=True)
class Header:
    """A printed header that carries no figure; ``role`` says what it is good for."""

    table_code: str
    label_zh: str
    role: str
    form_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Applicant:
    """A column of the request matrix."""

    applicant_code: str
    parent_code: str
    column_order: int
    label_zh: str
    label_variants: tuple[str, ...]
    label_en: str
    applicant_class: str
    is_total: bool
    form_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AppealColumn:
    """One of the fifteen columns of the appeals table, in printed order."""

    indicator_code: str
    column_order: int
    forum_code: str
    result_code: str
    forum_zh: str
    result_zh: str
    result_variants: tuple[str, ...]
    forum_en: str
    result_en: str
    is_total: bool
    form_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ValueColumn:
    """A value column of a one-dimensional table; ``column_code`` is ``''`` where there is but one."""

    form_id: str
    column_code: str
    label_zh: str
    label_variants: tuple[str, ...]
    label_en: str
    is_yearly: bool
    notes: str


@dataclass(frozen=True, slots=True)
class CrosswalkRow:
    """How an indicator of one edition continues in others, and in which long series."""

    source_form_id: str
    source_code: str
    series_code: str
    target_form_ids: tuple[str, ...]
    target_codes: tuple[str, ...]
    mapping_type: str
    usable_for_series: str
    caveat_en: str
    caveat_zh: str
    source_label_zh: str
    target_labels_zh: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """One signed figure of a rule; docs/contracts.md explains the columns."""

    rule_id: str
    term_no: int
    scope_code: str
    role: str
    coefficient: int
    operand: str
    indicator_code: str
    column_code: str
    qualifier: str
    claim_use: str
    year_offset: int
    body: str
    is_optional: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """A relation between figures that a report should fulfil, with its terms and its editions."""

    rule_id: str
    rule_kind: str
    rule_group: str
    scope_kind: str
    relation: str
    tolerance: Decimal
    severity: str
    suite_kind: str
    table_code: str
    description_zh: str
    description_en: str
    source: str
    notes: str
    terms: tuple[Term, ...]
    editions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleException:
    """A deviation that a person has looked at."""

    rule_id: str
    report_id: str
    scope_code: str
    reason: str
    evidence: str
    reviewed_date: str


@dataclass(frozen=True, eq=False)
class Form:
    """The whole dictionary, with the lookups that its readers need.

    Editions come in the order of the files, lines in the order in which they are printed. Two
    dictionaries are equal only if they are the same object, so a dictionary can key a cache.
    """

    editions: tuple[Edition, ...]
    all_tables: tuple[FormTable, ...]
    signatures: tuple[Signature, ...]
    all_lines: tuple[Line, ...]
    label_variants: tuple[LabelVariant, ...]
    headers: tuple[Header, ...]
    applicants: tuple[Applicant, ...]
    appeal_columns: tuple[AppealColumn, ...]
    all_value_columns: tuple[ValueColumn, ...]
    crosswalk: tuple[CrosswalkRow, ...]
    rules: tuple[Rule, ...]
    exceptions: tuple[RuleException, ...]
    phrases: Mapping[str, tuple[str, ...]]
    """Indicator code of the prose edition → wordings that announce its figure."""

    _lines: Mapping[str, tuple[Line, ...]] = field(repr=False)
    _line: Mapping[tuple[str, str], Line] = field(repr=False)
    _any_line: Mapping[str, Line] = field(repr=False)
    _variants: Mapping[tuple[str, str], tuple[str, ...]] = field(repr=False)
    _rules: Mapping[str, Rule] = field(repr=False)

    def lines(self, form_id: str) -> tuple[Line, ...]:
        """All lines of an edition in printed order; empty for an edition that is unknown."""
        return self._lines.get(form_id, ())

    def line(self, form_id: str, indicator_code: str) -> Line | None:
        """One line of an edition."""
        return self._line.get((form_id, indicator_code))

    def any_line(self, indicator_code: str) -> Line | None:
        """The line of a code in the newest edition that has it: codes mean the same everywhere."""
        return self._any_line.get(indicator_code)

    def variants(self, form_id: str, indicator_code: str) -> tuple[str, ...]:
        """Other spellings of a line's label (for an article-20 line ``row-column``)."""
        return self._variants.get((form_id, indicator_code), ())

    def labels(
        self, form_id: str, table_code: str
    ) -> list[tuple[str, str | tuple[str, str], bool]]:
        """The labels under which the lines of a table are printed.

        Returns:
            ``(label_zh, what, is_variant)``; ``what`` is the indicator code or, in the article-20
            tables, the pair of row label and column label whose crossing the line is.
        """
        found: list[tuple[str, str | tuple[str, str], bool]] = []
        for line in self.lines(form_id):
            if line.table_code != table_code:
                continue
            what: str | tuple[str, str] = line.indicator_code
            if line.row_label_zh:
                what = (line.row_label_zh, line.column_label_zh)
            found.append((line.label_zh, what, False))
            found += [(label, what, True) for label in self.variants(form_id, line.indicator_code)]
        return found

    def tables(self, form_id: str) -> tuple[FormTable, ...]:
        """The tables of an edition."""
        return tuple(table for table in self.all_tables if table.form_id == form_id)

    def value_columns(self, form_id: str) -> tuple[ValueColumn, ...]:
        """The value columns of an edition's one-dimensional table."""
        return tuple(column for column in self.all_value_columns if column.form_id == form_id)

    def rule(self, rule_id: str) -> Rule | None:
        """One rule by its code."""
        return self._rules.get(rule_id)
