-- A row here means that a rule covers an annual report and has no result there, several for one
-- member of its scope, or one that it should not have.
{{ config(meta={'dagster': {'ref': {'name': 'fct_rule_results'}}}) }}

with covered as (
    select
        report_id,
        rule_id,
        scope_code
    from {{ ref('int_rule_coverage') }}
),

results as (
    select
        report_id,
        rule_id,
        scope_code
    from {{ ref('fct_rule_results') }}
)

-- Set differences that keep count.
(
    select * from covered
    except all
    select * from results
)
union all
(
    select * from results
    except all
    select * from covered
)
