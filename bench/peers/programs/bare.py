"""A server that answers at once and does nothing: shows that the load generator is not the bottleneck."""

import asyncio

import uvloop

from bench.peers.programs import form

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"


class Bare(asyncio.Protocol):
    """Answers each request that comes in one piece."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer."""
        self.transport.write(ANSWER)


async def serve() -> None:
    """Until stopped."""
    server = await asyncio.get_running_loop().create_server(Bare, "127.0.0.1", form.PORT)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve())
