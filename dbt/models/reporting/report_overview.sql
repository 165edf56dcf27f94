{{ config(materialized='table') }}

-- One row per annual report with its main figures; every applicant together.
with reports as (
    select * from {{ ref('dim_report') }}
    where doc_type = 'annual_report'
),

publishers as (
    select * from {{ ref('dim_publisher') }}
),

regions as (
    select * from {{ ref('dim_region') }}
),

forms as (
    select * from {{ ref('dim_form') }}
),

requests as (
    select * from {{ ref('fct_requests') }}
),

outcomes as (
    select * from {{ ref('fct_outcomes') }}
),

appeals as (
    select * from {{ ref('fct_appeals') }}
),

applicants as (
    select * from {{ ref('dim_applicant') }}
),

rule_results as (
    select * from {{ ref('fct_rule_results') }}
),

total_requests as (
    select requests.*
    from requests
    inner join applicants on requests.applicant_code = applicants.applicant_code
    where applicants.is_total
),

total_outcomes as (
    select
        outcomes.report_id,
        max(outcomes.outcome_count) as outcome_count
    from outcomes
    inner join applicants on outcomes.applicant_code = applicants.applicant_code
    where applicants.is_total and outcomes.outcome_level = 'total'
    group by outcomes.report_id
),

total_appeals as (
    select
        report_id,
        sum(case_count) filter (where forum_code = 'administrative_review') as review_count,
        sum(case_count) filter (where forum_code != 'administrative_review') as litigation_count
    from appeals
    where result_code = 'total'
    group by report_id
),

discrepancies as (
    select
        report_id,
        count(*) as discrepancy_count
    from rule_results
    where is_source_discrepancy
    group by report_id
)

select
    reports.report_id,
    reports.document,
    reports.report_no,
    reports.report_year,
    reports.publisher_id,
    reports.publisher_name,
    publishers.kind as publisher_kind,
    reports.region_code,
    regions.name_zh as region_name_zh,
    regions.name_en as region_name_en,
    regions.level as region_level,
    regions.province_code,
    reports.form_id,
    forms.label_zh as form_zh,
    forms.label_en as form_en,
    reports.scope,
    reports.canonical_report_id,
    reports.is_canonical,
    reports.is_region_report,
    reports.reconciliation_status,
    reports.tables_present,
    reports.quarantined_tables,
    total_requests.new_count,
    total_requests.carried_in_count,
    total_requests.carried_out_count,
    total_requests.value_source as requests_source,
    total_outcomes.outcome_count,
    cast(total_appeals.review_count as bigint) as review_count,
    cast(total_appeals.litigation_count as bigint) as litigation_count,
    reports.rules_passed_count,
    reports.rules_failed_count,
    coalesce(discrepancies.discrepancy_count, 0) as discrepancy_count,  -- none found is none
    reports.digits_explained_pct,
    reports.source_url
from reports
left join publishers on reports.publisher_id = publishers.publisher_id
left join forms on reports.form_id = forms.form_id
-- One span of years of a code holds the report's year.
left join regions
    on
        reports.region_code = regions.region_code
        and reports.report_year between
        regions.valid_from_year and {{ open_end('regions.valid_to_year') }}
left join total_requests on reports.report_id = total_requests.report_id
left join total_outcomes on reports.report_id = total_outcomes.report_id
left join total_appeals on reports.report_id = total_appeals.report_id
left join discrepancies on reports.report_id = discrepancies.report_id
