{{ config(materialized='incremental', meta={'key': 'report_key', 'state': 'related_state'}) }}

-- One row per claim that reaches a fact, as no cell makes it superfluous. A claim has to be exact
-- and alone. Requests, channels, topics, outcomes and appeals are parts of sums: there a claim
-- comes in only where the report has no cell at all for that fact, since prose cuts the whole
-- otherwise than tables do. Other figures stand alone: there a claim yields to the cells that a
-- rule equates it with.
with cells as (
    select * from {{ ref('int_cells_numbered') }}
    where {{ at_hand('report_key') }}
),

kinds as (
    select * from {{ ref('int_cell_kinds') }}
),

reports as (
    select * from {{ ref('int_reports_numbered') }}
),

claims as (
    select * from {{ ref('int_claims_settled') }}
    where {{ at_hand('report_id') }}
),

compared_claims as (
    select * from {{ ref('int_claims_compared') }}
),

applicants as (
    select * from {{ ref('form_applicant') }}
),

tabled_facts as (
    select distinct
        cells.report_key,
        kinds.fact_code
    from cells
    inner join kinds on cells.kind_key = kinds.kind_key
    where kinds.fact_code is not null
)

select
    reports.report_key,
    claims.line_key,
    claims.fact_code,
    claims.form_id,
    claims.indicator_code,
    claims.qualifier,
    all_applicants.applicant_code,
    claims.single_value as value
from claims
inner join reports on claims.report_id = reports.report_id
-- There is one total among the applicants.
inner join applicants as all_applicants on all_applicants.is_total
left join tabled_facts
    on
        reports.report_key = tabled_facts.report_key
        and claims.fact_code = tabled_facts.fact_code
left join compared_claims
    on
        claims.report_id = compared_claims.report_id
        and claims.indicator_code = compared_claims.indicator_code
        and claims.qualifier = compared_claims.qualifier
where
    claims.doc_type = 'annual_report'
    and claims.fact_code is not null
    and claims.single_value is not null
    and case
        when claims.is_summable
            then
                tabled_facts.report_key is null
                and not {{ is_fractional('claims.single_value') }}
        else compared_claims.report_id is null
    end
