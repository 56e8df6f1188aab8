#!/usr/bin/env python3
"""Checks an exported journal of lockstep, by docs/JOURNAL.md and nothing else.
verify-journal.py FILE [--head NUMBER:HASH]   (0: it holds, 1: it does not, 2: it cannot be read)"""
import datetime, hashlib, json, re, sys
LIMIT, ZEROS, SCHEMA = 9 * 1024 * 1024, "0" * 64, "lockstep.journal/1"
FIELDS = ["number", "previous", "time", "actor", "kind", "change_set", "outcome_of", "hash"]
TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})\.[0-9]{9}Z")
class Broken(Exception): pass  # line, entry, word
def must(sound):
    if not sound: raise ValueError
def parsed(text): return json.loads(text.decode(), parse_constant=lambda _: must(False))
def written(value): return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
def is_hash(it): return isinstance(it, str) and re.fullmatch("[0-9a-f]{64}", it)
def is_number(it, least): return type(it) is int and least <= it < 2**63
def is_text(it): return isinstance(it, str) and 1 <= len(it.encode()) <= 1024
def header_of(line):
    must(line.endswith(b"\n") and len(line) <= LIMIT)
    header = parsed(line[:-1])
    must(list(header) == ["schema", "entries", "head"] and written(header) == line[:-1])
    must(header["schema"] == SCHEMA and is_number(header["entries"], 0) and is_hash(header["head"]))
    return header
def entry_of(line):
    must(line.endswith(b"\n") and len(line) <= LIMIT)
    head, comma, payload = line[:-1].partition(b',"payload":')
    must(comma and payload.endswith(b"}"))
    parsed(payload[:-1])
    entry = parsed(head + b"}")
    must(list(entry) == FIELDS and written(entry) == head + b"}" and is_number(entry["number"], 1))
    must(is_hash(entry["previous"]) and is_hash(entry["hash"]) and is_text(entry["actor"]))
    datetime.datetime.fromisoformat(TIME.fullmatch(entry["time"])[1])
    must(entry["kind"] in ("intent", "outcome", "observation", "note"))
    must(entry["change_set"] is None or is_text(entry["change_set"]))
    intent, is_outcome = entry["outcome_of"], entry["kind"] == "outcome"
    must(is_number(intent, 1) if is_outcome else intent is None)
    return entry, payload[:-1]
def line_of(file, line, entry, read):
    text = file.readline(LIMIT + 1)
    if len(text) <= LIMIT and not text.endswith(b"\n"):
        if not text and line > 1: return None
        raise Broken(line, entry, "truncated")
    try: return read(text)
    except (ValueError, KeyError, TypeError, RecursionError): raise Broken(line, entry, "unreadable")
def hash_of(entry, payload):
    def number(it): return it.to_bytes(8, "big")
    change_set, intent = entry["change_set"], entry["outcome_of"]
    fields = [SCHEMA.encode(), bytes.fromhex(entry["previous"]), number(entry["number"]),
              entry["time"].encode(), entry["actor"].encode(), entry["kind"].encode(),
              b"\0" if change_set is None else b"\1" + change_set.encode(),
              b"\0" if intent is None else b"\1" + number(intent), payload]
    return hashlib.sha256(b"".join(number(len(it)) + it for it in fields)).hexdigest()
def comes_later(file, number):
    for text in iter(lambda: file.readline(LIMIT + 1), b""):
        try:
            if entry_of(text)[0]["number"] == number: return True
        except (ValueError, KeyError, TypeError, RecursionError): pass
    return False
def verify(file, known, known_hash):
    header, count, last = line_of(file, 1, 0, header_of), 0, ZEROS
    if known == 0 and known_hash != ZEROS: raise Broken(1, 0, "rewritten")
    while (found := line_of(file, count + 2, count + 1, entry_of)) is not None:
        entry, due = found[0], count + 1
        def stop(word): raise Broken(due + 1, due, word)
        if count == header["entries"]: stop("unannounced")
        if hash_of(*found) != entry["hash"]: stop("edited")
        if entry["number"] < due: stop("repeated")
        if entry["number"] > due: stop("reordered" if comes_later(file, due) else "gap")
        if entry["previous"] != last: stop("unchained")
        count, last = due, entry["hash"]
        if count == known and last != known_hash: stop("rewritten")
    if count < max(header["entries"], known): raise Broken(count + 2, count + 1, "truncated")
    if last != header["head"]: raise Broken(1, 0, "head")
    return f"holds: {count} entries, head {count}:{last}"
if __name__ == "__main__":
    if len(sys.argv) not in (2, 4) or sys.argv[2:3] not in ([], ["--head"]): sys.exit(print(__doc__) or 2)
    number, _, known_hash = (sys.argv + ["--head", "-1:"])[3].partition(":")
    try: print(verify(open(sys.argv[1], "rb"), int(number), known_hash))
    except Broken as broken: sys.exit(print("line {}, entry {}: {}".format(*broken.args)) or 1)
    except (OSError, ValueError) as error: sys.exit(print(error, file=sys.stderr) or 2)
