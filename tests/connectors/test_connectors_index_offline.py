"""Embeddings are made without any network: whatever opens a connection fails the test."""

import subprocess
import sys

_ALONE = """
import socket, sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        sys.stderr.write(f"{event}{arguments}")
        raise OSError("there is no network")

sys.addaudithook(refuse)
from connectors.index.embedding import WordLlama
made = WordLlama()
print(made.texts(["The ferry leaves at nine."]).shape, made.words(["ferry"]).shape)
"""


def test_embedding_opens_no_connection() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _ALONE], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "(1, 256) (1, 256)"), done.stderr
    assert "socket." not in done.stderr
