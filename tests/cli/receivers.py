#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real receivers of log lines, webhooks and mail, and such that misbehave.

receivers.py certificates DIR      a new authority, and a certificate of 127.0.0.1 in DIR
receivers.py webhook DIR           HTTPS on 127.0.0.1:8443; a line for each message to DIR/webhook.log
receivers.py smtp DIR              SMTP on 127.0.0.1:2525 (STARTTLS, login gw1/"mail password"): DIR/mail.log
receivers.py relay DIR             SMTP without TLS and login on 127.0.0.1:2526: DIR/mail.log
receivers.py rsyslog DIR           rsyslogd, UDP and TCP port 5514: DIR/syslog.log; pid in DIR/rsyslog.pid
receivers.py bad DIR               127.0.0.1:9001... : hangs, garbage, 500, redirects, no end, closes
receivers.py wait FILE REGEX [N]   until FILE has N lines like REGEX; prints what REGEX's groups are of the last
The servers go to the background when they listen; they end with their network namespace's test, by DIR/stop.
"""
import hashlib
import hmac
import http.server
import json
import os
import re
import select
import socket
import ssl
import subprocess
import sys
import threading
import time

SECRET = b"a signing secret"
LIMIT = 60


def daemon(folder):
    """Returns in a child, once everything listens the parent has ended."""
    sys.stdout.flush()
    if os.fork() != 0:
        os._exit(0)
    os.setsid()
    log = os.open(os.path.join(folder, "receivers.err"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    null = os.open("/dev/null", os.O_RDONLY)
    for new, old in ((null, 0), (log, 1), (log, 2)):
        os.dup2(new, old)


def until_stopped(folder):
    while os.path.isdir(folder) and not os.path.exists(os.path.join(folder, "stop")):
        time.sleep(0.1)
    os._exit(0)


def note(folder, name, text):
    with open(os.path.join(folder, name), "a", encoding="utf-8") as f:
        f.write(text + "\n")


def certificates(folder):
    def openssl(*argv):
        subprocess.run(["openssl", *argv], check=True, capture_output=True, cwd=folder, timeout=LIMIT)
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=test authority", "-keyout", "ca.key", "-out", "ca.pem")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=127.0.0.1",
            "-keyout", "server.key", "-out", "server.csr")
    with open(os.path.join(folder, "ext"), "w", encoding="ascii") as f:
        f.write("subjectAltName=IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "ext", "-out", "server.pem")


def tls(folder):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(folder, "server.pem"), os.path.join(folder, "server.key"))
    return context


def webhook(folder):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            wanted = "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest()
            doc = json.loads(body)
            note(folder, "webhook.json", body.decode())
            for s in doc["stories"]:
                note(folder, "webhook.log", f"{doc['hostname']} {s['id']} {s['kind']} {s['status']} {s['site']} "
                     f"repeats {doc['repeats']} lost {doc['lost']}")
            note(folder, "webhook.log", f"post {self.path} {self.headers['Content-Type']} test {doc['test']} signature "
                 f"{'right' if self.headers['X-Ikesh-Signature'] == wanted else 'wrong'} stories {len(doc['stories'])}")
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 8443), Handler)
    server.socket = tls(folder).wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    daemon(folder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    until_stopped(folder)


def smtp(folder, port, secure):
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import AuthResult

    class Handler:
        async def handle_DATA(self, _server, session, envelope):
            text = envelope.content.decode()
            head, body = text.split("\r\n\r\n", 1)
            subject = re.search(r"(?m)^Subject: (.*?)\r?$", head).group(1)
            good = all(re.search(rf"(?m)^{name}: ", head) for name in ("From", "To", "Date", "Message-ID", "MIME-Version"))
            good = good and "\n" not in text.replace("\r\n", "") and max(map(len, text.split("\r\n"))) <= 998
            note(folder, "mail.txt", text.replace("\r\n", "\n"))
            note(folder, "mail.log", f"mail from {envelope.mail_from} to {','.join(envelope.rcpt_tos)} "
                 f"{'tls' if session.ssl else 'clear'} login {session.auth_data or b'none'} "
                 f"{'well-formed' if good else 'malformed'}: {subject} ({len(body.splitlines())} lines)")
            return "250 OK"

    def login(_server, _session, _envelope, _mechanism, data):
        good = (data.login, data.password) == (b"gw1", b"mail password")
        return AuthResult(success=good, handled=False, auth_data=data.login)

    daemon(folder)
    more = {"tls_context": tls(folder), "require_starttls": True, "authenticator": login, "auth_required": True} \
        if secure else {}
    Controller(Handler(), hostname="127.0.0.1", port=port, **more).start()
    until_stopped(folder)


def rsyslog(folder):
    with open(os.path.join(folder, "rsyslog.conf"), "w", encoding="ascii") as f:
        f.write(f"""global(workDirectory="{folder}" maxMessageSize="8k")
module(load="imudp") module(load="imtcp")
template(name="t" type="string" string="%inputname% pri %pri% %hostname% %app-name% %msgid% v%protocol-version% %msg%\\n")
input(type="imudp" address="127.0.0.1" port="5514" name="udp" ruleset="r")
input(type="imtcp" address="127.0.0.1" port="5514" name="tcp" ruleset="r")
ruleset(name="r") {{ action(type="omfile" file="{folder}/syslog.log" template="t" asyncWriting="off") }}
""")
    subprocess.run(["rsyslogd", "-f", os.path.join(folder, "rsyslog.conf"), "-i", os.path.join(folder, "rsyslog.pid")],
                   check=True, timeout=LIMIT)
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", 5514), 1).close()
            break
        except OSError:
            time.sleep(0.1)
    daemon(folder)  # and a watch that ends it with the test
    try:
        until_stopped_file = os.path.join(folder, "stop")
        while os.path.isdir(folder) and not os.path.exists(until_stopped_file):
            time.sleep(0.1)
        with open(os.path.join(folder, "rsyslog.pid"), encoding="ascii") as f:
            os.kill(int(f.read()), 15)
    except (OSError, ValueError):
        pass


def misbehave(kind, s):
    """What comes is read, as a receiver would."""
    try:
        if kind == "silent":  # not even that
            time.sleep(LIMIT * 10)
        if kind == "close":
            return
        if kind == "garbage":
            s.sendall(os.urandom(4096))
        if kind == "mail-garbage":
            s.sendall(b"220 hello\r\n" + os.urandom(200).replace(b"\n", b"") + b"\r\n")
        if kind in ("500", "redirect", "endless"):
            data = b""
            while b"\r\n\r\n" not in data:
                data += s.recv(65536)
            if kind == "500":
                s.sendall(b"HTTP/1.1 500 Broken\r\nContent-Length: 3\r\n\r\nno\n")
            if kind == "redirect":
                s.sendall(b"HTTP/1.1 302 Elsewhere\r\nLocation: http://127.0.0.1:9002/\r\nContent-Length: 0\r\n\r\n")
            if kind == "endless":
                s.sendall(b"HTTP/1.1 503 No\r\n\r\n")
                while True:
                    s.sendall(b"x" * 4096)
        while select.select([s], [], [], LIMIT * 10)[0] and s.recv(65536):
            pass
    except OSError:
        pass
    finally:
        s.close()


BAD = ("silent", "garbage", "500", "redirect", "endless", "close", "mail-garbage")


def bad(folder):
    for i, kind in enumerate(BAD):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if kind == "silent":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        listener.bind(("127.0.0.1", 9001 + i))
        listener.listen()
        globals()["l%d" % i] = listener
    daemon(folder)

    def serve(kind, listener):
        while True:
            conn = listener.accept()[0]
            threading.Thread(target=misbehave, args=(kind, conn), daemon=True).start()
    for i, kind in enumerate(BAD):
        threading.Thread(target=serve, args=(kind, globals()["l%d" % i]), daemon=True).start()
    until_stopped(folder)


def wait(path, regex, count=1):
    end = time.monotonic() + LIMIT
    while True:
        lines = []
        if os.path.exists(path):
            with open(path, encoding="utf-8", errors="replace") as f:
                lines = [m for m in map(re.compile(regex).search, f) if m]
        if len(lines) >= count:
            print(*lines[-1].groups())
            return
        if time.monotonic() > end:
            print(f"{path} has {len(lines)} lines like {regex}")
            with open(path, encoding="utf-8", errors="replace") as f:
                print(f.read()[-3000:])
            sys.exit(1)
        time.sleep(0.05)


def main():
    what, *rest = sys.argv[1:]
    if what == "wait":
        wait(rest[0], rest[1], *map(int, rest[2:]))
    elif what in ("smtp", "relay"):
        smtp(rest[0], 2525 if what == "smtp" else 2526, what == "smtp")
    else:
        {"certificates": certificates, "webhook": webhook, "rsyslog": rsyslog, "bad": bad}[what](rest[0])


if __name__ == "__main__":
    main()
