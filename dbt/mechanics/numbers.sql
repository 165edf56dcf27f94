{# Rows with a number each. What the last build numbered keeps its number, since what was made under it
   stays; what is new comes after the last one, in the order of its key. #}
{% macro number_rows(rows, number, key) -%}
    select
        incoming.*,
        coalesce(
            known.{{ number }},
            last_known.{{ number }} + cast(
                row_number() over (
                    partition by known.{{ number }} is null order by incoming.{{ key | join(", incoming.") }}
                ) as integer
            )
        ) as {{ number }}
    from {{ rows }} as incoming
    {%- set known %}
        {%- if load_cached_relation(this) -%}
            select {{ key | join(", ") }}, {{ number }} from {{ this }}
        {%- else -%}
            select {{ key | join(", ") }}, 0 as {{ number }} from {{ rows }} where false
        {%- endif -%}
    {% endset %}
    left join ({{ known }}) as known using ({{ key | join(", ") }})
    cross join (select coalesce(max({{ number }}), 0) as {{ number }} from ({{ known }})) as last_known
{%- endmacro %}

{# What made the rows of this build of their documents. Without a name for it, no build is like another. #}
{% macro made_with() -%}
    '{{ env_var("GONGKAI_MADE_WITH", "") or invocation_id }}'
{%- endmacro %}

{# This run of dbt. #}
{% macro made_by() -%}
    '{{ invocation_id }}'
{%- endmacro %}
