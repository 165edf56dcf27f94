-- One row per annual report, rule that covers it, and member of the rule's scope.
with signed_reports as (
    select * from {{ ref('int_reports_signed') }}
),

signature_members as (
    select * from {{ ref('int_signature_members') }}
)

select
    signed_reports.report_key,
    signature_members.instance_no
from signed_reports
-- Every report has one signature: its rows are the members of that signature.
inner join signature_members on signed_reports.signature_no = signature_members.signature_no
