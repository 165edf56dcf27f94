{{ config(materialized='view') }}

-- One row per annual report, rule that covers it, and member of the rule's scope. A view: the rows
-- are nearly as many as cells, and int_rule_residuals holds them already.
with residuals as (
    select * from {{ ref('int_rule_residuals') }}
),

rules as (
    select * from {{ ref('form_rule') }}
),

exceptions as (
    select * from {{ ref('form_exception') }}
),

-- One row per failure that a person has looked at. An exception without a member is for all of
-- them; one for the member itself goes first.
reviews as (
    select
        residuals.report_id,
        residuals.rule_id,
        residuals.scope_code,
        exceptions.reason,
        exceptions.evidence
    from residuals
    inner join exceptions
        on
            residuals.report_id = exceptions.report_id
            and residuals.rule_id = exceptions.rule_id
            and coalesce(exceptions.scope_code, '') in ('', residuals.scope_code)
    where residuals.result = 'fail'
    qualify row_number() over (
        partition by residuals.report_id, residuals.rule_id, residuals.scope_code
        order by coalesce(exceptions.scope_code, '') = residuals.scope_code desc
    ) = 1
)

select
    residuals.report_id,
    residuals.rule_id,
    residuals.scope_code,
    residuals.left_value,
    residuals.right_value,
    residuals.residual,
    residuals.result,
    residuals.cause,
    rules.severity,
    residuals.matched_rule_id,
    residuals.operands,
    -- A failed rule of severity info reports a difference and flags nothing.
    residuals.result = 'fail' and residuals.cause = 'source' and rules.severity != 'info'
        as is_source_discrepancy,
    reviews.rule_id is not null as has_exception,
    reviews.reason as exception_reason,
    reviews.evidence as exception_evidence
from residuals
inner join rules on residuals.rule_id = rules.rule_id
left join reviews
    on
        residuals.report_id = reviews.report_id
        and residuals.rule_id = reviews.rule_id
        and residuals.scope_code = reviews.scope_code
