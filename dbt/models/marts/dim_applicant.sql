-- One row per type of applicant: the columns of the request table.
with applicants as (
    select * from {{ ref('form_applicant') }}
)

select
    applicant_code,
    parent_code as parent_applicant_code,
    cast(column_order as integer) as column_order,
    label_zh,
    label_en,
    applicant_class,
    is_total
from applicants
