"""The legacy inventory with Polars, streaming: `polars_legacy.py json|csv THREADS FILE…`."""
import os
import sys

shape, threads, files = sys.argv[1], sys.argv[2], listed(sys.argv[3:])
os.environ["POLARS_MAX_THREADS"] = threads

import polars as pl  # noqa: E402: reads the number of threads when it is imported

clients = CLIENTS
if shape == "json":
    device = pl.Struct({"displayName": pl.String, "operatingSystem": pl.String})
    properties = pl.Struct(
        {
            "userPrincipalName": pl.String,
            "clientAppUsed": pl.String,
            "createdDateTime": pl.String,
            "deviceDetail": device,
            "status": pl.Struct({"errorCode": pl.Int64}),
        }
    )
    field = pl.col("properties").struct.field
    records = (
        pl.scan_ndjson(files, schema={"properties": properties})
        .filter(field("clientAppUsed").is_in(clients))
        .select(
            person=field("userPrincipalName"),
            client=field("clientAppUsed"),
            device=field("deviceDetail").struct.field("displayName"),
            system=field("deviceDetail").struct.field("operatingSystem"),
            created=field("createdDateTime"),
            code=field("status").struct.field("errorCode"),
        )
    )
else:
    path = pl.col("DeviceDetail").str.json_path_match
    records = (
        pl.scan_csv(files, infer_schema=False)
        .filter(pl.col("ClientAppUsed").is_in(clients))
        .select(
            person=pl.col("UserPrincipalName"),
            client=pl.col("ClientAppUsed"),
            device=path("$.displayName"),
            system=path("$.operatingSystem"),
            created=pl.col("CreatedDateTime [UTC]"),
            code=pl.col("ResultType").cast(pl.Int64),
        )
    )
rows = (
    records.group_by("person", "client", "device", "system")
    .agg(
        pl.len().alias("records"),
        pl.col("created").max(),
        (pl.col("code") == 0).sum().alias("successes"),
        (pl.col("code") != 0).sum().alias("failures"),
    )
    .collect(engine="streaming")
)
tell(rows.select("person", "successes", "failures").iter_rows())
