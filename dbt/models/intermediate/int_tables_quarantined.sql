-- One row per table of a report whose reading is suspect: an error rule fails, and not because the
-- source says so. A reviewed exception vouches for the reading.
with residuals as (
    select * from {{ ref('int_rule_residuals') }}
),

rules as (
    select * from {{ ref('form_rule') }}
),

exceptions as (
    select * from {{ ref('form_exception') }}
),

suspicions as (
    select
        residuals.report_id,
        rules.table_code,
        residuals.rule_id,
        residuals.scope_code,
        residuals.operands
    from residuals
    inner join rules on residuals.rule_id = rules.rule_id
    anti join exceptions
        on
            residuals.report_id = exceptions.report_id
            and residuals.rule_id = exceptions.rule_id
            and coalesce(exceptions.scope_code, '') in ('', residuals.scope_code)
    where
        residuals.result = 'fail'
        and residuals.cause = 'reading'
        and rules.severity = 'error'
        -- A rule on the presence of tables concerns no single one.
        and rules.table_code != ''
)

select
    report_id,
    table_code,
    min(rule_id) as rule_id,
    string_agg(
        concat_ws(' ', rule_id, nullif(scope_code, '')) || ': ' || operands,
        '; ' order by rule_id, scope_code
    ) as reason
from suspicions
group by report_id, table_code
