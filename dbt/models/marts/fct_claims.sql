{{ config(materialized='incremental', meta={'key': 'report_id', 'state': 'related_state'}) }}

-- One row per figure stated in prose, with the figure of the table that it should equal.
with claims as (
    select * from {{ ref('stg_annual_report__claims') }}
    where {{ at_hand('report_id') }}
),

compared_claims as (
    select * from {{ ref('int_claims_compared') }}
),

rules as (
    select * from {{ ref('form_rule') }}
),

quarantined as (
    select * from {{ ref('int_tables_quarantined') }}
),

figures as (
    select * from {{ ref('int_figures_chosen') }}
    where value_source = 'claim' and {{ at_hand('report_key') }}
)

select
    claims.report_id,
    claims.claim_no,
    claims.indicator_code,
    claims.qualifier,
    claims.value,
    claims.unit,
    claims.precision,
    case when quarantined.report_id is null then compared_claims.table_value end as table_value,
    case when quarantined.report_id is null then compared_claims.rule_id end as table_rule_id,
    figures.report_id is not null as is_in_fact,
    claims.line_no,
    'claim' as value_source
from claims
left join compared_claims
    on
        claims.report_id = compared_claims.report_id
        and claims.indicator_code = compared_claims.indicator_code
        and claims.qualifier = compared_claims.qualifier
left join rules on compared_claims.rule_id = rules.rule_id
left join quarantined
    on
        claims.report_id = quarantined.report_id
        and rules.table_code = quarantined.table_code
-- One figure per report, indicator and qualifier.
left join figures
    on
        claims.report_id = figures.report_id
        and claims.indicator_code = figures.indicator_code
        and claims.qualifier = figures.qualifier
        and claims.value = figures.value
