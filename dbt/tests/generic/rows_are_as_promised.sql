{# A row here is a promise of the relation that some of its rows break, and how many. All promises
   of a relation are one test, since a test costs the same whatever it asks, and columns are looked
   over in one go. A reference is written `dim_report.report_id`; what refers to nothing breaks none. #}
{% test rows_are_as_promised(model, unique=[], not_null=[], references={}, accepted={}) %}
    {{ broken_promises(model, unique, not_null, references, accepted) }}
{% endtest %}
