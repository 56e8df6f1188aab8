"""The legacy inventory with plain Python and orjson: `orjson_legacy.py json THREADS FILE…`."""
import sys

import orjson

files = listed(sys.argv[3:])
clients = frozenset(CLIENTS)
groups = {}
for path in files:
    with open(path, "rb") as file:
        for line in file:
            record = orjson.loads(line)["properties"]
            client = record["clientAppUsed"]
            if client not in clients:
                continue
            device = record["deviceDetail"]
            key = (
                record["userPrincipalName"],
                client,
                device.get("displayName"),
                device.get("operatingSystem"),
            )
            group = groups.get(key)
            if group is None:
                group = groups[key] = [0, "", 0, 0]
            group[0] += 1
            group[1] = max(group[1], record["createdDateTime"])
            group[2 if record["status"]["errorCode"] == 0 else 3] += 1
tell(((key[0], group[2], group[3]) for key, group in groups.items()))
