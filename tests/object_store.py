"""An object store of this machine that speaks S3, for the tests that need one."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.request import Request, urlopen

BUCKET = "kept"
_PATIENCE = 60


@contextmanager
def serving() -> Iterator[Mapping[str, str]]:
    """A server with one empty bucket; the environment that programs need to find it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        await_answer(port, server)
        found = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": "known-by-the-test-only",
            "AWS_SECRET_ACCESS_KEY": "a-secret-of-the-test",
            "AWS_REGION": "us-east-1",
        }
        request = Request(f"{found['AWS_ENDPOINT_URL']}/{BUCKET}", method="PUT")  # noqa: S310 - of this machine
        urlopen(request, timeout=_PATIENCE).close()  # noqa: S310 - as above
        yield found
    finally:
        server.kill()
        server.wait()


def await_answer(port: int, server: subprocess.Popen[bytes], *, patience: float = _PATIENCE) -> None:
    """Wait until `server` listens at a port of this machine; an OSError where it ends before, or seconds are over."""
    end = time.monotonic() + patience
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if server.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return
