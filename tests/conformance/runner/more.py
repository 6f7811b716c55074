"""What test.test_ssl asks too little of, or not at all: played beside it, on the reference as well."""

import concurrent.futures
import os
import select
import socket
import ssl
import tempfile
import threading
import unittest

from test.support import catch_unraisable_exception
from test.test_ssl import testing_context

LIMIT = 20


class Watchful(socket.socket):
    """A socket whose methods the module has no business to call: it reads the fields below them."""

    def refuse(self, *_arguments):
        raise AssertionError("a method of the derived class was called")

    getpeername = gettimeout = refuse


class Pair(unittest.TestCase):
    """A client and a server over loopback, the server in a thread of its own."""

    def setUp(self):
        self.client_context, self.server_context, self.name = testing_context()
        # A client that closes with tickets unread resets the connection, and what it sent may be lost.
        self.server_context.num_tickets = 0
        self.pool = concurrent.futures.ThreadPoolExecutor(1)
        self.addCleanup(self.pool.shutdown)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.listener.close)
        self.listener.settimeout(LIMIT)

    def serve(self, behave):
        def run():
            plain, _ = self.listener.accept()
            plain.settimeout(LIMIT)
            with self.server_context.wrap_socket(plain, server_side=True) as peer:
                return behave(peer)
        return self.pool.submit(run)

    def connect(self):
        plain = socket.create_connection(self.listener.getsockname(), LIMIT)
        client = self.client_context.wrap_socket(plain, server_hostname=self.name)
        self.addCleanup(client.close)
        return client


class Moving(Pair):
    def test_sendfile(self):
        content = os.urandom(300_000)
        with tempfile.TemporaryFile() as file:
            file.write(content)
            for offset, count in ((0, None), (5, 70_000), (299_990, None), (100, 10**6)):
                with self.subTest(offset=offset, count=count):
                    expected = content[offset:None if count is None else offset + count]

                    def receive(peer):
                        received = b"".join(iter(lambda: peer.recv(65536), b""))
                        peer.unwrap()
                        return received
                    served = self.serve(receive)
                    file.seek(0)
                    with self.connect() as client:
                        self.assertEqual(client.sendfile(file, offset, count), len(expected))
                        self.assertEqual(file.tell(), offset + len(expected))
                        client.unwrap().close()
                    self.assertEqual(served.result(LIMIT), expected)

    def test_sendfile_nonblocking(self):
        served = self.serve(lambda peer: peer.recv(1))
        with self.connect() as client, tempfile.TemporaryFile() as file:
            file.write(b"data")
            client.setblocking(False)
            self.assertRaises(ValueError, client.sendfile, file)
        served.result(LIMIT)

    def test_makefile(self):
        def echo(peer):
            with peer.makefile("rb") as lines:
                for line in lines:
                    peer.sendall(line.upper())
            peer.unwrap()
        served = self.serve(echo)
        client = self.connect()
        with client.makefile("rw", encoding="utf-8", newline="\n") as file:
            for text in ("one\n", "zwölf\n", "x" * 50_000 + "\n"):
                file.write(text)
                file.flush()
                self.assertEqual(file.readline(), text.encode().upper().decode())
        client.unwrap().close()
        served.result(LIMIT)

    def test_makefile_outlives_the_socket(self):
        served = self.serve(lambda peer: peer.sendall(b"first\nsecond\n"))
        client = self.connect()
        file = client.makefile("rb")
        client.close()
        self.assertEqual((file.readline(), file.read(3), file.read()), (b"first\n", b"sec", b"ond\n"))
        file.close()
        served.result(LIMIT)

    def test_recv_into_a_part(self):
        served = self.serve(lambda peer: peer.sendall(b"0123456789"))
        client, buffer = self.connect(), bytearray(b"-" * 8)
        self.assertEqual(client.recv_into(memoryview(buffer)[2:6]), 4)
        self.assertEqual(client.recv_into(buffer, 1), 1)
        self.assertEqual(buffer, b"4-0123--")
        self.assertEqual(client.recv(100), b"56789")
        self.assertEqual(client.recv(100), b"")
        served.result(LIMIT)

    def test_timeout_of_a_read(self):
        served = self.serve(lambda peer: peer.recv(1))
        client = self.connect()
        client.settimeout(0.05)
        self.assertRaises(TimeoutError, client.recv, 1)
        client.setblocking(False)
        self.assertRaises(ssl.SSLWantReadError, client.recv, 1)
        client.settimeout(LIMIT)
        self.assertEqual((client.gettimeout(), client.send(b"x")), (LIMIT, 1))
        self.assertEqual(served.result(LIMIT), b"x")

    def test_repeated_with_more(self):
        """What had to wait may be repeated with more behind it, as by those who collect what they are to send."""
        for more in (b"", b"more"):
            with self.subTest(more=more):
                done = threading.Event()
                self.addCleanup(done.set)

                def receive(peer):
                    done.wait(LIMIT)
                    return sum(map(len, iter(lambda: peer.recv(65536), b"")))
                served = self.serve(receive)
                client, data, sent = self.connect(), b"x" * 50_000, 0
                client.setblocking(False)
                with self.assertRaises(ssl.SSLWantWriteError):
                    while True:
                        sent += client.send(data)
                done.set()
                data += more
                while data:
                    try:
                        count = client.send(data)
                        data, sent = data[count:], sent + count
                    except ssl.SSLWantWriteError:
                        select.select([], [client], [], LIMIT)
                client.close()
                self.assertEqual(served.result(LIMIT), sent)

    def test_select_between_records(self):
        """A socket that waits for its peer takes one record at a time: select tells that the next one is there."""
        sent = threading.Event()

        def send(peer):
            peer.sendall(b"one")
            peer.sendall(b"two")
            sent.set()
            peer.recv(1)
        served = self.serve(send)
        client = self.connect()
        self.assertTrue(sent.wait(LIMIT))
        self.assertEqual(client.recv(3), b"one")
        self.assertEqual(client.pending(), 0)
        self.assertEqual(select.select([client], [], [], 2)[0], [client])
        self.assertEqual(client.recv(3), b"two")
        client.send(b"x")
        served.result(LIMIT)

    def test_plain_behind_unwrap(self):
        def leave(peer):
            plain = peer.unwrap()
            plain.sendall(b"in the clear")
            return plain.recv(100)
        served = self.serve(leave)
        plain = self.connect().unwrap()
        self.assertEqual(plain.recv(100), b"in the clear")
        plain.sendall(b"as well")
        plain.close()
        self.assertEqual(served.result(LIMIT), b"as well")


class Meeting(Pair):
    def test_listener(self):
        listener = self.server_context.wrap_socket(self.listener, server_side=True)
        self.addCleanup(listener.close)
        self.listener = listener

        def meet():
            peer, address = listener.accept()
            with peer:
                peer.sendall(repr(address).encode())
                return peer.server_side, peer.version(), peer.getpeername()
        served = self.pool.submit(meet)
        client = self.connect()
        self.assertEqual(client.recv(100).decode(), repr(client.getsockname()))
        side, version, name = served.result(LIMIT)
        self.assertEqual((side, version, name), (True, client.version(), client.getsockname()))

    def test_own_connect(self):
        for method, answer in (("connect", None), ("connect_ex", 0)):
            with self.subTest(method=method):
                served = self.serve(lambda peer: peer.recv(10))
                with self.client_context.wrap_socket(socket.socket(), server_hostname=self.name) as client:
                    client.settimeout(LIMIT)
                    client.bind(("127.0.0.1", 0))
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
                    self.assertEqual(getattr(client, method)(self.listener.getsockname()), answer)
                    self.assertNotEqual(client.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE), 0)
                    self.assertEqual(client.getpeername(), self.listener.getsockname())
                    self.assertTrue(client.getpeercert()["subject"])
                    client.sendall(b"here")
                self.assertEqual(served.result(LIMIT), b"here")

    def test_nobody_there(self):
        address = self.listener.getsockname()
        self.listener.close()
        with self.client_context.wrap_socket(socket.socket(), server_hostname=self.name) as client:
            self.assertRaises(ConnectionRefusedError, client.connect, address)
        with self.client_context.wrap_socket(socket.socket(), server_hostname=self.name) as client:
            self.assertNotEqual(client.connect_ex(address), 0)

    @unittest.skipUnless(hasattr(socket, "AF_UNIX"), "no local sockets")
    def test_local_socket(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "socket")
            self.listener.close()
            self.listener = socket.socket(socket.AF_UNIX)
            self.addCleanup(self.listener.close)
            self.listener.bind(path)
            self.listener.listen()
            served = self.serve(lambda peer: peer.recv(10))
            with self.client_context.wrap_socket(
                    socket.socket(socket.AF_UNIX), server_hostname=self.name) as client:
                client.connect(path)
                self.assertEqual(client.getpeername(), path)
                client.sendall(b"here")
            self.assertEqual(served.result(LIMIT), b"here")

    def test_client_that_is_gone_before_its_tickets(self):
        """They cannot be sent any more, which no server takes amiss: the handshake is complete."""
        self.server_context.num_tickets = 2
        here, there = socket.socketpair()
        self.addCleanup(there.close)
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = self.client_context.wrap_bio(incoming, outgoing, server_hostname=self.name)
        self.assertRaises(ssl.SSLWantReadError, client.do_handshake)
        with here:
            here.settimeout(LIMIT)
            here.sendall(outgoing.read())
            peer = self.server_context.wrap_socket(there, server_side=True, do_handshake_on_connect=False)
            self.addCleanup(peer.close)
            peer.setblocking(False)
            self.assertRaises(ssl.SSLWantReadError, peer.do_handshake)
            incoming.write(here.recv(65536))
            client.do_handshake()
            client.write(b"here")
            here.sendall(outgoing.read())
        peer.settimeout(LIMIT)
        peer.do_handshake()
        self.assertEqual(peer.recv(10), b"here")

    def test_detach(self):
        served = self.serve(lambda peer: peer.recv(10))
        client = self.connect()
        number = client.detach()
        self.assertEqual(client.fileno(), -1)
        socket.socket(fileno=number).close()
        try:
            served.result(LIMIT)
        except ConnectionResetError:
            pass


class Module(Pair):
    def test_methods_of_a_derived_class(self):
        served = self.serve(lambda peer: peer.recv(10))
        plain = Watchful()
        plain.connect(self.listener.getsockname())
        connection = self.client_context._wrap_socket(plain, False, self.name)
        connection.do_handshake()
        connection.write(b"here")
        self.assertEqual(served.result(LIMIT), b"here")
        plain.close()

    def test_something_else_than_a_socket(self):
        self.assertRaises(TypeError, self.client_context._wrap_socket, object(), False, self.name)

    def test_answers_of_sni_that_refuse(self):
        for answer in (0, 80, 2**32, 2**32 + 112, -2**63):
            with self.subTest(answer=answer):
                self.server_context.sni_callback = lambda *_: answer
                served = self.serve(lambda peer: peer.recv(1))
                self.assertRaises(OSError, self.connect)
                self.assertRaises(ssl.SSLError, served.result, LIMIT)

    def test_answers_of_sni_that_are_no_numbers(self):
        for answer, kind in (("80", TypeError), (2**63, OverflowError)):
            with self.subTest(answer=answer), catch_unraisable_exception() as caught:
                self.server_context.sni_callback = lambda *_: answer
                served = self.serve(lambda peer: peer.recv(1))
                with self.assertRaises(ssl.SSLError) as refused:
                    self.connect()
                self.assertEqual(refused.exception.reason, "TLSV1_ALERT_INTERNAL_ERROR")
                self.assertRaises(ssl.SSLError, served.result, LIMIT)
                self.assertEqual(caught.unraisable.exc_type, kind)
