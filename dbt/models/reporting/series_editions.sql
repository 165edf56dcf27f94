-- One row per series and edition of the form: which rows make it up there, and where it breaks.
with series_editions as (
    select * from {{ ref('int_series_editions') }}
),

forms as (
    select * from {{ ref('dim_form') }}
)

select
    series_editions.series_code,
    series_editions.form_id,
    series_editions.series_zh,
    series_editions.series_en,
    series_editions.fact_code,
    forms.valid_from_year,
    forms.valid_to_year,
    series_editions.part_codes,
    series_editions.mapping_type,
    series_editions.is_series_break,
    series_editions.caveat_zh,
    series_editions.caveat_en
from series_editions
inner join forms on series_editions.form_id = forms.form_id
