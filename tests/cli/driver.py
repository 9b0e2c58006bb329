# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays transcripts against the real programs: ikeshd in a network namespace of its own, ikesh in a
pseudo terminal.  A transcript (*.t) reads like what an operator sees:

  == NAME                 a case: own namespace, own directories, a fresh appliance
  gw1#show version        waits for the prompt, types the rest and Enter; the lines that follow, up
                          to the next prompt, are what the screen must show
  gw1#sh?                 a final ? is a key, not a line; so are <TAB> <C-c> <C-z> <C-u> <UP> <ESC>
                          anywhere; a final <NONE> sends no Enter
  ?? Password: => abc     waits for a question, answers it; <hidden> behind abc: it must not be seen
  $ ikesh -c 'show users' a shell command with its output; [exit N] ends it when N is not 0
  @startup                startup-config up to @end; before the first prompt or command
  @factory                forget startup-config
  @paste                  the lines up to @end as one bracketed paste
  @terminal NAME [80x24] [TERM=vt100] [user=NAME] [ssh=USER@HOST]   goes to another terminal, opens
                          it when needed
  @resize 60x20           the window of this terminal has another size now
  @machine                users and SSH daemons of its own, see machine.py; before anything else
  @restart [TERM|KILL]    ends the appliance by that signal and starts it again
  @stop                   ends it
  @kill                   kills the program of this terminal, as when a line is cut
  @closed [STATUS]        it ends by itself
  @wait SECONDS REGEX     the screen of this terminal shows REGEX within SECONDS; ten times as long
                          on a machine that is busy with other things
  @screen REGEX           it has shown REGEX since the last prompt; @never REGEX: it has not
  @line TEXT              the edited line is TEXT now
  # text                  a comment

In expected output "..." stands for any number of lines, and "~ REGEX" for one line that matches.
Behind "$" these variables are set: BIN, DIR (of the case), TESTS (this folder), CONFIG, STATE, SOCKET,
IKESH_SOCKET, NS.
"""
import codecs
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

from child import Child
from machine import Machine

PROMPT = re.compile(r"^([A-Za-z0-9_.-]+(?:\([a-z-]+\))?[>#])(.*)$")
SEQUENCE = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z@])|\x1b[=>]|\x07")
KEYS = {"<TAB>": "\t", "<C-c>": "\x03", "<C-z>": "\x1a", "<C-u>": "\x15", "<C-d>": "\x04", "<UP>": "\x1b[A",
        "<ESC>": "\x1b", "<C-v>": "\x16", "<CR>": "\r", "<BS>": "\x7f", "<SPACE>": " ", "<LF>": "\n"}
KEY = re.compile("|".join(re.escape(k) for k in KEYS))
HERE = os.path.dirname(os.path.abspath(__file__))
MONITORING = os.path.join(os.path.dirname(os.path.dirname(HERE)), "platform", "packaging", "monitoring")
TIMEOUT = 60      # how long a loaded machine may take for anything
CASE_LIMIT = 300  # and for a whole case


class Failure(Exception):
    pass


def keys_of(text):
    return KEY.sub(lambda m: KEYS[m.group()], text)


def line_on_screen(line):
    """What a line looks like after all that the editor does to it."""
    cells, at, i = [], 0, 0
    while i < len(line):
        found = SEQUENCE.match(line, i)
        i = found.end() if found else i + 1
        if found:
            count = int(found.group(1) or "1") if (found.group(1) or "1").isdigit() else 1
            if found.group(2) == "K":
                del cells[at:]
            elif found.group(2) == "P":
                del cells[at:at + count]
            elif found.group(2) == "@":
                cells[at:at] = " " * count
            elif found.group(2) == "C":
                at += count
            elif found.group(2) == "D":
                at = max(0, at - count)
        elif line[i - 1] == "\r":
            at = 0
        elif line[i - 1] == "\b":
            at = max(0, at - 1)
        elif line[i - 1] >= " ":
            cells += " " * (at - len(cells))
            cells[at:at + 1] = line[i - 1]
            at += 1
    return "".join(cells)


def on_screen(raw):
    text = raw.replace("\r\r\n", "\n").replace("\r\n", "\n")
    return "\n".join(line_on_screen(line) for line in text.split("\n"))


def compare(expected, lines):
    """None when lines are as expected, otherwise the first that is not."""
    if not expected:
        return None if not lines else f"not expected: {lines[0]!r}"
    want, rest = expected[0], expected[1:]
    if want == "...":
        problem = None
        for skip in range(len(lines) + 1):
            problem = compare(rest, lines[skip:])
            if problem is None:
                return None
        return problem if rest else None
    if not lines:
        return f"missing: {want!r}"
    fits = re.search(want[2:], lines[0]) if want.startswith("~ ") else want.rstrip() == lines[0].rstrip()
    return compare(rest, lines[1:]) if fits else f"expected {want!r}, got {lines[0]!r}"


class Terminal:
    """One ikesh in a pseudo terminal, and what it has written since the last prompt."""

    def __init__(self, box, name, options):
        size = next((o for o in options if re.fullmatch(r"\d+x\d+", o)), "200x1000")
        term = next((o[5:] for o in options if o.startswith("TERM=")), "xterm")
        user = next((o[5:] for o in options if o.startswith("user=")), None)
        columns, rows = (int(n) for n in size.split("x"))
        ssh = next((o[4:] for o in options if o.startswith("ssh=")), None)
        command = [os.path.join(box.bin, "ikesh")]
        if user:
            command = ["setpriv", f"--reuid={user}", "--clear-groups", f"--regid={user}", *command]
        if ssh:
            command = ["ssh", ssh]
        self.name = name
        self.raw = ""
        self.everything = ""
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.child = Child(command, {**box.env, "TERM": term}, rows, columns)

    def read(self, seconds):
        """False when nothing came."""
        data = self.child.read(seconds)
        text = self.decoder.decode(data)
        self.raw += text
        self.everything += text
        return bool(data)

    def screen(self):
        return on_screen(self.raw)

    def last_line(self):
        return self.screen().rsplit("\n", 1)[-1]

    def wait_until(self, condition, what, seconds=TIMEOUT):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end or not self.child.alive():
                while self.read(0.2):
                    pass
                if condition():
                    return
                raise Failure(f"{what}; the screen shows:\n{self.screen()}")
            self.read(0.05)

    def type(self, text):
        self.raw = self.raw.rsplit("\n", 1)[-1]
        data, end = keys_of(text).encode(), time.monotonic() + TIMEOUT
        while data:
            try:
                taken = self.child.write(data)
            except OSError as problem:
                raise Failure(f"ikesh takes no keys: {problem}; the screen shows:\n{self.screen()}") from None
            data = data[taken:]
            if not taken:
                self.read(0.05)
            if data and time.monotonic() > end:
                raise Failure(f"ikesh takes no keys; the screen shows:\n{self.screen()}")

    def close(self):
        """Raises Failure when ikesh did not end well."""
        self.child.kill(signal.SIGTERM)
        end = time.monotonic() + TIMEOUT
        while (self.child.alive() or self.read(0)) and time.monotonic() < end:
            self.read(0.1)
        if not self.child.end(1):
            raise Failure(f"ikesh of terminal {self.name} did not end")
        if "Sanitizer" in self.everything:
            raise Failure(self.screen())


class Box:
    """One appliance in its own network namespace and directories."""

    def __init__(self, bin_dir, number):
        self.bin = bin_dir
        self.ns = f"ikesh-cli-{os.getpid()}-{number}"
        self.dir = tempfile.mkdtemp(prefix="ikesh-cli-")
        os.chmod(self.dir, 0o755)
        self.config, self.state = os.path.join(self.dir, "config"), os.path.join(self.dir, "state")
        self.socket = os.path.join(self.dir, "cli.sock")
        os.mkdir(self.config, 0o700)
        os.mkdir(self.state, 0o700)
        self.log = os.path.join(self.dir, "ikeshd.log")
        self.daemon = None
        self.machine = None
        self.prefix = ["ip", "netns", "exec", self.ns]
        self.terminals = {}
        self.env = {**os.environ, "BIN": bin_dir, "DIR": self.dir, "CONFIG": self.config, "STATE": self.state,
                    "SOCKET": self.socket, "TESTS": HERE, "IKESH_SOCKET": self.socket, "NS": self.ns,
                    "LC_ALL": "C.UTF-8", "PATH": ":".join((bin_dir, MONITORING, os.environ["PATH"])), "INPUTRC": "/dev/null"}
        subprocess.run(["ip", "netns", "add", self.ns], check=True)
        for command in ("link set lo up", "link add wan type veth peer name lan", "address add 203.0.113.10/24 dev wan",
                        "address add 192.0.2.10/24 dev wan", "link set wan up", "link set lan up"):
            subprocess.run(["ip", "-n", self.ns, *command.split()], check=True)

    def enter_machine(self):
        try:
            self.machine = Machine(self)
        except (OSError, subprocess.SubprocessError) as problem:
            raise Failure(f"no machine: {problem}") from None
        self.prefix = self.machine.prefix
        self.env["PATH"] = self.machine.bin + ":" + self.env["PATH"]
        self.socket = "/run/ikesh/cli.sock"  # the default one: environments do not pass SSH
        self.env.update(SOCKET=self.socket, IKESH_SOCKET=self.socket)

    def start(self):
        if self.daemon:
            return
        with open(self.log, "ab") as log:
            self.daemon = subprocess.Popen(
                [*self.prefix, os.path.join(self.bin, "ikeshd"), "--foreground", "--config-dir",
                 self.config, "--state-dir", self.state, "--socket", self.socket],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.env)
        end = time.monotonic() + TIMEOUT
        while subprocess.run([*self.prefix, os.path.join(self.bin, "ikesh"), "-c", "!"], env=self.env,
                             capture_output=True, check=False, timeout=TIMEOUT).returncode != 0:
            if self.daemon.poll() is not None or time.monotonic() > end:
                raise Failure("ikeshd did not start:\n" + self.log_text())
            time.sleep(0.05)

    def stop(self, signo=signal.SIGTERM):
        if not self.daemon:
            return
        daemon, self.daemon = self.daemon, None
        if daemon.poll() is not None:
            raise Failure(f"ikeshd had ended with status {daemon.returncode}:\n{self.log_text()}")
        daemon.send_signal(signo)
        try:
            status = daemon.wait(TIMEOUT)
        except subprocess.TimeoutExpired as late:
            daemon.kill()
            daemon.wait()
            raise Failure(f"ikeshd did not end:\n{self.log_text()}") from late
        if signo != signal.SIGKILL and status != 0:
            raise Failure(f"ikeshd ended with status {status}:\n{self.log_text()}")

    def log_text(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return "".join(f.readlines()[-60:])

    def terminal(self, name="1", options=()):
        if name not in self.terminals:
            self.start()
            self.terminals[name] = Terminal(self, name, options)
        return self.terminals[name]

    def close_terminals(self):
        terminals, self.terminals = self.terminals, {}
        for t in terminals.values():
            t.close()

    def close(self):
        try:
            self.close_terminals()
            self.stop()
            if os.path.exists(self.log) and "Sanitizer" in self.log_text():
                raise Failure(self.log_text())
        finally:
            if self.daemon:
                self.daemon.kill()
                self.daemon.wait()
            if self.machine:
                self.machine.close()
            subprocess.run(["ip", "netns", "delete", self.ns], check=False)
            shutil.rmtree(self.dir, ignore_errors=True)


class Player:
    """Walks through the lines of one case."""

    def __init__(self, box, lines):
        self.box, self.lines, self.at = box, lines, 0
        self.hidden = []     # answers that nobody may see
        self.current = None  # name of the terminal

    def term(self):
        if self.current is None:
            self.current = "1"
        return self.box.terminal(self.current)

    def is_input(self, line):
        return bool(PROMPT.match(line)) or line.startswith(("?? ", "$ ", "@", "#"))

    def take_expected(self):
        start = self.at
        while self.at < len(self.lines) and not self.is_input(self.lines[self.at][1]):
            self.at += 1
        return [text for _, text in self.lines[start:self.at]]

    def block(self):
        start = self.at
        while self.lines[self.at][1] != "@end":
            self.at += 1
        self.at += 1
        return [text for _, text in self.lines[start:self.at - 1]]

    def play(self):
        while self.at < len(self.lines):
            number, line = self.lines[self.at]
            self.at += 1
            try:
                self.step(line)
            except Failure as problem:
                raise Failure(f"line {number}: {line}\n{problem}") from None
        for t in self.box.terminals.values():
            t.read(0.1)
            for answer in self.hidden:
                if answer in t.everything:
                    raise Failure(f"the answer {answer} can be read:\n{t.everything}")

    def step(self, line):
        if line.startswith("#") or not line.strip():
            return
        if line.startswith("$ "):
            self.shell(line[2:])
        elif line.startswith("?? "):
            self.question(line[3:])
        elif line.startswith("@"):
            name, _, rest = line[1:].partition(" ")
            getattr(self, "do_" + name)(rest)
        elif PROMPT.match(line):
            self.prompt(*PROMPT.match(line).groups())
        else:
            raise Failure("no prompt, command or expected output here")

    def prompt(self, prompt, text):
        t = self.term()
        t.wait_until(lambda: t.last_line().startswith(prompt), f"no prompt {prompt}")
        keys = text
        if text.endswith("<NONE>"):
            keys = text[:-6]
        elif not text.endswith("?") and not text.endswith(tuple(KEYS)):
            keys += "\r"
        if text == "":
            keys = ""
        if not keys:
            return
        t.type(keys)
        expected = self.take_expected()
        self.output(t, expected, prompt if text.endswith("?") else None, prompt + text)

    def next_is_prompt(self):
        return self.at < len(self.lines) and PROMPT.match(self.lines[self.at][1])

    def output(self, t, expected, tail=None, echo=None):
        """Waits for the prompt that comes next in the transcript, and compares what is before it.  What came in
        front of the typed line, because it belongs to no command, is left out."""
        def lines():
            shown = t.screen().split("\n")
            return shown[shown.index(echo):] if echo in shown else shown
        if tail is None and self.next_is_prompt():
            tail = PROMPT.match(self.lines[self.at][1]).group(1)
        if tail is None and not expected:
            return

        def complete():
            shown = lines()
            if len(shown) < 2:
                return False
            if tail is None:
                rest = shown[1:-1] if shown[-1] == "" or PROMPT.match(shown[-1]) else shown[1:]
                return compare(expected, rest) is None
            return shown[-1].startswith(tail)
        t.wait_until(complete, "output not complete" if tail is None else f"no prompt {tail}")
        if tail is None:
            return
        problem = compare(expected, lines()[1:-1])
        if problem:
            raise Failure(f"{problem}; the screen shows:\n{t.screen()}")

    def question(self, text):
        question, _, answer = text.partition(" => ")
        hidden = answer.endswith("<hidden>")
        answer = answer[:-8] if hidden else answer
        t = self.term()
        t.wait_until(lambda: t.last_line().rstrip().endswith(question.rstrip()), f"no question {question!r}")
        t.type(answer if answer.endswith(tuple(KEYS)) else answer + "\r")
        expected = self.take_expected()
        self.output(t, expected)
        if hidden and KEY.sub("", answer):
            self.hidden.append(KEY.sub("", answer))

    def shell(self, command):
        expected, wanted = self.take_expected(), 0
        if expected and re.fullmatch(r"\[exit \d+\]", expected[-1]):
            wanted = int(expected.pop()[6:-1])
        if "ikeshd" not in command and "--socket" not in command and not command.startswith("+"):
            self.box.start()
        try:
            r = subprocess.run(["bash", "-c", command.lstrip("+ ")], env=self.box.env, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=2 * TIMEOUT, check=False)
        except subprocess.TimeoutExpired as late:
            raise Failure(f"does not end; the output was:\n{(late.output or b'').decode(errors='replace')}") from None
        out = r.stdout.decode(errors="replace")
        problem = compare(expected, out.split("\n")[:-1] if out.endswith("\n") else out.split("\n") if out else [])
        if problem or r.returncode != wanted:
            raise Failure(f"{problem or 'exit %d, not %d' % (r.returncode, wanted)}; the output was:\n{out}")

    def do_startup(self, _):
        path = os.path.join(self.box.config, "startup-config")
        with open(path, "w", encoding="utf-8") as f:
            f.write("\n".join(self.block()) + "\n")
        os.chmod(path, 0o600)

    def do_machine(self, _):
        self.box.enter_machine()

    def do_paste(self, _):
        t = self.term()
        t.type("\x1b[200~" + "\r".join(self.block()) + "\r\x1b[201~")
        self.output(t, self.take_expected())

    def do_type(self, text):
        self.term().type(text)
        self.output(self.term(), self.take_expected())

    def do_terminal(self, rest):
        name, *options = rest.split()
        self.current = name
        self.box.terminal(name, options)

    def do_resize(self, rest):
        columns, rows = (int(n) for n in rest.split("x"))
        self.term().child.resize(rows, columns)
        time.sleep(0.2)

    def do_restart(self, rest):
        self.do_stop(rest)
        self.box.start()

    def do_stop(self, rest):
        self.box.stop(getattr(signal, "SIG" + (rest or "TERM")))
        self.box.close_terminals()

    def do_wait(self, rest):
        seconds, _, regex = rest.partition(" ")
        t = self.term()
        t.wait_until(lambda: re.search(regex, t.screen(), re.M), f"{regex!r} does not appear", 10 * float(seconds))

    def do_screen(self, regex):
        t = self.term()
        t.read(0.2)
        if not re.search(regex, t.screen(), re.M):
            raise Failure(f"{regex!r} is not there; the screen shows:\n{t.screen()}")

    def do_never(self, regex):
        t = self.term()
        t.read(0.2)
        if re.search(regex, t.screen(), re.M):
            raise Failure(f"{regex!r} is there; the screen shows:\n{t.screen()}")

    def do_line(self, text):
        t = self.term()

        def edited():
            m = PROMPT.match(t.last_line())
            return m and m.group(2).rstrip() == text.rstrip()
        t.wait_until(edited, f"the line is not {text!r}")

    def do_kill(self, _):
        t = self.box.terminals.pop(self.current)
        t.child.kill(signal.SIGKILL)
        t.child.end(TIMEOUT)

    def do_closed(self, rest):
        t = self.term()
        t.wait_until(lambda: not t.child.alive(), "ikesh has not ended")
        if rest and t.child.exit_status() != int(rest):
            raise Failure(f"ikesh ended with {t.child.exit_status()}")


def cases(path):
    """(name, numbered lines) of each case of a transcript file."""
    found, name, lines = [], None, []
    with open(path, encoding="utf-8") as f:
        for number, text in enumerate(f, 1):
            text = text.rstrip("\n")
            if text.startswith("== "):
                if name:
                    found.append((name, lines))
                name, lines = text[3:].strip(), []
            elif name is not None:
                lines.append((number, text))
    if name:
        found.append((name, lines))
    for _, rows in found:  # blank lines at the end of a case separate it from the next
        while rows and not rows[-1][1].strip():
            rows.pop()
    return found


def play(bin_dir, number, lines):
    """None when the case passed, otherwise the reason."""
    def too_long(_signo, _frame):
        raise Failure(f"the case took longer than {CASE_LIMIT} seconds")
    try:
        box = Box(bin_dir, number)
    except subprocess.SubprocessError as problem:
        return str(problem)
    reason = None
    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(CASE_LIMIT)
    try:
        Player(box, lines).play()
    except (Failure, subprocess.SubprocessError) as problem:
        reason = str(problem)
        if os.path.exists(box.log):
            reason += "\n---- ikeshd\n" + box.log_text()
    signal.alarm(CASE_LIMIT)
    try:
        box.close()
    except Failure as problem:
        reason = reason or str(problem)
    signal.alarm(0)
    return reason
