-- One row per table of a report whose reading is suspect: an error rule fails, and not because the
-- source says so. A reviewed exception vouches for the reading.
with residuals as (
    select * from {{ ref('int_rule_residuals') }}
    where result = 'fail' and not is_source
),

told as (
    select * from {{ ref('int_results_told') }}
),

rule_members as (
    select distinct
        instance_no,
        rule_id,
        scope_code
    from {{ ref('int_rule_members') }}
),

reports as (
    select * from {{ ref('int_reports_numbered') }}
),

rules as (
    select * from {{ ref('form_rule') }}
),

exceptions as (
    select * from {{ ref('form_exception') }}
),

suspicions as (
    select
        residuals.report_key,
        reports.report_id,
        rules.table_code,
        rules.rule_id,
        rule_members.scope_code,
        told.operands
    from residuals
    inner join reports on residuals.report_key = reports.report_key
    inner join told
        on
            residuals.report_key = told.report_key
            and residuals.instance_no = told.instance_no
    inner join rule_members on residuals.instance_no = rule_members.instance_no
    inner join rules on rule_members.rule_id = rules.rule_id
    anti join exceptions
        on
            reports.report_id = exceptions.report_id
            and rules.rule_id = exceptions.rule_id
            and coalesce(exceptions.scope_code, '') in ('', rule_members.scope_code)
    where
        rules.severity = 'error'
        -- A rule on the presence of tables concerns no single one.
        and rules.table_code != ''
)

select
    report_key,
    report_id,
    table_code,
    min(rule_id) as rule_id,
    string_agg(
        concat_ws(' ', rule_id, nullif(scope_code, '')) || ': ' || operands,
        '; ' order by rule_id, scope_code
    ) as reason
from suspicions
group by report_key, report_id, table_code
