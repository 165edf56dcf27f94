"""Was every rule evaluated, and did every figure arrive? Counted by report, some at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from expectations.columns import Numbers, Part

if TYPE_CHECKING:
    import pandas as pd

    from expectations.recompute import Stated


class Completeness:
    """Rules that a report's editions have against those that were evaluated for it."""

    def __init__(self, numbers: Numbers) -> None:
        self.numbers = numbers
        rows = numbers.connection.execute(_COVERED).fetchall()
        form_ids = dict.fromkeys(form_id for form_id, _ in rows)
        self.editions = {form_id: number for number, form_id in enumerate(form_ids)}
        self.covers = np.zeros((numbers.rule_count, len(form_ids)), dtype=np.int32)
        for form_id, rule_no in rows:
            self.covers[rule_no, self.editions[form_id]] = 1
        self.told: list[tuple[int, int, bool, bool, int, int]] = []
        self.whole: dict[int, list[int]] = {}

    def count(self, part: Part, stated: dict[int, Stated]) -> None:
        """Count the rules of a part."""
        editions = np.zeros((len(self.editions), part.count), dtype=np.int32)
        for row in part.read("report_editions").to_pylist():
            if row["form_id"] in self.editions:
                editions[self.editions[row["form_id"]], row["report_key"] - part.first] = 1
        is_expected = self.covers @ editions > 0
        found, distinct = np.zeros((2, *is_expected.shape), dtype=np.int32)
        for instance in self.numbers.instances:
            rows = stated.get(instance.instance_no)
            if rows is not None:
                counts = np.bincount(rows.report, minlength=part.count)
                found[instance.rule_no] += counts
                distinct[instance.rule_no] += counts > 0
        repeated = found - distinct
        is_told = (is_expected != (found > 0)) | (repeated > 0)
        for rule_no, report in zip(*np.nonzero(is_told), strict=True):
            at = rule_no, report
            told = bool(is_expected[at]), bool(found[at] > 0), int(repeated[at]), 1
            self.told.append((int(report) + part.first, int(rule_no), *told))
        is_whole = is_expected & ~is_told
        for rule_no in np.nonzero(is_whole.any(axis=1))[0]:
            first = int(is_whole[rule_no].argmax()) + part.first
            self.whole.setdefault(int(rule_no), [first, 0])[1] += int(is_whole[rule_no].sum())

    def as_frame(self) -> pd.DataFrame:
        """Where a rule was not evaluated as it must be, and a row per rule for all the others."""
        import pandas as pd

        whole = [(key, no, True, True, 0, count) for no, (key, count) in self.whole.items()]
        columns = "report_key rule_no is_expected is_evaluated repeated_count row_count".split()
        connection = self.numbers.connection
        connection.register("counted", pd.DataFrame([*self.told, *whole], columns=columns))
        try:
            return connection.execute(_RULES_COUNTED).df()
        finally:
            connection.unregister("counted")


_COVERED = """
    select distinct form_id, rule_no
    from form.form_rule_edition inner join numbered_rules using (rule_id)
"""
_RULES_COUNTED = """
    select
        reports.report_id,
        rules.rule_id,
        is_expected,
        is_evaluated,
        repeated_count,
        row_count,
        reports.document,
    from counted
    inner join numbered_reports as reports using (report_key)
    inner join numbered_rules as rules using (rule_no)
    order by rule_id, report_id
"""


class Conservation:
    """Figures as read against those in the facts, one by one."""

    def __init__(self, numbers: Numbers) -> None:
        self.numbers = numbers
        (self.cell_kind_count,) = numbers.connection.execute(_CELL_KINDS).fetchone()
        self.told: list[tuple[int, int, int, int, int]] = []
        self.whole: list[int] = []

    def count(self, part: Part) -> None:
        """Count the figures of a part that did not arrive, or were not read."""
        places, figures, is_known = part.read_figures("cells_read")
        is_there = part.is_there[places]
        is_altered = is_there & ~(is_known & (figures == part.values[places]))
        is_lost = ~is_there & ~part.is_withheld[places]
        # Kinds of cells come first; no other figure is read as one.
        is_invented = part.is_there[: self.cell_kind_count * part.count].copy()
        arrived = is_invented.reshape(-1, part.count).any(axis=0)
        is_invented[places] = False
        invented = [np.nonzero(is_invented)[0], part.repeated[part.repeated < is_invented.size]]
        counted = [
            np.bincount(found % part.count, minlength=part.count)
            for found in (places[is_lost], np.concatenate(invented), places[is_altered])
        ]
        is_told = sum(counted) > 0
        for at in np.nonzero(is_told)[0]:
            self.told.append((int(at) + part.first, *(int(count[at]) for count in counted), 1))
        arrived[places % part.count] = True
        self.whole += (np.nonzero(arrived & ~is_told)[0] + part.first).tolist()

    def as_frame(self) -> pd.DataFrame:
        """One row per report whose figures do not agree, and one for all the others."""
        import pandas as pd

        whole = [(self.whole[0], 0, 0, 0, len(self.whole))] if self.whole else []
        columns = "report_key lost_count invented_count altered_count row_count".split()
        connection = self.numbers.connection
        connection.register("counted", pd.DataFrame([*self.told, *whole], columns=columns))
        try:
            (stray_count,) = connection.execute(_STRAY_COUNT).fetchone()
            frame = connection.execute(_FIGURES_COUNTED).df()
            if not stray_count:
                return frame
            return pd.concat([frame, connection.execute(_STRAYS).df()], ignore_index=True)
        finally:
            connection.unregister("counted")


_CELL_KINDS = "select count(*) from cell_kinds"
_FIGURES_COUNTED = """
    select reports.report_id, counted.* exclude (report_key), reports.document
    from counted inner join numbered_reports as reports using (report_key)
    order by report_id
"""
_STRAY_COUNT = """
    select sum(stray_count) from (
        select count(*) as stray_count from cells_read where report_key is null or kind_no is null
        union all
        select count(*) from figures where report_key is null or kind_no is null
    )
"""
_STRAYS = """
    select
        report_id,
        count(*) filter (where is_read) as lost_count,
        count(*) filter (where not is_read) as invented_count,
        0 as altered_count,
        1 as row_count,
        null as document,
    from (
        select left(document_id, 16) || '-' || report_no as report_id, column_code, true as is_read
        from raw.cells where value_status = 'reported'
        union all
        select report_id, column_code, false from arrived
    )
    where column_code is null or report_id not in (select report_id from numbered_reports)
    group by report_id
    order by report_id
"""
