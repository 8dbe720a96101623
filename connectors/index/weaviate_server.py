"""Where Weaviate is, how to reach it, and what its troubles mean."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from core.errors import FactotumError


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A Weaviate: REST at ``host`` and ``port``, gRPC at ``grpc_host`` and ``grpc_port``.

    ``secure`` is TLS on both. ``timeout`` (seconds) bounds each piece of work. Collections begin
    with ``prefix``, so that several companies can share a server.
    """

    host: str
    port: int
    grpc_host: str
    grpc_port: int
    secure: bool
    api_key: str | None = None
    timeout: float = 20.0
    prefix: str = "Factotum"


def from_environment(
    environment: Mapping[str, str] | None = None, *, prefix: str = "Factotum"
) -> Server:
    """Reads WEAVIATE_URL (https is TLS), WEAVIATE_GRPC (host:port) and WEAVIATE_API_KEY.

    Raises FactotumError where the address is missing or is none.
    """
    given = os.environ if environment is None else environment
    return address(
        given.get("WEAVIATE_URL", ""),
        grpc=given.get("WEAVIATE_GRPC"),
        key=given.get("WEAVIATE_API_KEY"),
        prefix=prefix,
    )


def address(
    given: str, *, grpc: str | None = None, key: str | None = None, prefix: str = "Factotum"
) -> Server:
    """The server at this address (https is TLS), with gRPC at ``grpc`` (``host:port``).

    Raises FactotumError where the address is none.
    """
    try:
        url = urlsplit(given)
        secure = url.scheme == "https"
        said = urlsplit("//" + (grpc or f"{url.hostname}"))
        if url.scheme not in ("http", "https") or not url.hostname:
            raise ValueError
        return Server(
            host=url.hostname,
            port=url.port or (443 if secure else 8080),
            grpc_host=said.hostname or url.hostname,
            grpc_port=said.port or (443 if secure else 50051),
            secure=secure,
            api_key=key or None,
            prefix=prefix,
        )
    except ValueError:
        raise FactotumError(
            "WEAVIATE_URL is not the address of a Weaviate server.",
            fix="Set it like https://weaviate.example.com, and WEAVIATE_GRPC like host:50051.",
        ) from None


async def connect(server: Server) -> Any:
    """A connected client. Raises what the library raises."""
    import weaviate
    from weaviate.classes.init import AdditionalConfig, Auth, Timeout

    seconds = server.timeout
    client = weaviate.use_async_with_custom(
        http_host=server.host,
        http_port=server.port,
        http_secure=server.secure,
        grpc_host=server.grpc_host,
        grpc_port=server.grpc_port,
        grpc_secure=server.secure,
        auth_credentials=Auth.api_key(server.api_key) if server.api_key else None,
        additional_config=AdditionalConfig(
            timeout=Timeout(init=min(seconds, 5), query=seconds, insert=seconds)
        ),
    )
    try:
        await client.connect()
    except BaseException:  # raised on, a cancellation too: no connection is left open
        await client.close()
        raise
    return client


def told(error: Exception) -> FactotumError:
    """What happened, for a person; keyword search goes on in every case."""
    kept = "Nothing is lost: memories are found by keyword until it is back."
    if isinstance(error, TimeoutError):
        return FactotumError(f"Weaviate took too long to answer. {kept}", permanent=False)
    said = str(error)
    if "disk" in said.casefold() and ("full" in said.casefold() or "read-only" in said.casefold()):
        return FactotumError(
            f"Weaviate's disk is full. {kept}", fix="Make room there.", permanent=False
        )
    if re.search(r"RESOURCE_EXHAUSTED|status code:? (?:429|507)", said):
        return FactotumError(
            f"Weaviate is full or overloaded. {kept}",
            fix="See what the server lacks (disk, memory).",
            permanent=False,
        )
    if re.search(r"status code:? 401|unauthorized|unauthenticated", said, re.IGNORECASE):
        return FactotumError(
            f"Weaviate doesn't accept the key. {kept}", fix="Set WEAVIATE_API_KEY."
        )
    if re.search(r"Connection to Weaviate failed|UNAVAILABLE|Connection refused", said):
        return FactotumError(
            f"Weaviate can't be reached. {kept}",
            fix="See that the server at WEAVIATE_URL runs, and its gRPC port is open.",
            permanent=False,
        )
    return FactotumError(
        f"Weaviate can't be used ({type(error).__name__}: {said[:200]}). {kept}",
        fix="See that the server at WEAVIATE_URL runs, and its gRPC port is open.",
        permanent=False,
    )
