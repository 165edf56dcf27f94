-- One row per region and year for which a report speaks for the whole region.
with reports as (
    select * from {{ ref('report_overview') }}
    where is_region_report
),

provinces as (
    select * from {{ ref('province_iso') }}
),

outcomes as (
    select * from {{ ref('outcomes_long') }}
    where is_all_applicants and outcome_level = 'outcome' and not is_total
),

-- Editions cut the groups finer or coarser; a group's series holds its members together.
grouped_outcomes as (
    select
        report_id,
        sum(outcome_count) filter (
            where group_series_code in (
                'ts_disclosed_full', 'ts_disclosed_partial', 'ts_disclosed_full_or_partial'
            )
        ) as disclosed_count,
        sum(outcome_count) filter (where group_series_code = 'ts_refused') as refused_count,
        bool_or(is_series_break or series_caveat_en is not null) as has_series_caveat
    from outcomes
    group by report_id
)

select
    reports.region_code,
    reports.report_year,
    reports.region_name_zh,
    reports.region_name_en,
    reports.region_level,
    reports.province_code,
    provinces.iso_code as province_iso_code,
    reports.report_id,
    reports.publisher_name,
    reports.form_id,
    reports.reconciliation_status,
    reports.new_count,
    reports.carried_in_count,
    reports.carried_out_count,
    reports.outcome_count,
    cast(grouped_outcomes.disclosed_count as bigint) as disclosed_count,
    cast(grouped_outcomes.refused_count as bigint) as refused_count,
    reports.review_count,
    reports.litigation_count,
    coalesce(grouped_outcomes.has_series_caveat, false) as has_series_caveat,
    reports.requests_source
from reports
left join provinces on reports.province_code = provinces.province_code
left join grouped_outcomes on reports.report_id = grouped_outcomes.report_id
