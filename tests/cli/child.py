# SPDX-License-Identifier: GPL-3.0-or-later
"""A program in a pseudo terminal.  No call here waits longer than it is told."""
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time


class Child:
    def __init__(self, argv, env, rows, columns):
        self.status = None  # of waitpid, once it has ended
        self.at_end = False  # nothing more can be read
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
                signal.signal(signal.SIGINT, signal.SIG_DFL)
                os.closerange(3, 1024)
                os.execvpe(argv[0], argv, env)
            finally:
                os._exit(127)
        os.set_blocking(self.fd, False)

    def read(self, seconds):
        """What comes within seconds; b"" when nothing does."""
        if self.at_end:
            time.sleep(min(seconds, 0.05))
            return b""
        if not select.select([self.fd], [], [], seconds)[0]:
            return b""
        try:
            data = os.read(self.fd, 65536)
        except BlockingIOError:
            return b""
        except OSError:  # EIO: nobody has the terminal open any more
            data = b""
        self.at_end = not data
        return data

    def write(self, data):
        """How many octets the terminal took at once.  OSError when it is closed."""
        try:
            return os.write(self.fd, data)
        except BlockingIOError:
            return 0

    def resize(self, rows, columns):
        """The kernel tells the program by SIGWINCH."""
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def alive(self):
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.status = status if pid else None
        return self.status is None

    def exit_status(self):
        return None if self.alive() else os.waitstatus_to_exitcode(self.status)

    def kill(self, signo):
        if self.alive():
            os.kill(self.pid, signo)

    def end(self, seconds):
        """Waits for the end, then forces it; False when that was needed."""
        limit = time.monotonic() + seconds
        while self.alive() and time.monotonic() < limit:
            time.sleep(0.02)
        in_time = not self.alive()
        self.kill(signal.SIGKILL)
        limit = time.monotonic() + seconds
        while self.alive() and time.monotonic() < limit:
            time.sleep(0.02)
        os.close(self.fd)
        return in_time
