-- One row per way in which rules cover reports, and rule with a member of its scope there.
with signed_reports as (
    select * from {{ ref('int_reports_signed') }}
),

editions as (
    select * from {{ ref('form_edition') }}
),

rule_members as (
    select * from {{ ref('int_rule_members') }}
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
)

select distinct
    signature_editions.signature_no,
    rule_members.instance_no
from signature_editions
inner join rule_members on signature_editions.form_id = rule_members.form_id
