{# The sides of a rule, from a row of int_rule_residuals: it keeps one of them and what is between
   them, in whole numbers where both are whole. NULL where a side is not known. #}

{% macro left_value(result) -%}
    case
        when {{ result }}.has_left
            then coalesce({{ result }}.large_left, {{ in_units(result, 'figure') }})
    end
{%- endmacro %}

{% macro right_value(result) -%}
    case
        when {{ result }}.has_right
            then coalesce(
                {{ result }}.large_right,
                {{ in_units(result, 'figure') }} - {{ in_units(result, 'gap') }}
            )
    end
{%- endmacro %}

{# What the left side has more than the right one. #}
{% macro residual(result) -%}
    case
        when {{ result }}.has_left and {{ result }}.has_right
            then coalesce(
                {{ result }}.large_left - {{ result }}.large_right, {{ in_units(result, 'gap') }}
            )
    end
{%- endmacro %}

{% macro in_units(result, column) -%}
    case
        when {{ result }}.is_fractional
            then cast({{ result }}.{{ column }} * cast(0.000001 as decimal(7, 6)) as decimal(38, 6))
        else cast({{ result }}.{{ column }} as decimal(38, 6))
    end
{%- endmacro %}
