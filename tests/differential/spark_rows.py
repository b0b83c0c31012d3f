"""Runs exported views and checks on Spark and prints their rows, one JSON line for each statement.

Usage: spark_rows.py FOLDER [--only-checks]

FOLDER holds `statements.json` and one Parquet file for each base table. A line is
{"name", "columns", "rows"} or {"name", "error"}; floats that JSON cannot write become text.
The exit code is 0 even when a statement fails: a failed statement is a result.
Spark runs inside this process' own Java machine, listens on loopback only and leaves no file behind.
"""

import decimal
import json
import math
import os
import pathlib
import sys
import tempfile

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

FAILURES = (PySparkException, Py4JJavaError)


def session(scratch):
    """A small Spark with the documented semantics; what only speeds up large data is off."""
    # Settings of an installed Spark or Hadoop are not what is tested.
    for name in list(os.environ):
        if name.startswith(("SPARK_", "PYSPARK_", "HADOOP_")):
            del os.environ[name]
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    settings = {
        "spark.sql.ansi.enabled": "true",
        "spark.sql.session.timeZone": "UTC",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "1g",
        # A test lives too short for the second compiler and a parallel collector.
        "spark.driver.extraJavaOptions": f"-Djava.io.tmpdir={scratch} -Duser.timezone=UTC -XX:TieredStopAtLevel=1 "
        "-XX:ReservedCodeCacheSize=240m -XX:+UseSerialGC -XX:-UsePerfData",
        "spark.local.dir": str(scratch),
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        # Few rows: one task for each stage, and plans are interpreted, since compiling each takes longer than running it.
        "spark.default.parallelism": "1",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    }
    builder = SparkSession.builder.master("local[2]").appName("differential")
    for name, setting in settings.items():
        builder = builder.config(name, setting)
    return builder.getOrCreate()


def value(cell):
    """A cell as JSON; 64-bit integers stay integers."""
    if isinstance(cell, decimal.Decimal):
        cell = int(cell) if cell == cell.to_integral_value() else float(cell)
    if isinstance(cell, float) and not math.isfinite(cell):
        return {math.inf: "inf", -math.inf: "-inf"}.get(cell, "NaN")
    return cell


def failure(name, error):
    """What Spark says, as a result."""
    return {"name": name, "error": " ".join(str(error).split())[:2000]}


def answer(frame, name):
    """The rows of one frame."""
    rows = [[value(cell) for cell in row] for row in frame.collect()]
    return {"name": name, "columns": frame.columns, "rows": rows}


def keep(spark, name, frame):
    """Runs a frame once and puts its rows into memory under a name; gives the frame of these rows.

    Python has no call for this: its own `createDataFrame` takes rows through pickles.
    """
    rows = frame._jdf.collectAsList()
    kept = DataFrame(spark._jsparkSession.createDataFrame(rows, frame._jdf.schema()), spark)
    kept.createOrReplaceTempView(name)
    return kept


def main(folder, only_checks, scratch):
    """Creates tables and views in order, then prints what every statement gives."""
    statements = json.loads((folder / "statements.json").read_text(encoding="utf-8"))
    spark = session(scratch)
    for table in statements["tables"]:
        keep(spark, table, spark.read.parquet(str(folder / f"{table}.parquet")))
    for view in statements["views"]:
        try:
            line = answer(keep(spark, view["name"], spark.sql(view["sql"])), view["name"])
        except FAILURES as error:
            line = failure(view["name"], error)
        if not only_checks:
            print(json.dumps(line))
    for check in statements["checks"]:
        try:
            line = answer(spark.sql(check["sql"]), check["name"])
        except FAILURES as error:
            line = failure(check["name"], error)
        print(json.dumps(line))
    spark.stop()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    exported = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="spark-rows-") as temporary:
        os.chdir(temporary)
        main(exported, "--only-checks" in sys.argv[2:], pathlib.Path(temporary))
        os.chdir("/")
