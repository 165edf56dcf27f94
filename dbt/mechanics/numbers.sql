{# Rows with a number each. What the last build numbered keeps its number, since what was made under it
   stays; what is new comes after the last one, in the order of its key. A key that goes and comes back
   may have another number, unless the relation keeps it (rows_so_far). #}
{% macro number_rows(rows, number, key) -%}
    {%- set known = rows_so_far(rows, key, number) -%}
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
    left join ({{ known }}) as known using ({{ key | join(", ") }})
    cross join (select coalesce(max({{ number }}), 0) as {{ number }} from ({{ known }})) as last_known
{%- endmacro %}

{# The keys that the last build had, with their numbers if asked for; none the first time, and then
   nothing is left that was made under other numbers. #}
{% macro rows_so_far(rows, key, number=none) -%}
    {%- set relation = load_cached_relation(this) -%}
    {%- if relation -%}
        select {{ key | join(", ") }} {{ ", " ~ number if number }} from {{ this }}
    {%- else -%}
        {%- if execute -%} {%- do run_query("drop schema if exists made_of cascade") -%} {%- endif -%}
        select {{ key | join(", ") }} {{ ", 0 as " ~ number if number }} from {{ rows }} where false
    {%- endif -%}
{%- endmacro %}

{# What made the rows of this build of their documents. Without a name for it, no build is like another. #}
{% macro made_with() -%}
    '{{ env_var("GONGKAI_MADE_WITH", "") or invocation_id }}'
{%- endmacro %}

{# This run of dbt. #}
{% macro made_by() -%}
    '{{ invocation_id }}'
{%- endmacro %}
