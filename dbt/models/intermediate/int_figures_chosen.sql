{{ config(materialized='table') }}

-- One row per figure that reaches a fact: a table cell, or a claim that no cell makes superfluous.
-- A claim has to be exact and alone. Requests, channels, topics, outcomes and appeals are parts of
-- sums: there a claim comes in only where the report has no cell at all for that fact, since prose
-- cuts the whole otherwise than tables do. Other figures stand alone: there a claim yields to the
-- cells that a rule equates it with. What it means, the line of form_id and indicator_code says.
with cells as not materialized (
    select * from {{ ref('int_cells_judged') }}
),

claims as (
    select * from {{ ref('int_claims_settled') }}
),

compared_claims as (
    select * from {{ ref('int_claims_compared') }}
),

applicants as (
    select * from {{ ref('form_applicant') }}
),

prose as (
    select form_id from {{ ref('form_edition') }}
    where not has_table
),

table_figures as (
    select
        report_id,
        form_id,
        'table' as value_source,
        fact_code,
        indicator_code,
        column_code,
        '' as qualifier,
        applicant_code,
        value,
        line_no
    from cells
    where held_back_reason = ''
),

tabled_facts as (
    select distinct
        report_id,
        fact_code
    from cells
    where fact_code is not null
),

claim_figures as (
    select
        claims.report_id,
        prose.form_id,
        'claim' as value_source,
        claims.fact_code,
        claims.indicator_code,
        '' as column_code,
        claims.qualifier,
        all_applicants.applicant_code,
        claims.single_value as value,
        claims.line_no
    from claims
    -- There is one total among the applicants.
    inner join applicants as all_applicants on all_applicants.is_total
    -- One edition has no table.
    cross join prose
    left join tabled_facts
        on
            claims.report_id = tabled_facts.report_id
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
                    tabled_facts.report_id is null
                    and not {{ is_fractional('claims.single_value') }}
            else compared_claims.report_id is null
        end
)

select * from table_figures
union all
select * from claim_figures
