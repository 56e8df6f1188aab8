"""The legacy inventory with DuckDB: `duckdb_legacy.py json|csv THREADS FILE…`."""
import sys

import duckdb

shape, threads, files = sys.argv[1], int(sys.argv[2]), listed(sys.argv[3:])
clients = CLIENTS
engine = duckdb.connect()
engine.execute(f"SET threads = {threads}")
if shape == "json":
    source = """
        SELECT properties.userPrincipalName AS person, properties.clientAppUsed AS client,
               properties.deviceDetail.displayName AS device,
               properties.deviceDetail.operatingSystem AS system,
               properties.createdDateTime AS created, properties.status.errorCode AS code
        FROM read_json(?, format = 'newline_delimited', columns = {properties: '
            STRUCT(userPrincipalName VARCHAR, clientAppUsed VARCHAR, createdDateTime VARCHAR,
                   deviceDetail STRUCT(displayName VARCHAR, operatingSystem VARCHAR),
                   status STRUCT(errorCode INTEGER))'})
        WHERE list_contains(?, properties.clientAppUsed)"""
else:
    source = """
        SELECT UserPrincipalName AS person, ClientAppUsed AS client,
               json_extract_string(DeviceDetail, '$.displayName') AS device,
               json_extract_string(DeviceDetail, '$.operatingSystem') AS system,
               "CreatedDateTime [UTC]" AS created, CAST(ResultType AS INTEGER) AS code
        FROM read_csv(?, header = true, all_varchar = true, delim = ',', quote = '"',
                      escape = '"')
        WHERE list_contains(?, ClientAppUsed)"""
rows = engine.execute(
    f"""SELECT person, client, device, system, count(*), max(created),
               count(*) FILTER (code = 0), count(*) FILTER (code <> 0)
        FROM ({source}) GROUP BY ALL""",
    [files, clients],
).fetchall()
tell(((row[0], row[6], row[7]) for row in rows))
