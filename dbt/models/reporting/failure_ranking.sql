{{ config(materialized='table') }}

-- One row per report year, kind of thing ranked (rule, region, form) and member: how often rules
-- fail there, the source's mistakes apart from suspect readings. Canonical annual reports; rules of
-- severity info flag nothing and are left out.
with residuals as (
    select * from {{ ref('int_rule_residuals') }}
),

failures as (
    select * from {{ ref('fct_rule_results') }}
    where result = 'fail'
),

numbered_reports as (
    select * from {{ ref('int_reports_numbered') }}
),

rule_members as (
    select * from {{ ref('int_rule_members') }}
),

reports as (
    select * from {{ ref('dim_report') }}
    where is_canonical
),

rules as (
    select * from {{ ref('form_rule') }}
    where severity != 'info'
),

summary as (
    select * from {{ ref('rule_summary') }}
    where severity != 'info'
),

forms as (
    select * from {{ ref('dim_form') }}
),

regions as (
    select * from {{ ref('dim_region') }}
),

ranked_instances as (
    select distinct rule_members.instance_no
    from rule_members
    semi join rules on rule_members.rule_id = rules.rule_id
),

evaluated_reports as (
    select
        residuals.report_key,
        count(*) filter (where residuals.result in ('pass', 'fail')) as evaluated_count,
        count(*) filter (where residuals.result = 'uncertain') as uncertain_count
    from residuals
    semi join ranked_instances on residuals.instance_no = ranked_instances.instance_no
    group by residuals.report_key
),

-- One row per member that rules were evaluated for. Results are many: by rule and form they are
-- added up already.
evaluated as (
    select
        report_year,
        'rule' as ranked_kind,
        rule_id as member_code,
        sum(passed_count + failed_count) as evaluated_count,
        sum(uncertain_count) as uncertain_count
    from summary
    group by report_year, rule_id

    union all

    select
        report_year,
        'form' as ranked_kind,
        form_id as member_code,
        sum(passed_count + failed_count) as evaluated_count,
        sum(uncertain_count) as uncertain_count
    from summary
    group by report_year, form_id

    union all

    select
        reports.report_year,
        'region' as ranked_kind,
        reports.region_code as member_code,
        sum(evaluated_reports.evaluated_count) as evaluated_count,
        sum(evaluated_reports.uncertain_count) as uncertain_count
    from evaluated_reports
    inner join numbered_reports on evaluated_reports.report_key = numbered_reports.report_key
    inner join reports on numbered_reports.report_id = reports.report_id
    group by reports.report_year, reports.region_code
),

judged_failures as (
    select
        reports.report_year,
        reports.report_id,
        failures.rule_id as rule,
        reports.form_id as form,
        reports.region_code as region,
        failures.cause,
        failures.has_exception
    from failures
    inner join reports on failures.report_id = reports.report_id
    semi join rules on failures.rule_id = rules.rule_id
),

placed_failures as (
    unpivot judged_failures
    on rule, form, region
    into name ranked_kind value member_code
),

failed as (
    select
        report_year,
        ranked_kind,
        member_code,
        count(*) filter (where cause = 'source') as source_failure_count,
        count(*) filter (where cause = 'reading') as reading_failure_count,
        count(*) filter (where has_exception) as reviewed_count,
        count(distinct report_id) as failed_report_count
    from placed_failures
    group by report_year, ranked_kind, member_code
),

counted as (
    select
        evaluated.report_year,
        evaluated.ranked_kind,
        evaluated.member_code,
        cast(evaluated.evaluated_count as bigint) as evaluated_count,
        cast(evaluated.uncertain_count as bigint) as uncertain_count,
        -- None failed is none of each.
        coalesce(failed.source_failure_count, 0) as source_failure_count,
        coalesce(failed.reading_failure_count, 0) as reading_failure_count,
        coalesce(failed.reviewed_count, 0) as reviewed_count,
        coalesce(failed.failed_report_count, 0) as failed_report_count
    from evaluated
    left join failed
        on
            evaluated.report_year is not distinct from failed.report_year
            and evaluated.ranked_kind = failed.ranked_kind
            and evaluated.member_code = failed.member_code
    where evaluated.member_code is not null
),

named as (
    select
        counted.*,
        coalesce(rules.description_zh, regions.name_zh, forms.label_zh) as member_zh,
        coalesce(rules.description_en, regions.name_en, forms.label_en) as member_en
    from counted
    -- Equal keys alone: a condition on the kind beside them would compare every pair of rows.
    left join rules
        on case when counted.ranked_kind = 'rule' then counted.member_code end = rules.rule_id
    -- One span of years of a code holds the year.
    left join regions
        on
            counted.ranked_kind = 'region'
            and counted.member_code = regions.region_code
            and counted.report_year between
            regions.valid_from_year and {{ open_end('regions.valid_to_year') }}
    left join forms
        on case when counted.ranked_kind = 'form' then counted.member_code end = forms.form_id
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
