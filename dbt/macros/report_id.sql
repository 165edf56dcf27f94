{# The one spelling of a report's identity: 16 hex digits of the document, a hyphen, its number. #}
{% macro report_id() -%}
    left(document_id, 16) || '-' || report_no
{%- endmacro %}
