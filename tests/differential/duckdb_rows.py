"""Runs exported views and checks on DuckDB and prints their rows, one JSON line for each statement.

Usage: duckdb_rows.py FOLDER [--only-checks]

FOLDER holds `statements.json` and one Parquet file for each base table. A line is
{"name", "columns", "rows"} or {"name", "error"}; floats that JSON cannot write become text.
The exit code is 0 even when a statement fails: a failed statement is a result.
"""

import decimal
import json
import math
import pathlib
import sys

import duckdb


def value(cell):
    """A cell as JSON; 64-bit integers stay integers."""
    if isinstance(cell, decimal.Decimal):
        cell = int(cell) if cell == cell.to_integral_value() else float(cell)
    if isinstance(cell, float) and not math.isfinite(cell):
        return {math.inf: "inf", -math.inf: "-inf"}.get(cell, "NaN")
    return cell


def answer(connection, statement):
    """The rows of one SELECT."""
    try:
        result = connection.execute(statement["sql"])
        columns = [column[0] for column in result.description]
        rows = [[value(cell) for cell in row] for row in result.fetchall()]
    except duckdb.Error as error:
        return {"name": statement["name"], "error": " ".join(str(error).split())}
    return {"name": statement["name"], "columns": columns, "rows": rows}


def main(folder, only_checks):
    """Creates tables and views in order, then prints what every statement gives."""
    statements = json.loads((folder / "statements.json").read_text(encoding="utf-8"))
    connection = duckdb.connect(config={"threads": 2, "autoinstall_known_extensions": "false"})
    connection.execute("CREATE MACRO regexp_like(s, p) AS regexp_matches(s, p)")
    for table in statements["tables"]:
        file = str(folder / f"{table}.parquet").replace("'", "''")
        connection.execute(f"CREATE TABLE {table} AS SELECT * FROM read_parquet('{file}')")
    # Parquet is the only outside thing that is read.
    connection.execute("SET enable_external_access = false")
    for view in statements["views"]:
        line = answer(connection, view)
        if "error" not in line:
            connection.execute(f"CREATE TABLE {view['name']} AS {view['sql']}")
        if not only_checks:
            print(json.dumps(line))
    for check in statements["checks"]:
        print(json.dumps(answer(connection, check)))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]), "--only-checks" in sys.argv[2:])
