# The legacy inventory with jq: `jq -n -f legacy.jq FILE`.
reduce (inputs | .properties | select(.clientAppUsed | IN($clients[]))) as $record ({};
  ($record | [.userPrincipalName, .clientAppUsed, .deviceDetail.displayName,
              .deviceDetail.operatingSystem] | tojson) as $key
  | .[$key].person = $record.userPrincipalName
  | .[$key].last = ([.[$key].last, $record.createdDateTime] | max)
  | if $record.status.errorCode == 0 then .[$key].successes += 1 else .[$key].failures += 1 end)
| [.[]]
| {
    rows: map(select(.successes > 0)) | length,
    successes: map(.successes // 0) | add,
    failures: map(.failures // 0) | add,
    users: map(select(.successes > 0).person) | unique | length
  }
