-- A row here means that a reviewed exception explains nothing any more: its report is here, and the
-- rule does not fail there. Nothing is wrong with the figures, so this warns.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'fct_rule_results'}}}) }}

select
    exceptions.rule_id,
    exceptions.report_id,
    exceptions.scope_code
from {{ ref('form_exception') }} as exceptions
semi join {{ ref('dim_report') }} as reports on exceptions.report_id = reports.report_id
anti join {{ ref('fct_rule_results') }} as results
    on
        exceptions.report_id = results.report_id
        and exceptions.rule_id = results.rule_id
        and coalesce(exceptions.scope_code, '') in ('', results.scope_code)
        and results.result = 'fail'
