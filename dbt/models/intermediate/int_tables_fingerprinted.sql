{{ config(materialized='incremental', meta={'key': 'report_id', 'state': 'own_state'}) }}

-- One row per report and table (prose is one): how much it says, and a fingerprint of what.
with figures as (
    select * from {{ ref('int_figures_stated') }}
    where {{ own_at_hand('report_id') }}
)

select
    report_id,
    table_code,
    count(*) as figure_count,
    count(*) filter (where value != 0) as nonzero_count,
    bit_xor(hash(indicator_code, column_code, qualifier, value)) as fingerprint
from figures
group by report_id, table_code
