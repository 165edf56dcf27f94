"""Filled forms, and the ways in which websites print them. Shared by the tests of the parser.

A form is drawn as a grid, a list of printed rows of cells, beside the values that a reader of it must
find. The renderers turn grids into text; none of them knows what a cell means.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from loaders.form import Form

Grid = list[list[str]]
Values = dict[tuple[str, str], Decimal]

APPLICANTS = (
    "natural_person",
    "legal_commercial",
    "legal_research",
    "legal_public_welfare",
    "legal_law_service",
    "legal_other",
    "total",
)
REQUEST_HEADER: Grid = [
    ["申请人情况"],
    ["自然人", "法人或其他组织", "总计"],
    ["商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他"],
]
APPEAL_HEADER: Grid = [
    ["行政复议", "行政诉讼"],
    ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计", "未经复议直接起诉", "复议后起诉"],
    ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"] * 2,
]


class Drawn(NamedTuple):
    """A filled table: what is printed, and what must be read from it."""

    table_code: str
    grid: Grid
    values: Values

    def places(self) -> dict[tuple[int, int], tuple[str, str]]:
        """Which cell of the grid prints which value."""
        keys = list(self.values)
        if self.table_code == "requests":
            codes = dict.fromkeys(code for code, _ in keys)
            keys = [(code, column) for code in codes for column in APPLICANTS]
        columns = len({column for _, column in keys})
        width = {"appeals": len(keys), "proactive": 0}.get(self.table_code, columns)
        places = []
        for n, row in enumerate(self.grid):
            first = len(row) - width if width else 1
            if len(row) > 1 - (self.table_code == "appeals") and first >= 0:
                places += [
                    (n, m) for m in range(first, len(row)) if re.fullmatch(r"-?[\d.]+", row[m])
                ]
        return dict(zip(places, keys, strict=True))


# --- forms ----------------------------------------------------------------------------------------


def draw_requests(form: Form, form_id: str, leaves: Mapping[tuple[str, str], int]) -> Drawn:
    """A request matrix that adds up.

    Args:
        leaves: figures by row and applicant for any of the rows that the form does not sum; the rest
            are 0. ``req_new`` and the totals follow from them.
    """
    lines = [line for line in form.lines(form_id) if line.table_code == "requests"]
    parents = {line.parent_code for line in lines}
    printed = [line for line in lines if line.node_type not in ("heading", "subtotal_not_printed")]
    values: Values = {}
    for column in APPLICANTS[:-1]:
        cells = {
            line.indicator_code: leaves.get((line.indicator_code, column), 0) for line in printed
        }
        cells["out_total"] = sum(
            cells[line.indicator_code]
            for line in printed
            if line.node_type == "leaf" and line.indicator_code not in parents
        )
        due = cells["out_total"] + cells["req_carried_out"]
        cells["req_carried_in"] = min(cells["req_carried_in"], due)
        cells["req_new"] = due - cells["req_carried_in"]
        values |= {(code, column): Decimal(count) for code, count in cells.items()}
    for line in printed:
        code = line.indicator_code
        values[(code, "total")] = sum(
            (values[(code, column)] for column in APPLICANTS[:-1]), Decimal(0)
        )
    grid: Grid = [list(row) for row in REQUEST_HEADER]
    opened: list[str] = []
    for line in lines:
        if line not in printed:
            opened.append(line.label_zh)
            continue
        figures = [str(values[(line.indicator_code, column)]) for column in APPLICANTS]
        grid.append([*opened, line.label_zh, *figures])
        opened = []
    return Drawn("requests", grid, values)


def draw_appeals(form: Form, counts: Sequence[int]) -> Drawn:
    """The appeal row: four results in each of three forums, and their totals."""
    figures: list[int] = []
    for forum in range(3):
        results = list(counts[4 * forum : 4 * forum + 4])
        figures += [*results, sum(results)]
    codes = [(column.indicator_code, "") for column in form.appeal_columns]
    grid = [list(row) for row in APPEAL_HEADER] + [[str(figure) for figure in figures]]
    return Drawn("appeals", grid, dict(zip(codes, map(Decimal, figures), strict=True)))


def draw_proactive(form: Form, form_id: str, figures: Mapping[str, Decimal]) -> Drawn:
    """The article-20 tables, one block of header and rows per item of the article."""
    lines = [line for line in form.lines(form_id) if line.table_code == "proactive"]
    grid: Grid = []
    values: Values = {}
    for block in (line for line in lines if line.node_type == "heading"):
        inside = [line for line in lines if line.parent_code == block.indicator_code]
        columns = list(dict.fromkeys(line.column_label_zh for line in inside))
        grid += [[block.label_zh], ["信息内容", *columns]]
        for label in dict.fromkeys(line.row_label_zh for line in inside):
            row = [line for line in inside if line.row_label_zh == label]
            for line in row:
                values[(line.indicator_code, "")] = figures.get(line.indicator_code, Decimal(0))
            grid.append([label, *(str(values[(line.indicator_code, "")]) for line in row)])
    return Drawn("proactive", grid, values)


def draw_statistics(form: Form, form_id: str, figures: Mapping[tuple[str, str], Decimal]) -> Drawn:
    """A one- or two-column statistics table with every row of its edition, as the form orders them."""
    header = {
        "national_2014": ["统计指标", "单位", "统计数"],
        "provincial_2013": ["指标名称", "单位", "数据统计"],
        "provincial_2008": ["指标名称", "代码", "计量单位", "本期实际", "本年累计"],
        "provincial_fujian": ["指标名称", "计量单位", "2015年度", "历年累计"],
    }[form_id]
    columns = [column.column_code for column in form.value_columns(form_id)]
    has_codes = "代码" in header
    grid: Grid = [header]
    values: Values = {}
    for line in form.lines(form_id):
        code = line.indicator_code
        if line.node_type == "heading" or not line.unit:
            grid.append([line.label_zh])
            continue
        for column in columns:
            values[(code, column)] = figures.get((code, column), Decimal(0))
        number = [f"{line.line_order:02}"] if has_codes else []
        grid.append([line.label_zh, *number, line.unit, *(str(values[(code, c)]) for c in columns)])
    return Drawn("statistics", grid, values)


def write_report(
    tables: Mapping[str, str], year: int = 2021, publisher: str = "青溪县人民政府"
) -> str:
    """A whole report around rendered tables, by table code."""
    parts = [
        f"{publisher}{year}年政府信息公开工作年度报告\n",
        f"本报告所列数据的统计期限自{year}年1月1日起至{year}年12月31日止。\n",
        "一、总体情况\n本年度工作平稳有序。\n",
    ]
    headings = {
        "proactive": "二、主动公开政府信息情况",
        "requests": "三、收到和处理政府信息公开申请情况",
        "appeals": "四、政府信息公开行政复议、行政诉讼情况",
        "statistics": "附件 政府信息公开情况统计表",
    }
    parts += [f"{headings[code]}\n{text}\n" for code, text in tables.items()]
    if "statistics" not in tables:
        parts.append(
            "五、存在的主要问题及改进情况\n队伍建设有待加强。\n六、其他需要报告的事项\n无。\n"
        )
    return "".join(parts)


# --- layouts --------------------------------------------------------------------------------------


def pipe_rows(grid: Grid) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in grid)


def markdown_rows(grid: Grid) -> str:
    """A Markdown table: short rows are filled up, a rule stands below the first."""
    width = max(len(row) for row in grid)
    rows = [[*row, *[""] * (width - len(row))] if len(row) == 1 else row for row in grid]
    return pipe_rows([rows[0], ["---"] * width, *rows[1:]])


def trailing_pipes(grid: Grid) -> str:
    return "".join(" | ".join(row) + " |\n" for row in grid)


def tab_rows(grid: Grid) -> str:
    return "".join("\t".join(row) + "\n" for row in grid)


def space_rows(grid: Grid) -> str:
    return "".join(" ".join(row) + "\n" for row in grid)


def wide_rows(grid: Grid) -> str:
    return "".join("　" + "    ".join(row) + " \n" for row in grid)


def cell_per_line(grid: Grid) -> str:
    return "".join(f"{cell} |\n" for row in grid for cell in row)


def cell_and_pipe_alternating(grid: Grid) -> str:
    return "".join(f"{cell}\n|\n" for row in grid for cell in row)


def blank_line_between(grid: Grid) -> str:
    return "".join(f"{cell}\n\n" for row in grid for cell in row)


def one_line(grid: Grid) -> str:
    return " ".join(cell for row in grid for cell in row)


def one_line_of_pipes(grid: Grid) -> str:
    return " | ".join(cell for row in grid for cell in row) + "\n"


def _break_label(cell: str, seed: int) -> str:
    """A label broken over two lines, anywhere; figures and short words stay whole."""
    if re.fullmatch(r"-?[\d.,]+", cell) or len(cell) < 5:
        return cell
    at = 2 + seed % (len(cell) - 3)
    return f"{cell[:at]}\n{cell[at:]}"


def broken_rows(grid: Grid) -> str:
    """A narrow page: the labels of a row broken anywhere, the figures behind them."""
    return "".join(
        " ".join(_break_label(cell, 5 * n + 3 * m) for m, cell in enumerate(row)) + "\n"
        for n, row in enumerate(grid)
    )


def broken_cells(grid: Grid) -> str:
    """A cell in each line, its label broken anywhere."""
    return "".join(
        _break_label(cell, 5 * n + 3 * m) + "\n"
        for n, row in enumerate(grid)
        for m, cell in enumerate(row)
    )


def glued_rows(grid: Grid) -> str:
    """Every separator lost."""
    return "".join("".join(row) for row in grid) + "\n"


def glued_lines(grid: Grid) -> str:
    """The separators between the cells of a line lost."""
    return "".join("".join(row) + "\n" for row in grid)


def lone_pipe_rows(grid: Grid) -> str:
    """Rows opened by a pipe on a line of its own."""
    return "".join("|\n" + " | ".join(row) + "\n" for row in grid)


def captioned_rows(grid: Grid) -> str:
    """A caption glued to the empty pipes that a page's layout left behind."""
    return "单位:件 " + "|" * 12 + "\n" + pipe_rows(grid)


def invented_header(grid: Grid) -> str:
    """Text recognition makes every table a Markdown table, and makes its header up."""
    width = max(len(row) for row in grid)
    head = [[f"数据{n + 1}" for n in range(width)], ["---"] * width]
    return pipe_rows([*head, *grid])


def erratic_blanks(grid: Grid) -> str:
    """Some separators lost, others not: ``200 000121``."""
    lines = []
    for number, row in enumerate(grid):
        cells = [
            cell + (" " if (n * 7 + number * 3) % 5 == 0 else "") for n, cell in enumerate(row)
        ]
        lines.append("".join(cells).rstrip() + "\n")
    return "".join(lines)


def labels_around_figures(grid: Grid) -> str:
    """The text of a PDF: a label wrapped in its cell, the figures beside its middle."""
    lines = []
    for row in grid:
        label = max(row, key=len)
        cells = [cell for cell in row if cell is not label]
        if len(label) < 12 or row[0] is not label:
            lines.append(" ".join(row))
            continue
        half = len(label) // 2
        lines += [label[:half], " ".join(cells), label[half:]]
    return "\n".join(lines) + "\n"


SEPARATED: tuple[Callable[[Grid], str], ...] = (
    pipe_rows,
    markdown_rows,
    trailing_pipes,
    tab_rows,
    space_rows,
    wide_rows,
    cell_per_line,
    cell_and_pipe_alternating,
    blank_line_between,
    one_line,
    one_line_of_pipes,
    lone_pipe_rows,
    captioned_rows,
    invented_header,
    broken_rows,
    broken_cells,
)
"""Layouts that lose nothing: whatever was drawn must be read."""

GLUED = (glued_rows, glued_lines)
"""Layouts that lose separators: a value is right or marked."""

DESTRUCTIVE = (*GLUED, erratic_blanks, labels_around_figures)
"""Layouts that lose separators or the place of a label: a value is right or marked."""
