-- One row per annual report, rule that covers it, and member of the rule's scope.
with residuals as (
    select * from {{ ref('int_rule_residuals') }}
),

rules as (
    select * from {{ ref('form_rule') }}
),

exceptions as (
    select * from {{ ref('form_exception') }}
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
    exceptions.rule_id is not null as has_exception,
    exceptions.reason as exception_reason
from residuals
inner join rules on residuals.rule_id = rules.rule_id
left join exceptions
    on
        residuals.report_id = exceptions.report_id
        and residuals.rule_id = exceptions.rule_id
        and residuals.scope_code = coalesce(exceptions.scope_code, '')
