-- One row per annual report, rule, member and term, with the figure that the report gives for it.
with coverage as (
    select * from {{ ref('int_rule_coverage') }}
),

rule_terms as (
    select * from {{ ref('int_rule_terms_expanded') }}
),

reports as (
    select * from {{ ref('int_reports_canonical') }}
),

operands as (
    select * from {{ ref('int_operands_available') }}
),

wanted as (
    select
        coverage.report_id,
        rule_terms.*,
        case
            when rule_terms.year_offset = -1 then reports.previous_report_id
            else coverage.report_id
        end as operand_report_id
    from coverage
    inner join rule_terms
        on
            coverage.rule_id = rule_terms.rule_id
            and coverage.scope_code = rule_terms.scope_code
    inner join reports on coverage.report_id = reports.report_id
)

select
    wanted.report_id,
    wanted.rule_id,
    wanted.scope_code,
    wanted.term_no,
    wanted.role,
    wanted.coefficient,
    wanted.operand,
    wanted.indicator_code,
    wanted.part_code,
    wanted.year_offset,
    wanted.body,
    wanted.is_optional,
    -- A table without cells is a count of none; any other absent figure stays NULL.
    case
        when wanted.operand = 'table' then coalesce(operands.value, 0)
        else operands.value
    end as value,
    case
        when operands.operand_status is not null then operands.operand_status
        when wanted.operand = 'table' then 'reported'
        else 'absent'
    end as operand_status,
    coalesce(operands.is_sound, wanted.operand = 'table')
    and not list_contains(string_split(coalesce(operands.solved_by, ''), '|'), wanted.rule_id)
        as is_source
from wanted
-- The key of an operand: a term matches at most one.
left join operands
    on
        wanted.operand_report_id = operands.report_id
        and wanted.body = operands.body
        and wanted.operand = operands.operand
        and wanted.claim_use = operands.claim_use
        and wanted.indicator_code = operands.indicator_code
        and wanted.part_code = operands.part_code
