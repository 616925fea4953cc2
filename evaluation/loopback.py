"""A web server on the loopback interface (any 127.x.y.z) whose answers a test defines byte for byte."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    """A request that the server got; `at` is the time in seconds since 1970."""

    host: str
    path: str
    headers: Mapping[str, str]
    at: float


Reply = bytes | AsyncIterator[bytes]
Respond = Callable[[Request], Reply]


def reply(status: int = 200, body: bytes = b"", **headers: str) -> bytes:
    """Return a complete HTTP answer; the keyword `Content_Type="…"` becomes the header Content-Type."""
    lines = [f"HTTP/1.1 {status} -", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


@contextmanager
def serving(respond: Respond) -> Iterator[int]:
    """Serve until the context ends, and yield the port. After an answer in several pieces the connection is closed."""
    loop = asyncio.new_event_loop()
    port: list[int] = []
    ready = threading.Event()

    async def serve() -> None:
        server = await asyncio.start_server(_connection(respond), "0.0.0.0", 0, backlog=1024)
        port.append(server.sockets[0].getsockname()[1])
        ready.set()
        async with server:
            await server.serve_forever()

    def run() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(task)

    task = loop.create_task(serve())
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield port[0]
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(5)


def _connection(respond: Respond) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = dict(line.split(": ", 1) for line in head[1:] if ": " in line)
                host = headers.get("Host", "").rpartition(":")[0] or headers.get("Host", "")
                answer = respond(Request(host, head[0].split(" ")[1], headers, time.time()))
                if isinstance(answer, bytes):
                    writer.write(answer)
                    await writer.drain()
                    continue
                async for piece in answer:
                    writer.write(piece)
                    await writer.drain()
                break
        writer.close()

    return handle
