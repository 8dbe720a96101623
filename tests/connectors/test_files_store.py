"""The files folder: harmless names, nothing overwritten, once per token."""

import asyncio
import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.files import Files, FilesConnector, KeepParams, safe_name
from connectors.files.names import MAX_BYTES
from core.errors import FactotumError


@given(st.text(max_size=400))
def test_any_name_becomes_harmless(name: str) -> None:
    safe = safe_name(name)
    assert safe
    assert not set(safe) & set('/\\:*?"<>|\0\n\r\u202e\u2066')
    assert safe not in {".", ".."}
    assert not safe.startswith(".")
    assert len(safe.encode()) <= MAX_BYTES
    assert safe_name(safe) == safe


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\secrets\\key.txt", "key.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("CON.txt", "_CON.txt"),
        ("Rechnung für Ährenwerth.pdf", "Rechnung für Ährenwerth.pdf"),
        ("...", "file"),
        ("", "file"),
        ("a\nb.pdf", "a b.pdf"),
    ],
)
def test_names(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_long_name_keeps_its_extension() -> None:
    assert safe_name("ß" * 300 + ".pdf").endswith("ß.pdf")


async def test_nothing_is_overwritten(files: Files) -> None:
    first = await files.keep("a.pdf", b"one", token="t1")
    second = await files.keep("a.pdf", b"two", token="t2")
    assert (first.path, second.path) == ("a.pdf", "a (2).pdf")
    assert await files.read("a.pdf") == b"one"
    assert await files.read("a (2).pdf") == b"two"


async def test_a_file_dropped_by_hand_is_not_overwritten(files: Files) -> None:
    files.root.mkdir()
    (files.root / "a.pdf").write_bytes(b"mine")
    kept = await files.keep("a.pdf", b"new", token="t1")
    assert kept.path == "a (2).pdf"
    assert await files.read("a.pdf") == b"mine"


async def test_the_same_token_keeps_once(files: Files) -> None:
    first = await files.keep("a.pdf", b"one", token="t1", folder="scans")
    again = await Files(root=files.root).keep("a.pdf", b"one", token="t1", folder="scans")
    assert first == again == await files.find("t1")
    assert [f.path for f in await files.list()] == ["scans/a.pdf"]


async def test_a_token_does_not_keep_something_else(files: Files) -> None:
    await files.keep("a.pdf", b"one", token="t1")
    with pytest.raises(FactotumError):
        await files.keep("a.pdf", b"two", token="t1")


async def test_a_crash_before_the_file_is_written(files: Files) -> None:
    kept = await files.keep("a.pdf", b"one", token="t1")
    (files.root / kept.path).unlink()  # reserved in the register, not yet on the disk
    assert await files.find("t1") is None
    other = await files.keep("a.pdf", b"other", token="t2")
    assert other.path == "a (2).pdf"
    assert await Files(root=files.root).keep("a.pdf", b"one", token="t1") == kept


async def test_twenty_at_once_get_twenty_names(files: Files) -> None:
    other = Files(root=files.root)
    kept = await asyncio.gather(
        *(
            (files if i % 2 else other).keep("a.txt", str(i).encode(), token=f"t{i}")
            for i in range(20)
        )
    )
    assert len({k.path for k in kept}) == 20
    for i, k in enumerate(kept):
        assert await files.read(k.path) == str(i).encode()


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x", ".factotum/register.sqlite3"])
async def test_reading_stays_inside(files: Files, path: str) -> None:
    files.root.mkdir()
    (files.root.parent / "x").write_bytes(b"secret")
    with pytest.raises(FactotumError):
        await files.read(path)


async def test_a_link_out_of_the_folder_is_not_followed(files: Files, tmp_path: Path) -> None:
    files.root.mkdir()
    (tmp_path / "x").write_bytes(b"secret")
    (files.root / "link").symlink_to(tmp_path / "x")
    with pytest.raises(FactotumError):
        await files.read("link")


async def test_the_action_keeps_checks_and_takes_back(files: Files) -> None:
    connector = FilesConnector(files=files)
    sha256 = await files.stage(b"a photo")
    assert sha256 == hashlib.sha256(b"a photo").hexdigest()
    params = KeepParams(name="photo.jpg", sha256=sha256, folder="inbox")
    assert await connector.check("t1", params) is None
    result = await connector.keep("t1", params)
    fresh = FilesConnector(files=Files(root=files.root))
    assert await fresh.check("t1", params) == result == await fresh.keep("t1", params)
    first = await connector.trash("t1", params, result)
    assert first == await connector.trash("t1", params, result)
    assert await files.list() == ()
    assert await connector.keep("t1", params) == result
    assert await files.list() == ()


async def test_ping_names_a_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("in the way")
    health = await Files(root=tmp_path / "files").ping()
    assert health.status == "failed"
    assert health.fix
