{# A row here is a promise of the relation that some of its rows break, and how many. All promises of a relation are one
   test, since a test costs the same whatever it asks, and columns are looked over in one go. A reference is written
   `dim_report.report_id`; what refers to nothing breaks none. #}
{% test rows_are_as_promised(model, unique=[], not_null=[], references={}, accepted={}) %}
{%- set wrong = {} -%}
{%- for column in not_null -%}
    {%- do wrong.update({column ~ ": not null": column ~ " is null"}) -%}
{%- endfor -%}
{%- for column, values in accepted.items() -%}
    {%- do wrong.update({
        column ~ ": one of " ~ values | join(", "): column ~ " not in ('" ~ values | join("', '") ~ "')"
    }) -%}
{%- endfor -%}
with broken as (
    {% if wrong -%}
    select
        unnest([
            {%- for promise, condition in wrong.items() %}
            {'promise': '{{ promise }}', 'row_count': count(*) filter (where {{ condition }})}
            {{- "," if not loop.last }}
            {%- endfor %}
        ], recursive := true)
    from {{ model }}
    {%- endif %}
    {%- for column, target in references.items() %}
    {{ "union all" if wrong or not loop.first }}
    select '{{ column }}: stands in {{ target }}' as promise, count(*) as row_count
    from {{ model }}
    {%- set table, field = target.split(".") %}
    where {{ column }} not in (select {{ field }} from {{ ref(table) }} where {{ field }} is not null)
    {%- endfor %}
    {%- if unique %}
    {{ "union all" if wrong or references }}
    select '{{ unique | join(", ") }}: unique' as promise, count(*) as row_count
    from (select 1 from {{ model }} group by {{ unique | join(", ") }} having count(*) > 1)
    {%- endif %}
)

select promise, row_count from broken where row_count > 0
{% endtest %}
