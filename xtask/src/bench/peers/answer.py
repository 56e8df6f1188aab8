

def listed(paths):
    """The files, and every file below the folders."""
    import os

    found = []
    for path in paths:
        if os.path.isdir(path):
            for folder, _, names in os.walk(path):
                found.extend(os.path.join(folder, name) for name in names)
        else:
            found.append(path)
    return sorted(found)


def tell(rows):
    """Prints what every candidate must agree on."""
    import json

    uses, successes, failures, people = 0, 0, 0, set()
    for person, succeeded, failed in rows:
        successes += succeeded
        failures += failed
        if succeeded:
            uses += 1
            people.add(person)
    answer = {"rows": uses, "successes": successes, "failures": failures, "users": len(people)}
    print(json.dumps(answer))


