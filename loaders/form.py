"""The dictionary of the forms, read from `dbt/seeds/form/` and checked on the way in.

Everything that is known of a form stands in those CSV files: editions, printed labels and their
spellings, tables, rules and their terms. This module judges the files, never a report; regions are the
business of `loaders.bodies.region`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from loaders.dictionary import (
    AppealColumn,
    Applicant,
    CrosswalkRow,
    Edition,
    Form,
    FormTable,
    Header,
    LabelVariant,
    Line,
    Rule,
    RuleException,
    Signature,
    Term,
    ValueColumn,
)
from loaders.seeds import SEEDS, FormError, Row, read_rows, read_year_range

__all__ = [
    "AppealColumn",
    "Applicant",
    "CrosswalkRow",
    "Edition",
    "Form",
    "FormError",
    "FormTable",
    "Header",
    "LabelVariant",
    "Line",
    "Rule",
    "RuleException",
    "Signature",
    "Term",
    "ValueColumn",
    "load_form",
]

KINDS = {"stock", "flow", "money", "note"}
DIMENSIONS = {
    "request_row",
    "appeal_column",
    "article_20",
    "statistic",
    "value_columns",
    "narrative",
}
NODE_TYPES = {
    "heading",
    "total",
    "subtotal",
    "subtotal_not_printed",
    "leaf",
    "of_which",
    "of_which_exhaustive",
}
# What a line of each fact must say about itself.
FACTS = {
    "": (),
    "requests": ("measure_code",),
    "request_channels": ("channel_code",),
    "request_topics": (),
    "outcomes": ("outcome_level",),
    "appeals": ("forum_code", "result_code"),
    "proactive_disclosure": (),
    "capacity": (),
}
MEASURES = {"", "new_count", "carried_in_count", "carried_out_count"}
CHANNELS = {"", "in_person", "fax", "online", "mail", "email", "other", "mail_or_fax"}
FORUMS = {
    "",
    "administrative_review",
    "litigation",
    "litigation_direct",
    "litigation_after_review",
}
RESULTS = {
    "",
    "upheld",
    "corrected",
    "declared_illegal",
    "other_corrected",
    "other",
    "pending",
    "concluded",
    "total",
}
OUTCOME_LEVELS = {"", "total", "subtotal", "outcome", "reason"}
CONFIDENCES = {"seed", "web", "recall"}
TABLES = {"", "proactive", "requests", "appeals", "statistics"}
VARIANT_KINDS = {"label", "phrase"}
MAPPINGS = {"one_to_one", "one_to_many", "many_to_one", "many_to_many", "no_equivalent"}
USABILITIES = {"yes", "with_caveat", "no"}
RULE_KINDS = {"linear", "ratio", "any_of", "domain", "presence", "aggregate"}
SCOPE_KINDS = {
    "document",
    "applicant_column",
    "request_row",
    "value_column",
    "row",
    "qualifier",
}
RELATIONS = {"=", "<=", ">="}
SEVERITIES = {"error", "warning", "info"}
SUITE_KINDS = {
    "row_sum",
    "column_sum",
    "balance",
    "carry_over",
    "bound",
    "ratio",
    "domain",
    "presence",
    "narrative",
    "aggregate",
}
ROLES = {"left", "right", "printed", "numerator", "denominator", "denominator_else"}
OPERANDS = {"cell", "claim", "table"}
CLAIM_USES = {"", "single", "sum"}
BODIES = {"self", "children"}

# Scopes whose member may stand for `*` in the column, and in the indicator.
_COLUMN_SCOPES = {"applicant_column", "value_column"}
_ROW_SCOPES = {"request_row", "row"}


def load_form(folder: Path | None = None) -> Form:
    """Read the dictionary and check that it hangs together.

    Args:
        folder: the seeds folder, which holds ``form/``; `dbt/seeds/` of this repository if not given.

    Raises:
        FormError: a file is missing or wrong; the message names file, row and column and the remedy.
    """
    return _Loader((folder or SEEDS) / "form").load()


class _Loader:
    """Reads the files in the order in which they refer to each other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.editions: dict[str, Edition] = {}
        self.tables: dict[tuple[str, str], FormTable] = {}
        self.lines: dict[tuple[str, str], Line] = {}
        self.codes: set[str] = set()
        self.applicants: dict[str, Applicant] = {}
        self.value_columns: dict[tuple[str, str], ValueColumn] = {}

    def load(self) -> Form:
        self.read_editions()
        self.read_tables()
        signatures = tuple(self.read_signatures())
        self.read_lines()
        variants = tuple(self.read_variants())
        headers = tuple(self.read_headers())
        self.read_applicants()
        appeal_columns = tuple(self.read_appeal_columns())
        self.read_value_columns()
        crosswalk = tuple(self.read_crosswalk())
        rules = self.read_rules()
        exceptions = tuple(self.read_exceptions(rules))
        by_edition: dict[str, list[Line]] = {}
        for line in self.lines.values():
            by_edition.setdefault(line.form_id, []).append(line)
        newest = sorted(self.lines.values(), key=self.first_year)
        spellings: dict[tuple[str, str], list[str]] = {}
        phrases: dict[str, list[str]] = {}
        for variant in variants:
            if variant.kind == "phrase":
                phrases.setdefault(variant.indicator_code, []).append(variant.label_zh)
            else:
                key = (variant.form_id, variant.indicator_code)
                spellings.setdefault(key, []).append(variant.label_zh)
        return Form(
            editions=tuple(self.editions.values()),
            all_tables=tuple(self.tables.values()),
            signatures=signatures,
            all_lines=tuple(self.lines.values()),
            label_variants=variants,
            headers=headers,
            applicants=tuple(sorted(self.applicants.values(), key=lambda a: a.column_order)),
            appeal_columns=tuple(sorted(appeal_columns, key=lambda c: c.column_order)),
            all_value_columns=tuple(self.value_columns.values()),
            crosswalk=crosswalk,
            rules=tuple(rules.values()),
            exceptions=exceptions,
            phrases={code: tuple(found) for code, found in phrases.items()},
            _lines={
                form_id: tuple(sorted(found, key=lambda line: line.line_order))
                for form_id, found in by_edition.items()
            },
            _line=dict(self.lines),
            _any_line={line.indicator_code: line for line in newest},
            _variants={key: tuple(found) for key, found in spellings.items()},
            _rules=rules,
        )

    def rows(self, name: str, columns: str, key: str) -> Iterator[Row]:
        return read_rows(self.folder / f"form_{name}.csv", columns.split(), key.split())

    def first_year(self, line: Line) -> int:
        return self.editions[line.form_id].valid_from_year

    # -- references

    def form_id(self, row: Row, column: str = "form_id") -> str:
        value = row.text(column)
        if value not in self.editions:
            raise row.error(
                column, f"{value!r} is no edition; add it to form_edition.csv or correct it"
            )
        return value

    def form_ids(self, row: Row, column: str = "form_ids") -> tuple[str, ...]:
        values = row.many(column)
        for value in values:
            if value not in self.editions:
                raise row.error(
                    column, f"{value!r} is no edition; add it to form_edition.csv or correct it"
                )
        if not values:
            raise row.error(column, "is empty; name the editions as a|b")
        return values

    def table_code(self, row: Row, form_ids: Iterable[str]) -> str:
        value = row.one_of("table_code", TABLES)
        for form_id in form_ids:
            if value and (form_id, value) not in self.tables:
                raise row.error(
                    "table_code", f"{form_id} has no table {value!r}; add it to form_table.csv"
                )
        return value

    def indicator_code(self, row: Row, form_id: str, column: str = "indicator_code") -> str:
        value = row.text(column)
        if (form_id, value) not in self.lines:
            raise row.error(
                column, f"{value!r} is no line of {form_id}; add it to form_line.csv or correct it"
            )
        return value

    # -- files

    def read_editions(self) -> None:
        columns = "form_id valid_from_year valid_to_year label_zh label_en legal_basis has_table"
        for row in self.rows("edition", columns, "form_id"):
            first, last = read_year_range(row)
            edition = Edition(
                row.required("form_id"),
                first,
                last,
                row.required("label_zh"),
                row.required("label_en"),
                row.text("legal_basis"),
                row.boolean("has_table"),
            )
            self.editions[edition.form_id] = edition

    def read_tables(self) -> None:
        columns = "form_id table_code heading_zh is_prescribed"
        for row in self.rows("table", columns, "form_id table_code"):
            table = FormTable(
                self.form_id(row),
                row.one_of("table_code", TABLES - {""}),
                row.many("heading_zh"),
                row.boolean("is_prescribed"),
            )
            self.tables[table.form_id, table.table_code] = table

    def read_signatures(self) -> Iterator[Signature]:
        for row in self.rows("signature", "form_id phrase weight", "form_id phrase"):
            weight = row.integer("weight")
            if not weight:
                raise row.error("weight", "is 0 and tells nothing; weigh the phrase or remove it")
            yield Signature(self.form_id(row), row.required("phrase"), weight)

    def read_lines(self) -> None:
        columns = (
            "form_id indicator_code parent_code line_order table_code section label_zh label_en"
            " unit kind row_label_zh column_label_zh dimension_code node_type fact_code"
            " measure_code channel_code forum_code result_code outcome_level is_total confidence"
            " notes"
        )
        rows: list[tuple[Row, Line]] = []
        orders: set[tuple[str, int]] = set()
        for row in self.rows("line", columns, "form_id indicator_code"):
            form_id = self.form_id(row)
            line = Line(
                form_id=form_id,
                indicator_code=row.required("indicator_code"),
                parent_code=row.text("parent_code"),
                line_order=row.integer("line_order"),
                table_code=self.table_code(row, (form_id,)),
                section=row.text("section"),
                label_zh=row.required("label_zh"),
                label_en=row.required("label_en"),
                unit=row.text("unit"),
                kind=row.one_of("kind", KINDS),
                row_label_zh=row.text("row_label_zh"),
                column_label_zh=row.text("column_label_zh"),
                dimension_code=row.one_of("dimension_code", DIMENSIONS),
                node_type=row.one_of("node_type", NODE_TYPES),
                fact_code=row.one_of("fact_code", FACTS),
                measure_code=row.one_of("measure_code", MEASURES),
                channel_code=row.one_of("channel_code", CHANNELS),
                forum_code=row.one_of("forum_code", FORUMS),
                result_code=row.one_of("result_code", RESULTS),
                outcome_level=row.one_of("outcome_level", OUTCOME_LEVELS),
                is_total=row.boolean("is_total"),
                confidence=row.one_of("confidence", CONFIDENCES),
                notes=row.text("notes"),
            )
            self.check_line(row, line)
            if (form_id, line.line_order) in orders:
                raise row.error("line_order", f"{line.line_order} is taken; renumber the edition")
            orders.add((form_id, line.line_order))
            self.lines[form_id, line.indicator_code] = line
            self.codes.add(line.indicator_code)
            rows.append((row, line))
        for row, line in rows:
            if line.parent_code:
                self.indicator_code(row, line.form_id, "parent_code")
            if line.parent_code == line.indicator_code:
                raise row.error("parent_code", "is the line itself; name the line above it")

    def check_line(self, row: Row, line: Line) -> None:
        if bool(line.table_code) != self.editions[line.form_id].has_table:
            raise row.error("table_code", "an edition with tables needs one here, prose has none")
        if bool(line.row_label_zh) != bool(line.column_label_zh):
            raise row.error("row_label_zh", "stands alone; give row and column label, or neither")
        for column in FACTS[line.fact_code]:
            if not row.text(column):
                raise row.error(column, f"is empty; a line of {line.fact_code} needs it")
        for fact_code, needed in FACTS.items():
            for column in needed:
                if row.text(column) and line.fact_code != fact_code:
                    raise row.error(column, f"belongs to {fact_code} only; empty it")

    def read_variants(self) -> Iterator[LabelVariant]:
        columns = "form_id indicator_code label_zh kind source"
        key = "form_id indicator_code label_zh"
        for row in self.rows("label_variant", columns, key):
            form_id = self.form_id(row)
            kind = row.one_of("kind", VARIANT_KINDS)
            if (kind == "phrase") == self.editions[form_id].has_table:
                raise row.error("kind", "prose has phrases, tables have labels; correct it")
            yield LabelVariant(
                form_id,
                self.indicator_code(row, form_id),
                row.required("label_zh"),
                kind,
                row.required("source"),
            )

    def read_headers(self) -> Iterator[Header]:
        columns = "table_code label_zh role form_ids"
        for row in self.rows("header", columns, "table_code label_zh role"):
            form_ids = self.form_ids(row)
            yield Header(
                self.table_code(row, form_ids),
                row.required("label_zh"),
                row.required("role"),
                form_ids,
            )

    def read_applicants(self) -> None:
        columns = (
            "applicant_code parent_code column_order label_zh label_variants label_en"
            " applicant_class is_total form_ids"
        )
        for row in self.rows("applicant", columns, "applicant_code"):
            applicant = Applicant(
                row.required("applicant_code"),
                row.text("parent_code"),
                row.integer("column_order"),
                row.required("label_zh"),
                row.many("label_variants"),
                row.required("label_en"),
                row.required("applicant_class"),
                row.boolean("is_total"),
                self.form_ids(row),
            )
            if any(a.column_order == applicant.column_order for a in self.applicants.values()):
                raise row.error("column_order", "is taken; number the columns as printed")
            if applicant.is_total and any(a.is_total for a in self.applicants.values()):
                raise row.error("is_total", "there is a total already; mark only one")
            self.applicants[applicant.applicant_code] = applicant

    def read_appeal_columns(self) -> Iterator[AppealColumn]:
        columns = (
            "indicator_code column_order forum_code result_code forum_zh result_zh result_variants"
            " forum_en result_en is_total form_ids"
        )
        orders: set[int] = set()
        for row in self.rows("appeal_column", columns, "indicator_code"):
            form_ids = self.form_ids(row)
            for form_id in form_ids:
                self.indicator_code(row, form_id)
            order = row.integer("column_order")
            if order in orders:
                raise row.error("column_order", f"{order} is taken; number the columns as printed")
            orders.add(order)
            yield AppealColumn(
                row.text("indicator_code"),
                order,
                row.one_of("forum_code", FORUMS - {""}),
                row.one_of("result_code", RESULTS - {""}),
                row.required("forum_zh"),
                row.required("result_zh"),
                row.many("result_variants"),
                row.required("forum_en"),
                row.required("result_en"),
                row.boolean("is_total"),
                form_ids,
            )

    def read_value_columns(self) -> None:
        columns = "form_id column_code label_zh label_variants label_en is_yearly notes"
        for row in self.rows("value_column", columns, "form_id column_code"):
            column = ValueColumn(
                self.form_id(row),
                row.text("column_code"),
                row.required("label_zh"),
                row.many("label_variants"),
                row.required("label_en"),
                row.boolean("is_yearly"),
                row.text("notes"),
            )
            self.value_columns[column.form_id, column.column_code] = column

    def read_crosswalk(self) -> Iterator[CrosswalkRow]:
        columns = (
            "source_form_id source_code series_code target_form_ids target_codes mapping_type"
            " usable_for_series caveat_en caveat_zh source_label_zh target_labels_zh"
        )
        key = "source_form_id source_code series_code target_form_ids"
        for row in self.rows("crosswalk", columns, key):
            source = self.form_id(row, "source_form_id")
            self.indicator_code(row, source, "source_code")
            targets = self.form_ids(row, "target_form_ids")
            codes = row.many("target_codes")
            for code in codes:
                if not any((form_id, code) in self.lines for form_id in targets):
                    raise row.error(
                        "target_codes", f"{code!r} is no line of {'|'.join(targets)}; correct it"
                    )
            mapping = row.one_of("mapping_type", MAPPINGS)
            if (mapping == "no_equivalent") == bool(codes):
                raise row.error("mapping_type", "no_equivalent and target_codes exclude each other")
            yield CrosswalkRow(
                source,
                row.text("source_code"),
                row.required("series_code"),
                targets,
                codes,
                mapping,
                row.one_of("usable_for_series", USABILITIES),
                row.text("caveat_en"),
                row.text("caveat_zh"),
                row.text("source_label_zh"),
                row.many("target_labels_zh"),
            )

    # -- rules

    def read_rules(self) -> dict[str, Rule]:
        columns = (
            "rule_id rule_kind rule_group scope_kind relation tolerance severity suite_kind"
            " table_code description_zh description_en source notes"
        )
        heads = {row.required("rule_id"): row for row in self.rows("rule", columns, "rule_id")}
        editions: dict[str, list[str]] = {rule_id: [] for rule_id in heads}
        for row in self.rows("rule_edition", "rule_id form_id", "rule_id form_id"):
            editions[self.rule_id(row, heads)].append(self.form_id(row))
        terms = self.read_terms(heads, editions)
        rules: dict[str, Rule] = {}
        for rule_id, row in heads.items():
            if not editions[rule_id]:
                raise row.error(
                    "rule_id", "no edition has the rule; add it to form_rule_edition.csv"
                )
            rule = Rule(
                rule_id=rule_id,
                rule_kind=row.one_of("rule_kind", RULE_KINDS),
                rule_group=row.text("rule_group"),
                scope_kind=row.one_of("scope_kind", SCOPE_KINDS),
                relation=row.one_of("relation", RELATIONS),
                tolerance=row.decimal("tolerance"),
                severity=row.one_of("severity", SEVERITIES),
                suite_kind=row.one_of("suite_kind", SUITE_KINDS),
                table_code=row.one_of("table_code", TABLES),
                description_zh=row.required("description_zh"),
                description_en=row.required("description_en"),
                source=row.text("source"),
                notes=row.text("notes"),
                terms=tuple(terms[rule_id]),
                editions=tuple(editions[rule_id]),
            )
            self.check_rule(row, rule)
            rules[rule_id] = rule
        return rules

    def rule_id(self, row: Row, known: Iterable[str]) -> str:
        value = row.text("rule_id")
        if value not in known:
            raise row.error(
                "rule_id", f"{value!r} is no rule; add it to form_rule.csv or correct it"
            )
        return value

    def check_rule(self, row: Row, rule: Rule) -> None:
        roles = {term.role for term in rule.terms}
        if rule.rule_kind == "ratio":
            missing = {"printed", "numerator", "denominator"} - roles
        else:
            missing = {"left"} - roles
            strange = roles - {"left", "right"}
            if strange:
                raise row.error(
                    "rule_kind",
                    f"only a ratio has terms of role {strange.pop()}; correct the terms",
                )
        if missing:
            raise row.error(
                "rule_id", f"has no term of role {min(missing)}; add it to form_rule_term.csv"
            )
        if (rule.rule_kind == "any_of") != bool(rule.rule_group):
            raise row.error("rule_group", "an any_of rule needs a group, and no other rule has one")
        if rule.rule_kind == "domain" and not rule.table_code:
            raise row.error("table_code", "is empty; a domain rule needs the table it looks at")

    def read_terms(
        self, heads: Mapping[str, Row], editions: Mapping[str, Sequence[str]]
    ) -> dict[str, list[Term]]:
        columns = (
            "rule_id term_no scope_code role coefficient operand indicator_code column_code"
            " qualifier claim_use year_offset body is_optional"
        )
        terms: dict[str, list[Term]] = {rule_id: [] for rule_id in heads}
        for row in self.rows("rule_term", columns, "rule_id term_no"):
            rule_id = self.rule_id(row, heads)
            term = Term(
                rule_id=rule_id,
                term_no=row.integer("term_no"),
                scope_code=row.text("scope_code"),
                role=row.one_of("role", ROLES),
                coefficient=row.integer("coefficient"),
                operand=row.one_of("operand", OPERANDS),
                indicator_code=row.required("indicator_code"),
                column_code=row.text("column_code"),
                qualifier=row.text("qualifier"),
                claim_use=row.one_of("claim_use", CLAIM_USES),
                year_offset=row.integer("year_offset"),
                body=row.one_of("body", BODIES),
                is_optional=row.boolean("is_optional"),
            )
            self.check_term(row, term, heads[rule_id], editions[rule_id])
            terms[rule_id].append(term)
        for found in terms.values():
            found.sort(key=lambda term: term.term_no)
        return terms

    def check_term(self, row: Row, term: Term, head: Row, form_ids: Sequence[str]) -> None:
        scope_kind = head.text("scope_kind")
        is_domain = head.text("rule_kind") == "domain"
        if not term.coefficient:
            raise row.error(
                "coefficient", "is 0 and counts for nothing; sign it or remove the term"
            )
        if term.year_offset not in (0, -1):
            raise row.error("year_offset", f"{term.year_offset} is not allowed; use 0 or -1")
        if term.scope_code and scope_kind != "qualifier":
            raise row.error("scope_code", "only rules of scope qualifier have one; empty it")
        if (term.operand == "claim") != bool(term.claim_use):
            raise row.error("claim_use", "claims need single or sum, other operands have none")
        if term.qualifier and term.operand != "claim":
            raise row.error("qualifier", "only claims have one; empty it")
        if term.operand == "table":
            for form_id in form_ids:
                if (form_id, term.indicator_code) not in self.tables:
                    raise row.error(
                        "indicator_code",
                        f"{form_id} has no table {term.indicator_code!r}; correct it",
                    )
            return
        if term.column_code == "*":
            if scope_kind not in _COLUMN_SCOPES and not is_domain:
                raise row.error("column_code", f"'*' has no member in scope {scope_kind}; name it")
        elif term.column_code:
            known = {column for _, column in self.value_columns} | set(self.applicants)
            if term.column_code not in known:
                raise row.error("column_code", f"{term.column_code!r} is no column; correct it")
        if term.indicator_code == "*":
            if scope_kind not in _ROW_SCOPES and not is_domain:
                raise row.error(
                    "indicator_code", f"'*' has no member in scope {scope_kind}; name it"
                )
            return
        self.check_indicator(row, term, form_ids)

    def check_indicator(self, row: Row, term: Term, form_ids: Sequence[str]) -> None:
        code = term.indicator_code
        if code not in self.codes:
            raise row.error(
                "indicator_code",
                f"{code!r} is in no edition; add it to form_line.csv or correct it",
            )
        if term.operand == "claim":
            prose = [e.form_id for e in self.editions.values() if not e.has_table]
            if not any((form_id, code) in self.lines for form_id in prose):
                raise row.error("indicator_code", f"{code!r} is no figure of prose; correct it")
        elif not term.year_offset:
            # A cell of the year before may come from the edition before.
            for form_id in form_ids:
                if (form_id, code) not in self.lines:
                    raise row.error(
                        "indicator_code",
                        f"{code!r} is unknown in {form_id}, which has the rule; correct the term"
                        " or take the edition out of form_rule_edition.csv",
                    )

    def read_exceptions(self, rules: Mapping[str, Rule]) -> Iterator[RuleException]:
        columns = "rule_id report_id scope_code reason evidence reviewed_date"
        for row in self.rows("exception", columns, "rule_id report_id scope_code"):
            reviewed = row.required("reviewed_date")
            try:
                date.fromisoformat(reviewed)
            except ValueError:
                raise row.error(
                    "reviewed_date", f"{reviewed!r} is no date; write it as 2026-01-31"
                ) from None
            yield RuleException(
                self.rule_id(row, rules),
                row.required("report_id"),
                row.text("scope_code"),
                row.required("reason"),
                row.required("evidence"),
                reviewed,
            )
