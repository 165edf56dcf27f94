-- One row per whole document found in a file: annual reports, and what else there is.
with reports as (
    select * from {{ ref('stg_annual_report__reports') }}
),

documents as (
    select * from {{ ref('stg_annual_report__documents') }}
),

locations as (
    select * from {{ ref('stg_annual_report__document_locations') }}
),

canonical as (
    select * from {{ ref('int_reports_canonical') }}
),

publishers as (
    select * from {{ ref('int_publishers_resolved') }}
),

quarantined as (
    select * from {{ ref('int_tables_quarantined') }}
),

residuals as (
    select * from {{ ref('int_rule_residuals') }}
),

numbered_reports as (
    select * from {{ ref('int_reports_numbered') }}
),

rules as (
    select * from {{ ref('form_rule') }}
),

-- One row per rule and member of its scope.
ruled_instances as (
    select distinct
        rule_members.instance_no,
        rules.rule_kind,
        rules.severity
    from {{ ref('int_rule_members') }} as rule_members
    inner join rules on rule_members.rule_id = rules.rule_id
),

-- A document found in several places is named by the first path.
places as (
    select * from locations
    qualify row_number() over (partition by document_id order by path) = 1
),

quarantines as (
    select
        report_id,
        string_agg(table_code, '|' order by table_code) as quarantined_tables,
        string_agg(table_code || ': ' || reason, '; ' order by table_code) as quarantine_reason
    from quarantined
    group by report_id
),

-- That tables are there, or hold whole numbers, says nothing about whether they add up.
counted_results as (
    select
        residuals.report_key,
        count(*) filter (
            where
            residuals.result = 'pass'
            and ruled_instances.rule_kind not in ('presence', 'domain')
        ) as passed_count,
        count(*) filter (
            where
            residuals.result = 'fail'
            and ruled_instances.severity != 'info'
            and ruled_instances.rule_kind != 'presence'
        ) as failed_count,
        count(*) filter (where residuals.result = 'uncertain') as uncertain_count,
        count(*) filter (where residuals.result = 'not_assessable') as not_assessable_count
    from residuals
    inner join ruled_instances on residuals.instance_no = ruled_instances.instance_no
    group by residuals.report_key
),

rule_counts as (
    select
        numbered_reports.report_id,
        counted_results.*
    from counted_results
    inner join numbered_reports on counted_results.report_key = numbered_reports.report_key
)

select
    reports.report_id,
    reports.document_id,
    places.document,
    reports.report_no,
    documents.document_status,
    reports.doc_type,
    reports.title,
    canonical.publisher_id,
    nullif(reports.publisher_name, '') as publisher_name,
    publishers.resolution_code,
    publishers.resolution_evidence,
    nullif(reports.region_code, '') as region_code,
    reports.report_year,
    nullif(reports.form_id, '') as form_id,
    nullif(reports.form_expected, '') as form_expected,
    reports.scope,
    nullif(reports.scope_evidence, '') as scope_evidence,
    reports.script,
    nullif(reports.tables_present, '') as tables_present,
    quarantines.quarantined_tables,
    quarantines.quarantine_reason,
    canonical.canonical_report_id,
    canonical.is_canonical,
    canonical.copy_kind,
    canonical.revision_no,
    canonical.version_report_id,
    canonical.version_order,
    canonical.copy_evidence,
    canonical.is_region_report,
    canonical.previous_report_id,
    case
        when quarantines.report_id is not null then 'quarantined'
        when rule_counts.failed_count > 0 then 'discrepant'
        when rule_counts.passed_count > 0 then 'reconciled'
        else 'not_assessable'
    end as reconciliation_status,
    -- A report that no rule covers has none of each.
    coalesce(rule_counts.passed_count, 0) as rules_passed_count,
    coalesce(rule_counts.failed_count, 0) as rules_failed_count,
    coalesce(rule_counts.uncertain_count, 0) as rules_uncertain_count,
    coalesce(rule_counts.not_assessable_count, 0) as rules_not_assessable_count,
    reports.digit_count,
    cast(
        round(100.0 * reports.explained_digit_count / nullif(reports.digit_count, 0), 2)
        as decimal(5, 2)
    ) as digits_explained_pct,
    places.collection,
    places.source_url,
    places.published_date
from reports
inner join documents on reports.document_id = documents.document_id
inner join canonical on reports.report_id = canonical.report_id
inner join publishers on reports.report_id = publishers.report_id
left join places on reports.document_id = places.document_id
left join quarantines on reports.report_id = quarantines.report_id
left join rule_counts on reports.report_id = rule_counts.report_id
