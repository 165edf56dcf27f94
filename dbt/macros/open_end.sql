{# The last year of a span that may last: a year of its own, since DuckDB joins by hash only where
   each side of a comparison stays with one table. #}
{% macro open_end(column) -%}
    coalesce({{ column }}, 9999)
{%- endmacro %}
