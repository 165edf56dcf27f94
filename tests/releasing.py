"""The least that a warehouse must hold for a release to be made of it."""

import duckdb

# As much of the dictionary as a codebook needs.
FORM = {
    "form_edition": {
        "form_id": "national_2021",
        "label_zh": "国办版",
        "label_en": "National form",
        "valid_from_year": 2021,
        "valid_to_year": 2025,
    },
    "form_line": {
        "form_id": "national_2021",
        "indicator_code": "req_new",
        "parent_code": "",
        "line_order": 1,
        "table_code": "requests",
        "label_zh": "本年新收|政府信息公开申请数量",
        "label_en": "Requests received",
        "unit": "件",
        "is_total": "false",
        "fact_code": "requests",
    },
    "form_crosswalk": {
        "source_form_id": "national_2021",
        "source_code": "req_new",
        "series_code": "ts_requests_new",
        "caveat_zh": "有表时以表为准",
        "caveat_en": "A table goes first.",
    },
    "form_applicant": {
        "applicant_code": "natural_person",
        "label_zh": "自然人",
        "label_en": "Natural persons",
        "form_ids": "national_2021",
        "column_order": 1,
    },
    "form_appeal_column": {
        "indicator_code": "appeal_review_upheld",
        "forum_zh": "行政复议",
        "forum_en": "Reconsideration",
        "result_zh": "结果维持",
        "result_en": "upheld",
        "form_ids": "national_2021",
        "column_order": 1,
    },
    "form_value_column": {
        "form_id": "provincial_2013",
        "column_code": "this_year",
        "label_zh": "本年",
        "label_en": "This year",
    },
}


def create_form(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables of the dictionary, with a row each."""
    for name, row in FORM.items():
        columns = ", ".join(f"{value!r} as {column}" for column, value in row.items())
        connection.execute(f"create table form.{name} as select {columns}")
