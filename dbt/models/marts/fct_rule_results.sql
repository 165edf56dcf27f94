{{ config(materialized='view') }}

-- One row per annual report, rule that covers it, and member of the rule's scope. A view: the rows
-- are nearly as many as cells, and int_rule_residuals holds them already.
with numbered as not materialized (
    select * from {{ ref('int_rule_residuals') }}
),

told as (
    select * from {{ ref('int_results_told') }}
),

reports as (
    select * from {{ ref('int_reports_numbered') }}
),

rule_members as (
    select distinct
        instance_no,
        rule_id,
        scope_code
    from {{ ref('int_rule_members') }}
),

rules as (
    select * from {{ ref('form_rule') }}
),

exceptions as (
    select * from {{ ref('form_exception') }}
),

residuals as not materialized (
    select
        reports.report_id,
        rule_members.rule_id,
        rule_members.scope_code,
        numbered.left_value,
        numbered.right_value,
        numbered.left_value - numbered.right_value as residual,
        cast(numbered.result as varchar) as result,
        case
            when numbered.result != 'fail' then ''
            when numbered.is_source then 'source'
            else 'reading'
        end as cause,
        coalesce(matched.rule_id, '') as matched_rule_id,
        coalesce(told.operands, '') as operands  -- only what fails or is in doubt is told
    from numbered
    inner join reports on numbered.report_key = reports.report_key
    inner join rule_members on numbered.instance_no = rule_members.instance_no
    left join told
        on
            numbered.report_key = told.report_key
            and numbered.instance_no = told.instance_no
    left join rule_members as matched on numbered.matched_instance_no = matched.instance_no
),

-- One row per failure, with the exception by which a person explained it. One without a member is
-- for all of them; one for the member itself goes first.
failures as (
    select
        residuals.*,
        exceptions.rule_id is not null as has_exception,
        exceptions.reason as exception_reason,
        exceptions.evidence as exception_evidence
    from residuals
    left join exceptions
        on
            residuals.report_id = exceptions.report_id
            and residuals.rule_id = exceptions.rule_id
            and coalesce(exceptions.scope_code, '') in ('', residuals.scope_code)
    where residuals.result = 'fail'
    qualify row_number() over (
        partition by residuals.report_id, residuals.rule_id, residuals.scope_code
        order by coalesce(exceptions.scope_code, '') = residuals.scope_code desc
    ) = 1
),

reviewed as (
    select * from failures

    union all

    select
        *,
        false as has_exception,
        null as exception_reason,
        null as exception_evidence
    from residuals
    where result != 'fail'
)

select
    reviewed.report_id,
    reviewed.rule_id,
    reviewed.scope_code,
    reviewed.left_value,
    reviewed.right_value,
    reviewed.residual,
    reviewed.result,
    reviewed.cause,
    rules.severity,
    reviewed.matched_rule_id,
    reviewed.operands,
    -- A failed rule of severity info reports a difference and flags nothing.
    reviewed.result = 'fail' and reviewed.cause = 'source' and rules.severity != 'info'
        as is_source_discrepancy,
    reviewed.has_exception,
    reviewed.exception_reason,
    reviewed.exception_evidence
from reviewed
inner join rules on reviewed.rule_id = rules.rule_id
