{# A row here lacks a value in one of these columns. #}
{% test not_null_columns(model, columns) %}
select *
from {{ model }}
where
    {% for column in columns %}{{ column }} is null{{ " or " if not loop.last }}{% endfor %}
{% endtest %}
