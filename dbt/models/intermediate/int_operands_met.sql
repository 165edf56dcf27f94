-- One row per report and figure that its rules may look at: its own, and those of the report whose
-- figures count as last year's there.
with operands as (
    select * from {{ ref('int_operands_available') }}
),

reports as (
    select * from {{ ref('int_reports_canonical') }}
),

numbered_reports as (
    select * from {{ ref('int_reports_numbered') }}
),

rule_terms as (
    select * from {{ ref('int_rule_terms_expanded') }}
),

successions as (
    select
        numbered_reports.report_key,
        previous.report_key as previous_report_key
    from reports
    inner join numbered_reports on reports.report_id = numbered_reports.report_id
    inner join numbered_reports as previous on reports.previous_report_id = previous.report_id
),

-- Few rules look back.
looked_back_at as (
    select distinct operand_no from rule_terms
    where year_offset = -1
)

select
    *,
    0 as year_offset
from operands

union all

select
    operands.* replace (successions.report_key as report_key),
    -1 as year_offset
from operands
inner join successions on operands.report_key = successions.previous_report_key
semi join looked_back_at on operands.operand_no = looked_back_at.operand_no
