-- One row per figure that a report states without doubt, in a table or (table_code '') in prose:
-- what copies of a report are told by. A table whose reading left an error proves nothing.
with cells as (
    select * from {{ ref('int_cells_conformed') }}
),

claims as (
    select * from {{ ref('int_claims_settled') }}
)

select
    report_id,
    'table' as value_source,
    table_code,
    indicator_code,
    column_code,
    '' as qualifier,
    value
from cells
where
    doc_type = 'annual_report'
    and occurrence_no = 1
    and value_status = 'reported'
    and not has_table_error

union all

select
    report_id,
    'claim' as value_source,
    '' as table_code,
    indicator_code,
    '' as column_code,
    qualifier,
    single_value as value
from claims
where
    doc_type = 'annual_report'
    and single_value is not null
