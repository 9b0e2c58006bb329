#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""schema.py COMMAND...: runs `show` commands with json and holds what they print against man/schema.

schema.py                 every row of commands/ that has the word json: each way to write it
schema.py --merge DIR     writes schemas to DIR from what is printed now, widening those that are there

The schema of a command is man/schema/WORDS.json, its fixed words joined by hyphens.  Documents may
hold more keys than the schema names.  Prints one line for each that is no document or not as its schema says,
then exit 1.
"""
import glob
import itertools
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCHEMAS = os.path.join(ROOT, "man", "schema")
VALUES = {"<site>": "Paris", "<draft>": "evening", "<config-from>": "startup-config", "<config-to>": "running-config",
          "<rule-priority>": "10", "<pop>": "Frankfurt", "<account>": "acme"}


def rows():
    """Patterns of all rows that have the word json."""
    found = set()
    for path in glob.glob(os.path.join(ROOT, "commands", "*.c")):
        with open(path, encoding="utf-8") as f:
            text = f.read()
        for m in re.finditer(r'\.words\s*=\s*((?:"[^"]*"\s*)+)', text):
            words = "".join(re.findall(r'"([^"]*)"', m.group(1)))
            if re.search(r"\bjson\b", words):
                found.add(words)
    return sorted(found)


def parse(words, end=None):
    """Alternatives of a pattern, each a list of words, up to the word end; (alternatives, rest)."""
    ways, branches = [[]], []
    while words and words[0] != end:
        word, words = words[0], words[1:]
        if word == "|":
            branches += ways
            ways = [[]]
            continue
        part = [[word]]
        if word in "[{":
            part, words = parse(words, "]" if word == "[" else "}")
            words = words[1:]
            part = part + [[]] if word == "[" else part
        ways = [a + b for a, b in itertools.product(ways, part)]
    return branches + ways, words


MODIFIERS = ("json", "detail", "site", "all", "redacted", "open", "closed")


def name_of(way):
    """Fixed words that make another document."""
    if way[:3] == ["show", "ipsec", "site"]:
        return "-".join(w for w in way if w[0] != "<" and w != "json")
    if way[:2] == ["show", "running-config"]:
        way = [w for w in way if w != "ipsec"]
    return "-".join(w for w in way if w[0] != "<" and w not in MODIFIERS)


def commands(pattern):
    """(name of the schema, command) of each way to write the pattern with json, as far as it names only what
    VALUES has."""
    for way in parse(re.findall(r"[][{}|]|[^][{}|\s]+", pattern))[0]:
        if "json" in way and all(w in VALUES for w in way if w[0] == "<"):
            yield name_of(way), " ".join(VALUES.get(w, w) for w in way)


def run(command):
    r = subprocess.run(["ikesh", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    return r.returncode, r.stdout + r.stderr


def schema_of(value):
    if isinstance(value, dict):
        return {"type": ["object"], "properties": {k: schema_of(v) for k, v in value.items()}, "required": list(value)}
    if isinstance(value, list):
        items = None
        for v in value:
            items = widened(items, schema_of(v))
        return {"type": ["array"], "items": items or {}}
    kinds = {bool: "boolean", int: "integer", str: "string", type(None): "null"}
    return {"type": [kinds[type(value)]]}


def widened(a, b):
    """A schema of both; for the author of a new command, who then looks at it."""
    if not a or not b:
        return a or b or {}
    out = {"type": sorted(set(a["type"]) | set(b["type"]))}
    for s in (a, b):
        if "properties" in s:
            mine = out.setdefault("properties", {})
            for k, v in s["properties"].items():
                mine[k] = widened(mine.get(k), v)
            out["required"] = [k for k in out["properties"] if all(k in x["required"] for x in (a, b) if "required" in x)]
        if "items" in s:
            out["items"] = widened(out.get("items"), s["items"])
    return out


def merge(folder, name, pattern, document):
    path = os.path.join(folder, name + ".json")
    known = None
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            known = json.load(f)
    body = widened(known and {k: v for k, v in known.items() if k[0] != "$" and k != "title"}, schema_of(document))
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"$schema": "https://json-schema.org/draft/2020-12/schema", "title": pattern, **body}, f, indent=1)
        f.write("\n")


def check(name, document):
    import jsonschema
    path = os.path.join(SCHEMAS, name + ".json")
    if not os.path.exists(path):
        return "has no schema: --merge makes one"
    with open(path, encoding="utf-8") as f:
        schema = json.load(f)
    jsonschema.Draft202012Validator.check_schema(schema)
    problem = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(document))
    return problem and f"{problem.json_path}: {problem.message}"


def main():
    folder = sys.argv[2] if sys.argv[1:2] == ["--merge"] else None
    bad = good = 0
    names = set()
    for pattern in rows():
        for name, command in commands(pattern):
            names.add(name)
            status, text = run(command)
            try:
                document = json.loads(text)
            except ValueError:
                if re.match(r"% (There is no|Site \S+ is not configured)", text):
                    continue  # nothing of that kind is configured here
                print(f"{command}: no document (exit {status}): {text[:200]}")
                bad += 1
                continue
            if folder:
                merge(folder, name, pattern, document)
            problem = None if folder else check(name, document)
            bad, good = bad + bool(problem), good + (not problem)
            if problem:
                print(f"{command}: {problem}")
    stale = {os.path.basename(p)[:-5] for p in glob.glob(os.path.join(SCHEMAS, "*.json"))} - names
    if stale and not folder:
        print(f"schemas without a command: {', '.join(sorted(stale))}")
        bad += 1
    print("all documents are as their schemas say" if not bad else f"{bad} of {good + bad} are not")
    sys.exit(1 if bad else 0)


main()
