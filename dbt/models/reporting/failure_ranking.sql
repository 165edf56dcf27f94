{{ config(materialized='table') }}

-- One row per report year, kind of thing ranked (rule, region, form) and member: how often rules
-- fail there, the source's mistakes apart from suspect readings. Canonical annual reports; rules of
-- severity info flag nothing and are left out.
with rule_results as (
    select * from {{ ref('fct_rule_results') }}
),

reports as (
    select * from {{ ref('dim_report') }}
),

rules as (
    select * from {{ ref('form_rule') }}
),

forms as (
    select * from {{ ref('dim_form') }}
),

regions as (
    select * from {{ ref('dim_region') }}
),

judged as (
    select
        reports.report_year,
        reports.report_id,
        reports.region_code,
        reports.form_id,
        rule_results.rule_id,
        rule_results.result,
        rule_results.cause,
        rule_results.has_exception
    from rule_results
    inner join reports on rule_results.report_id = reports.report_id
    inner join rules on rule_results.rule_id = rules.rule_id
    where reports.is_canonical and rules.severity != 'info'
),

placed as (
    select
        *,
        'rule' as ranked_kind,
        rule_id as member_code
    from judged

    union all

    select
        *,
        'region' as ranked_kind,
        region_code as member_code
    from judged

    union all

    select
        *,
        'form' as ranked_kind,
        form_id as member_code
    from judged
),

counted as (
    select
        report_year,
        ranked_kind,
        member_code,
        count(*) filter (where result in ('pass', 'fail')) as evaluated_count,
        count(*) filter (where cause = 'source') as source_failure_count,
        count(*) filter (where cause = 'reading') as reading_failure_count,
        count(*) filter (where result = 'uncertain') as uncertain_count,
        count(*) filter (where has_exception) as reviewed_count,
        count(distinct report_id) filter (where result = 'fail') as failed_report_count
    from placed
    where member_code is not null
    group by report_year, ranked_kind, member_code
),

named as (
    select
        counted.*,
        coalesce(rules.description_zh, regions.name_zh, forms.label_zh) as member_zh,
        coalesce(rules.description_en, regions.name_en, forms.label_en) as member_en
    from counted
    left join rules
        on counted.ranked_kind = 'rule' and counted.member_code = rules.rule_id
    -- One span of years of a code holds the year.
    left join regions
        on
            counted.ranked_kind = 'region'
            and counted.member_code = regions.region_code
            and counted.report_year between
            regions.valid_from_year and {{ open_end('regions.valid_to_year') }}
    left join forms
        on counted.ranked_kind = 'form' and counted.member_code = forms.form_id
)

select
    report_year,
    ranked_kind,
    member_code,
    member_zh,
    member_en,
    evaluated_count,
    source_failure_count,
    reading_failure_count,
    uncertain_count,
    reviewed_count,
    failed_report_count,
    case
        when source_failure_count > 0
            then rank() over (
                partition by report_year, ranked_kind order by source_failure_count desc
            )
    end as source_failure_rank,
    case
        when reading_failure_count > 0
            then rank() over (
                partition by report_year, ranked_kind order by reading_failure_count desc
            )
    end as reading_failure_rank
from named
where evaluated_count + uncertain_count > 0
