"""Forms filled by a seeded generator, without hypothesis: for long runs, and for tests with a budget.

What is drawn keeps the rules of its edition. `tests/layouts.py` says how it is printed.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from random import Random

from loaders.form import Form
from loaders.rows import Parsed
from loaders.tables.solve import instances_of
from tests.layouts import (
    APPLICANTS,
    Drawn,
    Values,
    draw_appeals,
    draw_proactive,
    draw_requests,
    draw_statistics,
)

YEARLY = ("national_2019", "national_2021")
LISTS = ("provincial_2008", "provincial_2013", "provincial_fujian", "national_2014")
EDITIONS = (*YEARLY, *LISTS)
_COUNTS = (0, 0, 0, 1, 2, 3, 5, 9, 10, 11, 27, 48, 100, 356, 1243)
_MONEY = ("0", "0.5", "12.43", "356", "27042.62")


def draw_form(random: Random, form: Form, form_id: str) -> list[Drawn]:
    """Draw the tables of one report."""
    return (_three_tables if form_id in YEARLY else _one_table)(random, form, form_id)


def _count(random: Random) -> int:
    return random.choice(_COUNTS) if random.random() < 0.7 else random.randrange(3000)


def keep_bounds(form_id: str, figures: dict[str, Decimal]) -> None:
    """Raise drawn figures of article 20 until its bounds hold."""
    # What is public or in force holds what was made this year.
    for kind in ("rules", "normdocs"):
        made = figures[f"a20_1_{kind}_made"]
        if form_id == "national_2019":
            newly_published = figures[f"a20_1_{kind}_newly_published"]
            figures[f"a20_1_{kind}_total_public"] += made + newly_published
        else:
            figures[f"a20_1_{kind}_in_force"] += made
    # No more items are dropped than there were.
    for code in figures:
        if code.endswith("_change"):
            figures[code] = max(figures[code], -figures[code.replace("_change", "_prev_items")])


def _three_tables(random: Random, form: Form, form_id: str) -> list[Drawn]:
    rows = [
        line.indicator_code
        for line in form.lines(form_id)
        if line.table_code == "requests"
        and line.node_type not in ("heading", "subtotal_not_printed")
    ]
    leaves = {
        (random.choice(rows), random.choice(APPLICANTS[:-1])): _count(random)
        for _ in range(random.randrange(30))
    }
    figures: dict[str, Decimal] = {}
    for line in form.lines(form_id):
        if line.dimension_code == "article_20" and line.row_label_zh:
            code = line.indicator_code
            if line.unit == "万元":
                figures[code] = Decimal(random.choice(_MONEY))
            elif code.endswith("_change"):
                figures[code] = Decimal(random.randint(-9, 40))
            else:
                figures[code] = Decimal(_count(random))
    keep_bounds(form_id, figures)
    counts = [_count(random) if random.random() < 0.5 else 0 for _ in range(12)]
    return [
        draw_proactive(form, form_id, figures),
        draw_requests(form, form_id, leaves),
        draw_appeals(form, counts),
    ]


def _one_table(random: Random, form: Form, form_id: str) -> list[Drawn]:
    columns = [column.column_code for column in form.value_columns(form_id)]
    figures: dict[tuple[str, str], Decimal] = {}
    for line in form.lines(form_id):
        total = Decimal(0)
        for column in columns:
            is_money = line.unit == "万元"
            total += Decimal(random.choice(_MONEY)) if is_money else Decimal(_count(random))
            figures[(line.indicator_code, column)] = total
    _keep_rules(form, form_id, figures)
    return [draw_statistics(form, form_id, figures)]


def _keep_rules(form: Form, form_id: str, figures: dict[tuple[str, str], Decimal]) -> None:
    """Make wholes of their parts until every error rule of the edition holds."""
    instances = instances_of(form, form_id, "statistics", list(figures))
    instances = [i for i in instances if all(key in figures for key, _ in i.terms)]
    for _ in range(50):
        is_kept = True
        for _, terms, relation in instances:
            gap = sum((factor * figures[key] for key, factor in terms), Decimal(0))
            if gap == 0 or (relation == "<=" and gap < 0) or (relation == ">=" and gap > 0):
                continue
            is_kept = False
            signs = Counter(factor for _, factor in terms)
            whole = next(
                key for key, f in terms if signs[f] == 1 and (relation == "=" or f * gap < 0)
            )
            sign = dict(terms)[whole]
            figures[whole] -= sign * gap
            other = (whole[0], "cumulative")
            if other in figures and other != whole:
                figures[other] = max(figures[other], figures[whole])
        if is_kept:
            return


def with_a_wrong_sum(random: Random, drawn: Drawn) -> Drawn:
    """The same table with one figure changed, as reports print them: a rule may not hold."""
    (n, m), key = random.choice(list(drawn.places().items()))
    value = drawn.values[key] + random.choice((1, 1, 2, 10, 90))
    grid = [list(row) for row in drawn.grid]
    grid[n][m] = str(value)
    return drawn._replace(grid=grid, values={**drawn.values, key: value})


def wanted(drawn: Sequence[Drawn]) -> Values:
    """Every value of some tables."""
    return {key: value for table in drawn for key, value in table.values.items()}


def judge(
    parsed: Parsed, tables: Mapping[str, Values], is_zero_blank: bool = False
) -> Counter[str]:
    """Compare what was read with what was printed, cell by cell.

    Args:
        tables: the values by table code.
        is_zero_blank: zeros were printed as nothing, and need not be read.

    Returns:
        Counts of ``right``; ``marked`` (the cell says that it is in doubt, or is absent and an issue of
        its table or of the document says so); ``silent`` (absent without a word); ``wrong`` (another
        value than was printed, or a value where none was).
    """
    found = {}
    counts: Counter[str] = Counter()
    values = {key: value for table in tables.values() for key, value in table.items()}
    for cell in parsed.cells:
        key = (cell.indicator_code, cell.column_code)
        found[key] = cell
        if cell.value_status == "reported" and values.get(key) != cell.value:
            counts["wrong"] += 1
    told = {issue.table_code for issue in parsed.issues if issue.severity != "info"}
    # A table that nobody recognised has no code.
    is_told = any(issue.issue_code == "figures_not_read" for issue in parsed.issues)
    is_told |= not any(report.doc_type == "annual_report" for report in parsed.reports)
    for code, table in tables.items():
        for key, value in table.items():
            cell = found.get(key)
            if cell is not None and cell.value_status == "reported":
                counts["right"] += cell.value == value
            elif cell is not None or code in told or is_told or (is_zero_blank and not value):
                counts["marked"] += 1
            else:
                counts["silent"] += 1
    return counts
