-- One row per annual report, rule that covers it, and member of the rule's scope.
-- A report is covered by its edition, by the editions whose headings it prints, and, where prose
-- states figures, by the edition that has no table.
with reports as (
    select * from {{ ref('stg_annual_report__reports') }}
),

numbered_reports as (
    select * from {{ ref('int_reports_numbered') }}
),

claims as (
    select * from {{ ref('stg_annual_report__claims') }}
),

editions as (
    select * from {{ ref('form_edition') }}
),

rule_members as (
    select * from {{ ref('int_rule_members') }}
),

claiming as (
    select distinct report_id from claims
),

-- Reports differ in few ways, so members are looked up once per way and not once per report.
signed_reports as (
    select
        numbered_reports.report_key,
        reports.form_id || '|' || reports.form_expected as form_ids,
        claiming.report_id is not null as has_claims,
        cast(dense_rank() over (order by form_ids, has_claims) as integer) as signature_no
    from reports
    inner join numbered_reports on reports.report_id = numbered_reports.report_id
    left join claiming on reports.report_id = claiming.report_id
    where reports.doc_type = 'annual_report'
),

signatures as (
    select distinct
        signature_no,
        form_ids,
        has_claims
    from signed_reports
),

signature_editions as (
    select
        signature_no,
        unnest(string_split(form_ids, '|')) as form_id
    from signatures

    union all

    select
        signatures.signature_no,
        editions.form_id
    from signatures
    cross join editions
    where signatures.has_claims and not editions.has_table
),

signature_members as (
    select distinct
        signature_editions.signature_no,
        rule_members.instance_no
    from signature_editions
    inner join rule_members on signature_editions.form_id = rule_members.form_id
)

select
    signed_reports.report_key,
    signature_members.instance_no
from signed_reports
-- Every report has one signature: its rows are the members of that signature.
inner join signature_members on signed_reports.signature_no = signature_members.signature_no
