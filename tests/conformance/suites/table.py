"""The suites: where their tests come from, and which files of them have to do with TLS."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Suite:
    """`source` are the parts of the source distribution that hold tests; otherwise the wheel has them, in `package`; with
    neither they are Python's own, and the suite is `distribution` under them.

    Each of `parts` is played in processes of its own: some programs patch the whole of Python when they are imported.
    """

    name: str
    parts: tuple
    package: str = ""
    distribution: str = ""
    source: tuple = ()
    options: tuple = ()
    limit: int = 300


SUITES = (
    Suite(
        "urllib3",
        source=("test", "dummyserver", "pyproject.toml"),
        parts=(
            ("test/test_ssl.py", "test/test_ssltransport.py", "test/test_util.py", "test/test_connectionpool.py"),
            ("test/with_dummyserver/test_https.py",),
            ("test/with_dummyserver/test_proxy_poolmanager.py",),
            ("test/with_dummyserver/test_socketlevel.py",),
        ),
        options=("-p", "hypercorn_extensions"),
    ),
    Suite(
        "tornado",
        package="tornado/test",
        parts=(("iostream_test.py", "httpserver_test.py", "simple_httpclient_test.py", "tcpserver_test.py"),),
        options=("-o", "python_files=*_test.py"),
    ),
    Suite(
        "trio",
        package="trio/_tests",
        parts=(("test_ssl.py", "test_highlevel_ssl_helpers.py"),),
        options=("-p", "trio._tests.pytest_plugin", "--run-slow"),
    ),
    Suite(
        "gevent",
        package="gevent/tests",
        parts=tuple((f"test__{name}.py",) for name in (
            "ssl", "socket_ssl", "server", "server_pywsgi", "pywsgi", "makefile_ref", "example_wsgiserver_ssl")),
        options=("-o", "python_files=test__*.py"),
    ),
    Suite(
        "gevent-test_ssl",
        distribution="gevent",
        parts=(("test_ssl.py",),),
        options=("-p", "greened", "-W", "ignore"),
    ),
    Suite(
        "eventlet",
        source=("tests",),
        parts=(("tests/ssl_test.py",), ("tests/wsgi_test.py",), ("tests/convenience_test.py",),
               ("tests/websocket_test.py",), ("tests/greenio_test.py",), ("tests/openssl_test.py",),
               ("tests/patcher_test.py",), ("tests/green_http_test.py",)),
        options=("-o", "python_files=*_test.py"),
    ),
    Suite(
        "uvloop",
        source=("tests",),
        parts=(("tests/test_tcp.py",), ("tests/test_unix.py",), ("tests/test_context.py",)),
        options=("--import-mode=importlib",),
    ),
)
