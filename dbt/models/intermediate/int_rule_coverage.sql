-- One row per annual report, rule that covers it, and member of the rule's scope.
-- A report is covered by its edition, by the editions whose headings it prints, and, where prose
-- states figures, by the edition that has no table.
with reports as (
    select * from {{ ref('stg_annual_report__reports') }}
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
        reports.report_id,
        reports.form_id || '|' || reports.form_expected as form_ids,
        claiming.report_id is not null as has_claims
    from reports
    left join claiming on reports.report_id = claiming.report_id
    where reports.doc_type = 'annual_report'
),

signatures as (
    select distinct
        form_ids,
        has_claims
    from signed_reports
),

signature_editions as (
    select
        form_ids,
        has_claims,
        unnest(string_split(form_ids, '|')) as form_id
    from signatures

    union all

    select
        signatures.form_ids,
        signatures.has_claims,
        editions.form_id
    from signatures
    cross join editions
    where signatures.has_claims and not editions.has_table
),

signature_members as (
    select distinct
        signature_editions.form_ids,
        signature_editions.has_claims,
        rule_members.rule_id,
        rule_members.scope_code
    from signature_editions
    inner join rule_members on signature_editions.form_id = rule_members.form_id
)

select
    signed_reports.report_id,
    signature_members.rule_id,
    signature_members.scope_code
from signed_reports
-- Every report has one signature: its rows are the members of that signature.
inner join signature_members
    on
        signed_reports.form_ids = signature_members.form_ids
        and signed_reports.has_claims = signature_members.has_claims
