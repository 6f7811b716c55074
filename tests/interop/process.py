"""A program as a peer: its output is collected, and it ends with the test."""

import ctypes
import re
import signal
import socket
import subprocess
import threading
import time

# Like the other limits, it only ends a test that hangs: programs are slow to start on a busy machine.
WAIT = 60.0
_libc = ctypes.CDLL(None)
_reserved = []


def _die_with_parent():
    PR_SET_PDEATHSIG = 1
    if hasattr(_libc, "prctl"):
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def free_port():
    """A free port, for programs that cannot choose one and report it. The system gives it to nobody as long as this process
    lives: servers that reuse addresses, as all of these do, listen at it beside a socket that does not listen."""
    probe = socket.socket()
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    probe.bind(("127.0.0.1", 0))
    _reserved.append(probe)
    return probe.getsockname()[1]


def wait_for_port(port, process):
    """Waits until a server takes connections. The server sees one that says nothing."""
    deadline = time.monotonic() + WAIT
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except ConnectionRefusedError:
            assert process.running(), f"the server ended: {process.log()}"
            assert time.monotonic() < deadline, f"the server does not listen: {process.log()}"


class Process:
    """A child process. What it prints to stderr is its log; stdout too, unless `echo` bytes are to be sent back:
    then those come from stdout and go to stdin once all are there."""

    def __init__(self, arguments, echo=0, **options):
        self._lines = []
        self._news = threading.Condition()
        self._child = subprocess.Popen(
            [str(argument) for argument in arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, preexec_fn=_die_with_parent, **options)
        work = [(self._collect, (self._child.stderr,))]
        work.append((self._echo, (echo,)) if echo else (self._collect, (self._child.stdout,)))
        self._threads = [threading.Thread(target=target, args=args, daemon=True) for target, args in work]
        for thread in self._threads:
            thread.start()

    def _collect(self, stream):
        for line in stream:
            with self._news:
                self._lines.append(line.decode(errors="replace"))
                self._news.notify_all()

    def _echo(self, size):
        received = self._child.stdout.read(size)
        try:
            self._child.stdin.write(received)
            self._child.stdin.flush()
        except OSError:
            pass

    def write(self, text):
        self._child.stdin.write(text.encode())
        self._child.stdin.flush()

    def running(self):
        return self._child.poll() is None

    def log(self):
        with self._news:
            return "".join(self._lines)

    def wait_for(self, pattern, times=1):
        """Waits for that many lines that match, and returns the last match."""
        deadline = time.monotonic() + WAIT
        with self._news:
            while True:
                found = [match for line in self._lines if (match := re.search(pattern, line))]
                if len(found) >= times:
                    return found[times - 1]
                left = deadline - time.monotonic()
                if left <= 0 or not any(thread.is_alive() for thread in self._threads):
                    raise AssertionError(f"no line matches {pattern!r} in:\n{''.join(self._lines)}")
                self._news.wait(min(left, 0.2))

    def wait(self):
        """Waits for its end, and returns its exit code."""
        code = self._child.wait(WAIT)
        for thread in self._threads:
            thread.join(WAIT)
        return code

    def stop(self):
        self._child.kill()
        self._child.wait()
        for thread in self._threads:
            thread.join(WAIT)
        for stream in (self._child.stdin, self._child.stdout, self._child.stderr):
            try:
                stream.close()
            except OSError:
                pass
