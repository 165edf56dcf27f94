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

{# What one side of a rule adds up to: NULL where a needed figure is missing, 0 without terms. #}
{% macro side_value(side) -%}
    case
        when {{ side }} is null then 0
        when {{ side }}.absent_count = 0 and {{ side }}.doubtful_count = 0
            then {{ side }}.total
    end
{%- endmacro %}
