#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""metrics.py CHECK: looks at the page /metrics of the appliance in this network namespace.  Prints nothing
but what is wrong; "series" prints the samples whose lines match a pattern."""
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
AT = ("127.0.0.1", 9850)
LIMIT = 60
OPENMETRICS = "application/openmetrics-text"


def tool(name):
    return os.path.join(ROOT, "build", "tools", "usr", "bin", name)


def page(accept=""):
    request = urllib.request.Request("http://%s:%d/metrics" % AT, headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=LIMIT) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


def raw(text):
    """All that the server says to this, up to its end."""
    with socket.create_connection(AT, LIMIT) as s:
        s.sendall(text if isinstance(text, bytes) else text.encode())
        said = b""
        while True:
            try:
                data = s.recv(65536)
            except ConnectionResetError:
                return said.decode()
            if not data:
                return said.decode()
            said += data


def promtool():
    """promtool of Prometheus finds nothing to complain about."""
    kind, text = page()
    if not kind.startswith("text/plain; version=0.0.4"):
        print("another type:", kind)
    r = subprocess.run([tool("promtool"), "check", "metrics"], input=text, text=True, capture_output=True,
                       timeout=LIMIT, check=False)
    print(r.stdout + r.stderr, end="")


def openmetrics():
    """The strict parser of the reference client library takes it."""
    from prometheus_client.openmetrics.parser import text_string_to_metric_families
    kind, text = page(OPENMETRICS + "; version=1.0.0,text/plain;q=0.5")
    if not kind.startswith(OPENMETRICS + "; version=1.0.0"):
        print("another type:", kind)
    if len(list(text_string_to_metric_families(text))) < 30:
        print("too few families")


def scrape():
    """A Prometheus fetches it, and answers a query."""
    with tempfile.TemporaryDirectory() as folder:
        with open(folder + "/config", "w", encoding="utf-8") as f:
            f.write("scrape_configs: [{job_name: ikesh, scrape_interval: 1s, static_configs: [{targets: "
                    "['%s:%d']}]}]\n" % AT)
        with open(folder + "/log", "wb") as log:
            server = subprocess.Popen([tool("prometheus"), "--config.file=" + folder + "/config", "--storage.tsdb.path="
                                       + folder + "/data", "--web.listen-address=127.0.0.1:9090"], stdout=log, stderr=log)
        try:
            end = time.monotonic() + LIMIT
            while time.monotonic() < end:
                try:
                    with urllib.request.urlopen("http://127.0.0.1:9090/api/v1/query?query=ikesh_tunnel_up",
                                                timeout=LIMIT) as answer:
                        found = json.load(answer)["data"]["result"]
                except OSError:
                    found = []
                if found:
                    for row in found:
                        print(row["metric"]["site"], row["metric"]["tunnel"], row["value"][1])
                    return
                time.sleep(0.2)
            print(open(folder + "/log", encoding="utf-8").read())
        finally:
            server.kill()
            server.wait(LIMIT)


def words(text):
    return set(re.findall(r"\bikesh_[a-z0-9_]+", text))


def files():
    """Dashboard and alerts of the package: expressions that Prometheus understands, of metrics that exist."""
    folder = os.path.join(ROOT, "platform", "packaging", "monitoring")
    there = words("\n".join(line for line in page()[1].split("\n") if line.startswith("# TYPE")))
    with open(folder + "/grafana-dashboard.json", encoding="utf-8") as f:
        expressions = [t["expr"] for p in json.load(f)["panels"] for t in p["targets"]]
    expressions = [re.sub(r"\$__rate_interval", "1m", e) for e in expressions]
    rules = folder + "/prometheus-rules.yml"
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as f, open(rules, encoding="utf-8") as r:
        used = words("\n".join(expressions)) | words(r.read())
        f.write(json.dumps({"groups": [{"name": "dashboard", "rules": [
            {"record": f"panel{i}", "expr": e} for i, e in enumerate(expressions)]}]}))
        f.flush()
        for path in (f.name, rules):
            done = subprocess.run([tool("promtool"), "check", "rules", path], text=True, capture_output=True,
                                  timeout=LIMIT, check=False)
            if done.returncode:
                print(done.stdout + done.stderr)
    for name in sorted(used - there):
        print("nobody makes", name)
    if len(used) < 15:
        print("too few metrics in use")


def series():
    for line in page(OPENMETRICS)[1].split("\n"):
        if re.search(sys.argv[2], line) and not line.startswith("#"):
            print(line)


def strangers():
    """Whoever asks for something else, or not at all, hears why, and disturbs nobody."""
    asked = (("GET /metrics HTTP/1.0\r\n\r\n", "HTTP/1.1 200 "), ("GET /metrics?x=1 HTTP/1.1\r\n\r\n", "HTTP/1.1 200 "),
             ("HEAD /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 200 "), ("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 404 "),
             ("POST /metrics HTTP/1.1\r\nContent-Length: 1\r\n\r\nx", "HTTP/1.1 405 "),
             ("GET /metricsx HTTP/1.1\r\n\r\n", "HTTP/1.1 404 "), ("GET /" + "a" * 3000 + " HTTP/1.1\r\n\r\n", "HTTP/1.1 404 "),
             ("rubbish\r\n\r\n", "HTTP/1.1 400 "), ("\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", "HTTP/1.1 400 "),
             ("GET /metrics HTTP/2.0\r\n\r\n", "HTTP/1.1 400 "), ("GET http://x/metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "),
             ("GET /metrics HTTP/1.1\r\nX: " + "y" * 5000, "HTTP/1.1 431 "), ("a" * 5000, "HTTP/1.1 431 "))
    for text, wanted in asked:
        said = raw(text)
        if not said.startswith(wanted):
            print(repr(text[:60]), "got", repr(said[:60]))
    if "ikesh_sites" in raw("HEAD /metrics HTTP/1.1\r\n\r\n"):
        print("HEAD has a body")
    if not raw("GET /metrics HTTP/1.0\r\n\r\n").rstrip().split("\n")[-1].startswith("ikesh_"):
        print("HTTP/1.0 gets chunks")


def silent():
    """Clients that say nothing fill the places, and lose them again."""
    crowd = [socket.create_connection(AT, LIMIT) for _ in range(8)]
    if raw("GET /metrics HTTP/1.1\r\n\r\n") != "":
        print("more than eight clients")
    start = time.monotonic()
    for s in crowd:
        s.settimeout(LIMIT)
        if s.recv(1) != b"":
            print("said something")
    if time.monotonic() - start < 5:
        print("given up at once")
    promtool()


def slow():
    """A client that reads slowly gets all of it, and nobody waits for him."""
    with socket.create_connection(AT, LIMIT) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        s.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
        time.sleep(1)
        start = time.monotonic()
        page()
        if time.monotonic() - start > 5:
            print("the other one waited")
        said = b""
        while not said.endswith(b"\r\n0\r\n\r\n"):
            data = s.recv(1024)
            if not data:
                print("cut after", len(said))
                return
            said += data


globals()[sys.argv[1]]()
