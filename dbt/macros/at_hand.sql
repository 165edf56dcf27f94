{# The reports whose rows an incremental model makes in this go. A model that makes the rows of a
   report from those of the report, and from no other's but what its state tells of, says this of what
   it reads; mechanics/incremental.sql decides which reports they are. #}
{% macro at_hand(column, key=none, states='int_report_states') -%}
    {%- do ref(states) -%}
    {{ column }} in (select {{ key or column.split('.')[-1] }} from temp.reports_at_hand)
{%- endmacro %}

{# The same for a model that looks at nothing but what the report itself says. #}
{% macro own_at_hand(column) -%}
    {{ at_hand(column, states='int_reports_numbered') }}
{%- endmacro %}
