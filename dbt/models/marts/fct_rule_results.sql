{{ config(materialized='view') }}

-- One row per annual report, rule that covers it, and member of the rule's scope. A view: the rows
-- are nearly as many as cells, and int_rule_residuals holds them already.
with results as (
    select * from {{ ref('int_rule_residuals') }}
),

told as (
    select * from {{ ref('int_results_told') }}
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

members as (
    select distinct
        rule_members.instance_no,
        rule_members.rule_id,
        rule_members.scope_code,
        rules.severity
    from {{ ref('int_rule_members') }} as rule_members
    inner join rules on rule_members.rule_id = rules.rule_id
),

-- One row per report, rule and member that a person explained: an exception without a member is for
-- all of them, one for the member itself goes first.
explained as (
    select
        reports.report_key,
        members.instance_no,
        exceptions.reason,
        exceptions.evidence
    from exceptions
    inner join reports on exceptions.report_id = reports.report_id
    inner join members
        on
            exceptions.rule_id = members.rule_id
            and coalesce(exceptions.scope_code, '') in ('', members.scope_code)
    qualify row_number() over (
        partition by reports.report_key, members.instance_no
        order by coalesce(exceptions.scope_code, '') = members.scope_code desc
    ) = 1
)

select
    reports.report_id,
    members.rule_id,
    members.scope_code,
    {{ left_value('results') }} as left_value,
    {{ right_value('results') }} as right_value,
    {{ residual('results') }} as residual,
    cast(results.result as varchar) as result,
    case
        when results.result != 'fail' then ''
        when results.is_source then 'source'
        else 'reading'
    end as cause,
    members.severity,
    coalesce(matched.rule_id, '') as matched_rule_id,  -- only of alternatives one is matched
    coalesce(told.operands, '') as operands,  -- only what fails or is in doubt is told
    -- A failed rule of severity info reports a difference and flags nothing.
    results.result = 'fail' and results.is_source and members.severity != 'info'
        as is_source_discrepancy,
    explained.report_key is not null as has_exception,
    explained.reason as exception_reason,
    explained.evidence as exception_evidence
from results
inner join reports on results.report_key = reports.report_key
inner join members on results.instance_no = members.instance_no
left join members as matched on results.matched_instance_no = matched.instance_no
left join told
    on
        results.report_key = told.report_key
        and results.instance_no = told.instance_no
left join explained
    on
        results.report_key = explained.report_key
        and results.instance_no = explained.instance_no
        and results.result = 'fail'
