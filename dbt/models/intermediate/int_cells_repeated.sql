{{ config(materialized='incremental', meta={'key': 'report_key', 'state': 'own_state'}) }}

-- One row per cell whose row and column the report prints more than once: which print it is, and
-- whether they differ. The first print counts where all agree, none where they differ.
with cells as (
    select * from {{ ref('int_cells_numbered') }}
    where {{ own_at_hand('report_key') }}
),

kinds as (
    select * from {{ ref('int_cell_kinds') }}
),

placed as not materialized (
    select
        cells.*,
        kinds.place_key,
        kinds.value_status
    from cells
    inner join kinds on cells.kind_key = kinds.kind_key
),

-- There are as many places as cells and hardly one twice. Each place of a report is a bit here:
-- where cells are more than bits, one is there twice.
repeating as (
    select report_key
    from placed
    group by report_key, place_key // 64
    having count(*) > bit_count(bit_or(cast(1 as ubigint) << (place_key % 64)))
),

numbered as (
    select
        placed.report_key,
        placed.kind_key,
        placed.span_start,
        row_number() over (
            partition by placed.report_key, placed.place_key
            order by placed.value_status = 'reported' desc, placed.line_no, placed.span_start
        ) as occurrence_no,
        count(*) over (partition by placed.report_key, placed.place_key) as print_count,
        count(distinct placed.value) over (
            partition by placed.report_key, placed.place_key
        ) > 1 as is_contradicted
    from placed
    semi join repeating on placed.report_key = repeating.report_key
)

select
    report_key,
    kind_key,
    span_start,
    cast(occurrence_no as integer) as occurrence_no,
    is_contradicted
from numbered
where print_count > 1
