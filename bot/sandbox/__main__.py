"""``python -m bot.sandbox``: the sandbox as a process of its own."""

import argparse
import asyncio
import sys
from pathlib import Path

from bot.sandbox import SandboxServer, create_app


def main() -> int:
    """Serves until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description=__doc__)
    parser.add_argument("--store", type=Path, required=True, help="SQLite file of the chat")
    parser.add_argument("--port", type=int, default=8100)
    parser.add_argument("--host", default="127.0.0.1", help="loopback only")
    parser.add_argument("--token", default="1000000001:sandbox-token-worth-nothing-elsewhere")
    parser.add_argument("--owner", type=int, default=1_000_001, help="the owner's user id")
    parser.add_argument("--owner-name", default="Owner")
    options = parser.parse_args()
    app = create_app(
        store_path=options.store,
        token=options.token,
        owner_id=options.owner,
        owner_name=options.owner_name,
    )
    try:
        server = SandboxServer(app, port=options.port, host=options.host)
        server.bind()
    except ValueError as error:
        parser.error(str(error))
    except OSError as error:
        parser.exit(1, f"Port {options.port} can't be used: {error.strerror}. Try another one.\n")
    sys.stdout.write(f"Sandbox phone: http://{options.host}:{server.port}/ (this machine only)\n")
    sys.stdout.flush()
    try:
        asyncio.run(server.serve())
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
