"""One row per annual report, rule that covers it, and member of the rule's scope: does it hold, and
if not, does the source say so or the reading? All kinds of rules go through the table of terms.
Reports and rules go by number: fct_rule_results says their names, int_results_told what was
compared where a rule fails. In Python, since adding up a grid of figures takes less than half of
the time that it takes to join millions of them to their terms and to group them again.
"""

import pyarrow as pa

from loaders.rule_grid import FIGURES_AT_ONCE, REPORTS_AT_ONCE, Grid, Rules
from loaders.rule_results import SCHEMA


def model(dbt, session):
    dbt.config(materialized="incremental", meta={"key": "report_key", "state": "related_state"})
    (report_count,) = dbt.ref("int_report_states").count("*").fetchone()
    rules, members, terms = (
        relation.to_arrow_table().to_pylist()
        for relation in (
            dbt.ref("form_rule"),
            dbt.ref("int_rule_members"),
            dbt.ref("int_rule_terms_expanded"),
        )
    )
    figures = dbt.ref("int_operands_met").sql_query()
    signed = dbt.ref("int_reports_signed").sql_query()
    signature_members = dbt.ref("int_signature_members").fetchall()
    # What mechanics/incremental.sql says of the reports to be judged now.
    at_hand = session.sql("select report_key from reports_at_hand order by all").to_arrow_table()
    at_hand_keys = at_hand["report_key"].to_numpy()

    def judge_all():
        # A connection of its own: that of the model writes what comes of it at the same time.
        reading = session.cursor()
        reading.register("reports_at_hand", at_hand)
        by_number = Rules(rules, members, terms, signature_members)
        signature_of = f"""
            select
                report_key,
                coalesce(signed.signature_no, 0) as signature_no
            from reports_at_hand
            left join ({signed}) as signed using (report_key)
        """
        ours = "true"
        if len(at_hand_keys) < report_count:
            ours = "report_key in (select report_key from reports_at_hand)"
        met = reading.sql(figures).filter(ours)
        # What was last year's stands anywhere: to look for it takes as long for few reports as for
        # all. Few figures are asked for: what goes by name reaches the kinds of cells themselves.
        named = [str(number) for number, year_offset in by_number.lines if year_offset == -1]
        asked = ", ".join(named) or "null"
        last_year = met.filter(f"year_offset = -1 and operand_no in ({asked})").sql_query()
        reading.execute(f"create or replace temp table met_last_year as {last_year}")
        for start in range(0, len(at_hand_keys), REPORTS_AT_ONCE):
            keys = at_hand_keys[start : start + REPORTS_AT_ONCE]
            # These limits reach the cells themselves, the list only what was joined to them.
            here = f"report_key between {keys[0]} and {keys[-1]}"
            signed_here = reading.sql(signature_of).filter(here).order("report_key").fetchnumpy()
            grid = Grid(by_number, keys, signed_here["signature_no"])
            for part in (met.filter("year_offset = 0"), reading.table("temp.met_last_year")):
                part = part.filter(here)
                figures_here = part.select("* exclude (operand_status, solved_by)")
                for batch in figures_here.to_arrow_reader(FIGURES_AT_ONCE):
                    grid.add_figures(batch)
                for batch in part.filter("solved_by is not null").to_arrow_reader():
                    grid.add_solvers(batch)
            yield from grid.judge()

    session.register("judged", pa.RecordBatchReader.from_batches(SCHEMA, judge_all()))
    # One of four words, written as a number.
    words = "enum('pass', 'fail', 'uncertain', 'not_assessable')"
    return session.sql(f"select * replace (cast(result as {words}) as result) from judged")
