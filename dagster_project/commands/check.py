"""``gongkai check``: what a disclosure office runs on its own draft.

Prints each rule in Chinese and English with the figures compared, worst first, and what to correct.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.commands.reading import ReadFile, read_named
from dagster_project.terminal import err, out, safe

if TYPE_CHECKING:
    from loaders.form import Form, Rule
    from loaders.rows import Parsed
    from loaders.rules import RuleResult

OK, BROKEN_RULE, UNREADABLE = 0, 1, 2

_MARKS = {
    "fail": "[bold red]✗ 不符 fail[/]",
    "uncertain": "[yellow]? 存疑 uncertain[/]",
    "pass": "[green]✓ 相符 pass[/]",
}
_SEVERITIES = {"error": "错误 error", "warning": "提示 warning", "info": "参考 info"}
_FIGURE = re.compile(r"\b(?P<code>[a-z]\w*)(?:\[(?P<column>[^\]]*)\])?")
_SHOWN_ORDER = ("fail", "uncertain", "pass")


def run_check(files: Sequence[Path], *, strict: bool) -> None:
    """Check all files together, so that last year's report can speak to this year's."""
    from dagster_project.parsing import load_dictionary
    from loaders.rows import report_id
    from loaders.rules import evaluate

    found = read_named(files)
    form = load_dictionary().form
    results = evaluate(form, _distinct(found))
    for file in found:
        out.rule(f"[bold]{safe(file.path)}", align="left")
        if file.reason:
            err.print(f"[bold red]无法读取 cannot be read:[/] {safe(file.reason)}")
            continue
        if not any(report.doc_type == "annual_report" for report in file.parsed.reports):
            out.print("[yellow]没有找到年度报告 no annual report found in this file")
        for report in file.parsed.reports:
            here = report_id(report.document_id, report.report_no)
            heading = (report.publisher_name or report.title, report.report_year, report.form_id)
            out.print(
                f"\n[bold]{safe(' '.join(str(part) for part in heading if part))}[/]  [dim]{here}"
            )
            print_results(form, [result for result in results if result.report_id == here])
        print_issues(file.parsed)
    raise SystemExit(judge(form, found, results, strict=strict))


def judge(
    form: Form, found: Sequence[ReadFile], results: Sequence[RuleResult], *, strict: bool
) -> int:
    """The exit status: unreadable files weigh more than broken rules."""
    if any(file.reason for file in found):
        return UNREADABLE
    failed = {result.rule_id for result in results if result.result == "fail"}
    counted = {rule.rule_id for rule in form.rules if strict or rule.severity == "error"}
    return BROKEN_RULE if failed & counted else OK


def print_results(form: Form, results: Sequence[RuleResult]) -> None:
    """One block per rule that failed or is in doubt, one line per rule that holds."""
    counts = Counter(result.result for result in results)
    for outcome in _SHOWN_ORDER:
        for result in results:
            rule = form.rule(result.rule_id)
            if result.result == outcome and rule is not None:
                print_result(form, rule, result)
    out.print(
        f"相符 passed {counts['pass']}, 不符 failed {counts['fail']}, 存疑 uncertain "
        f"{counts['uncertain']}, 无法判断 not assessable {counts['not_assessable']}"
    )


def print_result(form: Form, rule: Rule, result: RuleResult) -> None:
    """A rule that holds takes one line; another one says what was compared and what to do."""
    scope = f" ({safe(result.scope_code)})" if result.scope_code else ""
    matched = f" → {safe(result.matched_rule_id)}" if result.matched_rule_id else ""
    if result.result == "pass":
        out.print(
            f"{_MARKS['pass']} {rule.rule_id}{scope}{matched} [dim]{safe(result.operands)}",
            soft_wrap=True,
        )
        return
    out.print(
        f"{_MARKS[result.result]} [bold]{rule.rule_id}[/]{scope} {_SEVERITIES[rule.severity]}",
        soft_wrap=True,
    )
    out.print(f"    {safe(rule.description_zh)}", soft_wrap=True)
    out.print(f"    {safe(rule.description_en)}", soft_wrap=True)
    out.print(f"    {safe(name_figures(form, result.operands))}", soft_wrap=True)
    out.print(f"    [dim]{safe(result.operands)}", soft_wrap=True)
    for advice in advise(rule, result):
        out.print(f"    [cyan]{advice}", soft_wrap=True)


def name_figures(form: Form, operands: str) -> str:
    """The figures compared under the names that the form prints: 一、本年新收…(总计) 451 + …"""
    columns = {a.applicant_code: a.label_zh for a in form.applicants}
    columns |= {c.column_code: c.label_zh for c in form.all_value_columns}

    def name(found: re.Match[str]) -> str:
        line = form.any_line(found["code"])
        if line is None:
            return found.group()
        column = found["column"] or ""
        return line.label_zh + (f"({columns.get(column, column)})" if column else "")

    return _FIGURE.sub(name, operands)


def advise(rule: Rule, result: RuleResult) -> list[str]:
    """What to correct, in both languages."""
    if result.result == "uncertain":
        return [
            "有数字不清或前后不一,请核对原文。"
            " A figure is unreadable or stated in two ways: check it."
        ]
    if result.cause == "reading":
        return [
            "读取可能有误,请先核对所列数字。"
            " The reading may be at fault: compare the figures first."
        ]
    if rule.rule_kind == "presence":
        return ["请补上规定的表格。 Add the prescribed table."]
    left, right = _number(result.left_value), _number(result.right_value)
    gap = _number(result.residual)
    return [
        f"左边 {left},右边 {right},相差 {gap};请更正其中一项。 "
        f"Left {left}, right {right}, difference {gap}: correct one of the figures."
    ]


def print_issues(parsed: Parsed) -> None:
    """What the parser did not understand, by line."""
    for issue in parsed.issues:
        if issue.severity != "info":
            place = f"第 {issue.line_no} 行 line {issue.line_no}: " if issue.line_no else ""
            out.print(
                f"[yellow]! {issue.issue_code}[/] {place}{safe(issue.text[:200])}", soft_wrap=True
            )


def _distinct(found: Sequence[ReadFile]) -> list[Parsed]:
    """Each document once, however many names it was given under."""
    return list({file.parsed.document.document_id: file.parsed for file in found}.values())


def _number(value: object) -> str:
    text = "" if value is None else str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text
