-- One row per disagreement within the sources themselves: a failed rule whose operands were read
-- without doubt. Mirrors are left out, so that a discrepancy counts once.
with rule_failures as (
    select * from {{ ref('rule_failures') }}
)

select
    report_id,
    document,
    report_no,
    publisher_name,
    region_name_zh,
    region_name_en,
    report_year,
    form_id,
    rule_id,
    scope_code,
    table_code,
    rule_zh,
    rule_en,
    left_value,
    right_value,
    residual,
    operands,
    severity,
    has_exception,
    exception_reason,
    exception_evidence
from rule_failures
where is_source_discrepancy and is_canonical
