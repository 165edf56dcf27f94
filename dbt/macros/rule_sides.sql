{# The sides of a rule, from a row of int_rule_residuals: it keeps one of them and what is between
   them, in whole numbers where both are whole. NULL where a side is not known. #}

{% macro left_value(result) -%}
    case
        when {{ knows(result, 'left') }}
            then coalesce({{ result }}.large_left, {{ in_units(result, 'figure') }})
    end
{%- endmacro %}

{% macro right_value(result) -%}
    case
        when {{ knows(result, 'right') }}
            then coalesce(
                {{ result }}.large_right,
                {{ in_units(result, 'figure') }} - {{ in_units(result, 'gap') }}
            )
    end
{%- endmacro %}

{# What the left side has more than the right one. #}
{% macro residual(result) -%}
    case
        when {{ knows(result, 'left') }} and {{ knows(result, 'right') }}
            then coalesce(
                {{ result }}.large_left - {{ result }}.large_right, {{ in_units(result, 'gap') }}
            )
    end
{%- endmacro %}

{% macro in_units(result, column) -%}
    case
        when {{ has_sign(result, 4) }}
            then cast({{ result }}.{{ column }} * cast(0.000001 as decimal(7, 6)) as decimal(38, 6))
        else cast({{ result }}.{{ column }} as decimal(38, 6))
    end
{%- endmacro %}

{# Whether the left or the right side is known. #}
{% macro knows(result, side) -%}
    {{ has_sign(result, {'left': 1, 'right': 2}[side]) }}
{%- endmacro %}

{# Whether the second denominator of a ratio stands in for the first. #}
{% macro takes_second_denominator(result) -%}
    {{ has_sign(result, 8) }}
{%- endmacro %}

{# The signs are those of `loaders.rule_results`. #}
{% macro has_sign(result, sign) -%}
    ({{ result }}.sides & {{ sign }}) > 0
{%- endmacro %}
