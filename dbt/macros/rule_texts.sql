{# How a figure is written where a rule compares it: `req_new[total]`. #}
{% macro operand_name() -%}
    indicator_code || case when part_code != '' then '[' || part_code || ']' else '' end
{%- endmacro %}

{# A number without trailing zeros: 451, 27042.62. NULL stays NULL. #}
{% macro number_text(column) -%}
    rtrim(rtrim(cast(cast({{ column }} as decimal(38, 6)) as varchar), '0'), '.')
{%- endmacro %}

{# 100 * part / whole to six digits, halves away from zero: in whole numbers, since doubles would
   round some halves the other way. NULL where either is missing or the whole is nothing. #}
{% macro percentage(part, whole) -%}
    cast(
        sign({{ part }}) * sign({{ whole }}) * (
            (200000000 * {{ millionths(part) }} + {{ millionths(whole) }})
            // nullif(2 * {{ millionths(whole) }}, 0)
        ) as decimal(30, 0)
    ) * cast(0.000001 as decimal(7, 6))
{%- endmacro %}

{% macro millionths(number) -%}
    cast(cast(abs({{ number }}) as decimal(30, 6)) * 1000000 as hugeint)
{%- endmacro %}

{# Whether figures are the source's own: soundly read, and none solved by the rule itself. #}
{% macro all_from_source() -%}
    bool_and(
        is_sound
        and (
            coalesce(solved_by, '') = ''
            or not list_contains(string_split(solved_by, '|'), rule_id)
        )
    )
{%- endmacro %}
