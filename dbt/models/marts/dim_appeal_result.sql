-- One row per forum and result of an appeal, in every edition's terms.
with columns as (
    select * from {{ ref('form_appeal_column') }}
),

indicators as (
    select * from {{ ref('form_line') }}
),

editions as (
    select * from {{ ref('form_edition') }}
),

-- The newest line of a forum and result lends its words.
results as (
    select
        indicators.forum_code,
        indicators.result_code,
        indicators.label_zh,
        indicators.label_en,
        indicators.is_total,
        min(columns.column_order) over (
            partition by indicators.forum_code, indicators.result_code
        ) as column_order
    from indicators
    inner join editions on indicators.form_id = editions.form_id
    left join columns on indicators.indicator_code = columns.indicator_code
    where indicators.fact_code = 'appeals'
    qualify row_number() over (
        partition by indicators.forum_code, indicators.result_code
        order by editions.has_table desc, editions.valid_from_year desc, indicators.indicator_code
    ) = 1
)

select
    forum_code || '-' || result_code as appeal_result_code,
    forum_code,
    result_code,
    cast(column_order as integer) as column_order,
    label_zh,
    label_en,
    is_total
from results
