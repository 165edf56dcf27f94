{# Exact arithmetic on decimals. DuckDB is many times slower at dividing numbers of 128 bits than of
   64, and whatever makes a decimal whole divides: so what fits goes through 64 bits. #}

{# A figure as a whole number. NULL stays NULL. #}
{% macro whole_number(column) -%}
    coalesce(
        cast(try_cast({{ column }} as decimal(18, 6)) as bigint), cast({{ column }} as bigint)
    )
{%- endmacro %}

{# Whether a figure has digits behind the point. NULL stays NULL. #}
{% macro is_fractional(column) -%}
    coalesce(
        try_cast({{ column }} as decimal(18, 6)) != floor(try_cast({{ column }} as decimal(18, 6))),
        {{ column }} != floor({{ column }})
    )
{%- endmacro %}

{# 100 * part / whole to six digits, halves away from zero: in whole numbers, since doubles would
   round some halves the other way. NULL where either is missing or the whole is nothing. #}
{% macro percentage(part, whole) -%}
    cast(
        sign({{ part }}) * sign({{ whole }}) * (
            case
                when
                    abs({{ part }}) < 10000000000
                    and abs({{ whole }}) < 10000000000
                    and not {{ is_fractional(part) }}
                    and not {{ is_fractional(whole) }}
                    then cast(
                        (
                            200000000 * abs({{ whole_number(part) }})
                            + abs({{ whole_number(whole) }})
                        ) // nullif(2 * abs({{ whole_number(whole) }}), 0) as hugeint
                    )
                else
                    (200000000 * {{ millionths(part) }} + {{ millionths(whole) }})
                    // nullif(2 * {{ millionths(whole) }}, 0)
            end
        ) as decimal(30, 0)
    ) * cast(0.000001 as decimal(7, 6))
{%- endmacro %}

{% macro millionths(number) -%}
    cast(cast(abs({{ number }}) as decimal(30, 6)) * 1000000 as hugeint)
{%- endmacro %}
