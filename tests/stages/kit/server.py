"""A web server on this machine that misbehaves as told: it fails, truncates, stalls and recovers.

    with serving({"a.bin": b"data"}, {"a.bin": ["503", "half"]}) as server:
        ...  # the first two requests for a.bin fail, each in its own way; the third is answered
        server.url, server.requests

Standard library only. Nothing ever leaves the loopback interface.
"""

import contextlib
import http.server
import os
import threading
from collections.abc import Iterator, Mapping, Sequence


class Server(http.server.ThreadingHTTPServer):
    """Serves `files` by name.

    Attributes:
        files: The bytes of each file.
        plans: For each name, what to do at the next requests, in order; after that, serve it.
            A status such as `"503"`; `"half"`, announce all bytes and close after half of them;
            `"stall"`, the same, but fall silent instead of closing; `"hang up"`, close without
            a word; `"garbage"`, answer something that is no HTTP; `"mute"`, serve it without
            saying how long it is.
        requests: The name of each file asked for, in order.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, files: Mapping[str, bytes], plans: Mapping[str, Sequence[str]]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = dict(files)
        self.plans = {name: list(plan) for name, plan in plans.items()}
        self.requests: list[str] = []
        self.over = threading.Event()  # set when stalled answers may end

    @property
    def url(self) -> str:
        """Where the files are, without a slash at the end."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that went away."""


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        name = self.path.strip("/")
        self.server.requests.append(name)
        plan = self.server.plans.get(name, [])
        deed = plan.pop(0) if plan else "serve"
        content = self.server.files.get(name)
        if deed.isdigit() or content is None:
            self.send_error(int(deed) if deed.isdigit() else 404)
        elif deed == "garbage":
            self.wfile.write(b"what do you want?\r\n\r\n")
        elif deed != "hang up":
            self._answer(content, deed)
        self.close_connection = True

    def _answer(self, content: bytes, deed: str) -> None:
        self.send_response(200)
        if deed != "mute":
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        short = deed in {"half", "stall"}
        self.wfile.write(content[: len(content) // 2] if short else content)
        self.wfile.flush()
        if deed == "stall":
            self.server.over.wait(20)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving(
    files: Mapping[str, bytes], plans: Mapping[str, Sequence[str]] | None = None
) -> Iterator[Server]:
    """Run a server for the time of a `with` block; see `Server`."""
    server = Server(files, plans or {})
    # a proxy that the environment names must not be asked about this machine
    before = os.environ.get("no_proxy")
    os.environ["no_proxy"] = "127.0.0.1"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
        if before is None:
            del os.environ["no_proxy"]
        else:
            os.environ["no_proxy"] = before
