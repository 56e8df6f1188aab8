"""The legacy inventory with DataFusion: `datafusion_legacy.py json|csv THREADS FILE`."""
import sys

import pyarrow as pa
from datafusion import SessionConfig, SessionContext

shape, threads, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
clients = ", ".join("'" + name + "'" for name in CLIENTS)
engine = SessionContext(SessionConfig().with_target_partitions(threads))
if shape == "json":
    text = pa.string()
    device = pa.struct([("displayName", text), ("operatingSystem", text)])
    properties = pa.struct(
        [
            ("userPrincipalName", text),
            ("clientAppUsed", text),
            ("createdDateTime", text),
            ("deviceDetail", device),
            ("status", pa.struct([("errorCode", pa.int64())])),
        ]
    )
    engine.register_json("log", path, schema=pa.schema([("properties", properties)]))
    source = f"""
        SELECT properties['userPrincipalName'] AS person, properties['clientAppUsed'] AS client,
               properties['deviceDetail']['displayName'] AS device,
               properties['deviceDetail']['operatingSystem'] AS system,
               properties['createdDateTime'] AS created, properties['status']['errorCode'] AS code
        FROM log WHERE properties['clientAppUsed'] IN ({clients})"""
else:
    with open(path, encoding="utf-8") as file:
        names = file.readline().rstrip("\n").split(",")
    engine.register_csv("log", path, schema=pa.schema([(name, pa.string()) for name in names]))
    # It has no function that reads JSON; the cells hold no escaped quotation marks.
    part = """regexp_match("DeviceDetail", '"{}":"([^"]*)"')[1]"""
    source = f"""
        SELECT "UserPrincipalName" AS person, "ClientAppUsed" AS client,
               {part.format("displayName")} AS device, {part.format("operatingSystem")} AS system,
               "CreatedDateTime [UTC]" AS created, CAST("ResultType" AS BIGINT) AS code
        FROM log WHERE "ClientAppUsed" IN ({clients})"""
rows = engine.sql(
    f"""SELECT person, client, device, system, count(*) AS records, max(created) AS last,
               sum(CASE WHEN code = 0 THEN 1 ELSE 0 END) AS successes,
               sum(CASE WHEN code <> 0 THEN 1 ELSE 0 END) AS failures
        FROM ({source}) GROUP BY person, client, device, system"""
).to_pydict()
tell(zip(rows["person"], rows["successes"], rows["failures"]))
