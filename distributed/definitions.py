"""The code location of Dagster that runs on a cluster; assembles and does nothing else.

It is loaded by a Python that has Spark. That of the warehouse needs none.
"""

import dagster as dg
from dagster_k8s import k8s_job_executor
from dagster_pyspark import PySparkResource
from pydantic import Field

from dagster_project.settings import read_settings
from distributed.job import Run, run
from distributed.report import as_markdown

SPARK_CONFIG = {
    "spark.app.name": "gongkai",
    "spark.task.maxFailures": "4",
    # Every core has one Python process; more threads in it would only contend.
    "spark.executorEnv.POLARS_MAX_THREADS": "1",
    "spark.executorEnv.OMP_NUM_THREADS": "1",
}


class CrawlConfig(dg.Config):
    """What an operator sets for one run."""

    inputs: list[str] = Field(
        description="Files, folders or patterns (`s3a://bucket/crawl/*.warc.wet.gz`) of WARC, WET, "
        "JSON lines or Parquet, on any filesystem that Spark reads."
    )
    output: str = Field(
        description="A folder `<collection>.parsed`; copied into the landing folder, or written "
        "there, a build takes it in."
    )
    files_per_batch: int = Field(
        default=1_000, description="Files that are written together: a stopped run loses no more."
    )
    partitions: int = Field(
        default=0, description="Of the documents found in a batch; 0 takes four per core."
    )


@dg.asset(
    name="parsed_crawl",
    group_name="raw",
    kinds={"pyspark", "parquet"},
    owners=["team:gongkai"],
)
def parsed_crawl(
    context: dg.AssetExecutionContext, config: CrawlConfig, pyspark: PySparkResource
) -> dg.MaterializeResult:
    """Reports found in web crawls and parsed on a cluster, with their bytes and all their rows.

    One row per document. The folder lands like any other collection: its documents are taken into
    the schema `raw` as they are where parser and dictionary are the same, and parsed again if not.
    """
    wanted = Run(
        tuple(config.inputs),
        config.output,
        config.files_per_batch,
        config.partitions,
        settings=read_settings(),
    )
    spark = pyspark.spark_session
    try:
        report = run(spark, wanted, context.log.info)
    finally:
        # Its executors would be mourned as lost when this process ends.
        spark.stop()
    numbers = ("files", "input_bytes", "records", "documents", "seconds", "documents_per_second")
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": report["documents"],
            "dagster/uri": config.output,
            **{name: report[name] for name in numbers if report[name] is not None},
            "selected_pct": report["selected_pct"] or 0.0,
            "largest_to_median_partition": (
                report["parsing"]["skew"]["documents"]["largest_to_median"] or 0.0
            ),
            "workers": dg.MetadataValue.md(as_markdown(report)),
            "run": dg.MetadataValue.json(report),
        }
    )


parse_crawl = dg.define_asset_job(
    "parse_crawl",
    selection=[parsed_crawl],
    description="Find and parse reports in web crawls, on the cluster that Spark is told of.",
    executor_def=dg.in_process_executor,
)


parse_crawl_on_kubernetes = dg.define_asset_job(
    "parse_crawl_on_kubernetes",
    selection=[parsed_crawl],
    description="The same with its step in a pod of its own: several runs share a crawl.",
    executor_def=k8s_job_executor,
)


def build_defs() -> dg.Definitions:
    """The asset, its job, and Spark's session as Dagster's own integration makes it."""
    return dg.Definitions(
        assets=[parsed_crawl],
        jobs=[parse_crawl, parse_crawl_on_kubernetes],
        resources={"pyspark": PySparkResource(spark_config=SPARK_CONFIG)},
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The code location of `dagster dev`."""
    return build_defs()
