"""The phone's own routes: what people do, and what tests may arrange."""

import asyncio
import json
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import OWNER, TOKEN, Sandbox, keyboard, png, running

from bot.sandbox import SandboxServer, create_app
from bot.sandbox.methods import acting


async def tap(sandbox: Sandbox, message_id: int, button: str, **more: Any) -> httpx.Response:
    """One tap, whatever comes of it."""
    body = {"message_id": message_id, "button": button, **more}
    return await sandbox.http.post("/phone/taps", json=body)


async def answering(sandbox: Sandbox, text: str | None) -> dict[str, Any]:
    """Answers the next tap as a bot would, and returns its query."""
    (update,) = await sandbox.updates()
    await sandbox.updates(offset=update["update_id"] + 1, timeout=0)
    query = update["callback_query"]
    answer: dict[str, Any] = {"callback_query_id": query["id"]}
    await sandbox.api("answerCallbackQuery", **answer, **({"text": text} if text else {}))
    return query


async def test_health_names_token_and_owner(sandbox: Sandbox) -> None:
    health = (await sandbox.http.get("/healthz")).json()
    assert health == {"status": "ok", "token": TOKEN, "owner_id": OWNER}


async def test_message_wakes_a_waiting_poll(sandbox: Sandbox) -> None:
    poll = asyncio.create_task(sandbox.updates(timeout=20))
    await sandbox.poll_waits()
    message_id = await sandbox.say("hello")
    (update,) = await poll
    assert update["message"]["message_id"] == message_id
    assert update["message"]["from"]["id"] == OWNER


async def test_updates_stay_until_confirmed(sandbox: Sandbox) -> None:
    for text in "abc":
        await sandbox.say(text)
    first = await sandbox.updates()
    assert [update["message"]["text"] for update in first] == ["a", "b", "c"]
    assert await sandbox.updates() == first
    assert await sandbox.updates(limit=1) == first[:1]
    assert await sandbox.updates(offset=first[1]["update_id"]) == first[1:]
    assert await sandbox.updates(offset=-1) == first[2:]
    assert await sandbox.updates(offset=first[2]["update_id"] + 1, timeout=0) == []


async def test_only_the_updates_asked_for(sandbox: Sandbox) -> None:
    await sandbox.updates(timeout=0, allowed_updates=["callback_query"])
    await sandbox.say("unheard")
    assert await sandbox.updates(timeout=0) == []
    await sandbox.updates(timeout=0, allowed_updates=[])
    await sandbox.say("heard")
    assert [update["message"]["text"] for update in await sandbox.updates()] == ["heard"]


async def test_long_text_is_split_as_clients_do(sandbox: Sandbox) -> None:
    last = await sandbox.say("word " * 1500)
    shown = await sandbox.chat()
    assert [message["message_id"] for message in shown][-1] == last
    assert len(shown) == 2
    assert all(len(message["text"]) <= 4096 for message in shown)


@pytest.mark.parametrize("body", [{"text": ""}, {"text": " \n"}, {}, {"text": 7}, []])
async def test_refuses_what_is_no_message(sandbox: Sandbox, body: Any) -> None:
    response = await sandbox.http.post("/phone/messages", json=body)
    assert response.status_code == 400
    assert response.json()["error"]


async def test_refuses_a_reply_to_nothing(sandbox: Sandbox) -> None:
    body = {"text": "x", "reply_to": 99}
    assert (await sandbox.http.post("/phone/messages", json=body)).status_code == 400


async def test_lists_the_chat_as_it_looks(sandbox: Sandbox) -> None:
    mine = await sandbox.say("a <b> & c")
    sent = await sandbox.send(
        "<b>Hi</b> &lt;you&gt;",
        parse_mode="HTML",
        reply_parameters={"message_id": mine},
        reply_markup={
            "inline_keyboard": [
                [{"text": "Go", "callback_data": "go", "style": "primary"}],
                [{"text": "See", "url": "https://example.org"}],
            ]
        },
    )
    first, second = await sandbox.chat()
    assert (first["from"], first["text"], first["html"]) == (
        "operator",
        "a <b> & c",
        "a &lt;b&gt; &amp; c",
    )
    assert second["from"] == "bot"
    assert (second["text"], second["html"]) == ("Hi <you>", "<b>Hi</b> &lt;you&gt;")
    assert second["buttons"] == [
        [{"text": "Go", "data": "go", "style": "primary"}],
        [{"text": "See", "data": None, "url": "https://example.org/"}],
    ]
    assert second["reply_to"]["message_id"] == mine
    assert (second["file"], second["pinned"], second["reactions"]) == (None, False, [])
    assert second["edit_date"] is None
    moment = datetime.fromisoformat(second["date"])
    assert abs((datetime.now(UTC) - moment).total_seconds()) < 60
    assert await sandbox.chat(since=mine) == [second]
    assert await sandbox.chat(limit=1) == [second]
    assert await sandbox.chat(before=sent["message_id"]) == [first]


async def test_strangers_have_chats_of_their_own(sandbox: Sandbox) -> None:
    await sandbox.say("mine")
    await sandbox.say("theirs", user_id=5)
    assert [message["text"] for message in await sandbox.chat()] == ["mine"]
    assert [message["text"] for message in await sandbox.chat(user_id=5)] == ["theirs"]
    mine, theirs = await sandbox.updates()
    assert mine["message"]["chat"]["id"] == OWNER
    assert theirs["message"]["chat"] == {
        "id": 5,
        "first_name": "Stranger",
        "last_name": "5",
        "type": "private",
    }


async def test_files_go_up_and_down(sandbox: Sandbox) -> None:
    picture = png(12, 34)
    response = await sandbox.http.post(
        "/phone/files", files={"file": ("a b.png", picture)}, data={"caption": "look"}
    )
    (update,) = await sandbox.updates()
    assert update["message"]["message_id"] == response.json()["message_id"]
    assert update["message"]["caption"] == "look"
    photo = update["message"]["photo"][-1]
    assert (photo["width"], photo["height"], photo["file_size"]) == (12, 34, len(picture))
    file = (await sandbox.api("getFile", file_id=photo["file_id"]))["result"]
    got = await sandbox.http.get(f"/file/bot{TOKEN}/{file['file_path']}")
    assert got.content == picture
    wrong = await sandbox.http.get(f"/file/bot1:x/{file['file_path']}")
    assert wrong.status_code == 404
    (shown,) = await sandbox.chat()
    assert shown["file"] | {"url": ""} == {
        "name": "a b.png",
        "mime": "image/png",
        "size": len(picture),
        "url": "",
        "kind": "photo",
        "width": 12,
        "height": 34,
    }
    assert (await sandbox.http.get(shown["file"]["url"])).content == picture


async def test_kinds_of_files(sandbox: Sandbox) -> None:
    async def send(name: str, content: bytes, **data: str) -> httpx.Response:
        return await sandbox.http.post("/phone/files", files={"file": (name, content)}, data=data)

    await send("note.ogg", b"OggS")
    await send("paper.pdf", b"%PDF")
    await send("picture.png", png(), kind="document")
    kinds = [
        next(kind for kind in ("voice", "document", "photo") if kind in update["message"])
        for update in await sandbox.updates()
    ]
    assert kinds == ["voice", "document", "document"]
    assert (await send("x", b"")).status_code == 400
    assert (await send("x", b"x", kind="film")).status_code == 400
    assert (await sandbox.http.post("/phone/files", data={"caption": "x"})).status_code == 400


async def test_html_files_are_not_run_in_the_phone(sandbox: Sandbox) -> None:
    upload = {"file": ("x.html", b"<script>1</script>")}
    await sandbox.http.post("/phone/files", files=upload)
    shown = (await sandbox.chat())[0]
    response = await sandbox.http.get(shown["file"]["url"])
    assert response.headers["content-disposition"].startswith("attachment")
    assert response.headers["content-type"] == "application/octet-stream"


async def test_taps_by_label_and_by_data(sandbox: Sandbox) -> None:
    sent = await sandbox.send("x", reply_markup=keyboard([("Yes", "y:1"), ("No", "n:1")]))
    for button, data in (("Yes", "y:1"), ("n:1", "n:1")):
        tapped = asyncio.create_task(tap(sandbox, sent["message_id"], button))
        query = await answering(sandbox, "noted")
        assert query["data"] == data
        assert query["message"]["message_id"] == sent["message_id"]
        assert query["from"]["id"] == OWNER
        assert (await tapped).json() == {"answer": "noted"}


async def test_taps_on_buttons_that_are_gone(sandbox: Sandbox) -> None:
    sent = await sandbox.send("x", reply_markup=keyboard([("Yes", "y:1")]))
    place = {"chat_id": OWNER, "message_id": sent["message_id"]}
    await sandbox.api("editMessageText", **place, text="y", reply_markup=keyboard([("Yes", "y:2")]))
    await sandbox.api("editMessageText", **place, text="done")
    for button, data in (("Yes", "y:2"), ("y:1", "y:1"), ("made:by-hand", "made:by-hand")):
        tapped = asyncio.create_task(tap(sandbox, sent["message_id"], button))
        assert (await answering(sandbox, None))["data"] == data
        assert (await tapped).json() == {"answer": None}
    assert (await tap(sandbox, sent["message_id"], "no such label")).status_code == 404
    assert (await tap(sandbox, 999, "y:1")).status_code == 404


async def test_a_stranger_taps(sandbox: Sandbox) -> None:
    sent = await sandbox.send("x", reply_markup=keyboard([("Yes", "y:1")]))
    tapped = asyncio.create_task(tap(sandbox, sent["message_id"], "Yes", user_id=66))
    query = await answering(sandbox, "Not yours")
    assert query["from"]["id"] == 66
    assert query["message"]["chat"]["id"] == OWNER
    assert (await tapped).json() == {"answer": "Not yours"}


async def test_a_tap_can_be_too_old_to_answer(sandbox: Sandbox) -> None:
    sent = await sandbox.send("x", reply_markup=keyboard([("Yes", "y:1")]))
    tapped = asyncio.create_task(tap(sandbox, sent["message_id"], "Yes"))
    (update,) = await sandbox.updates()
    store = sandbox.app.state.telegram.store
    store.now = lambda: time.time() + acting.QUERY_LIFETIME_S + 1
    query_id = update["callback_query"]["id"]
    late = await sandbox.api("answerCallbackQuery", callback_query_id=query_id)
    assert late["error_code"] == 400
    assert "query is too old" in late["description"]
    tapped.cancel()


async def test_faults_are_counted_and_cleared(sandbox: Sandbox) -> None:
    await sandbox.fault(method="getMe", status=429, retry_after=3, count=2)
    for _ in range(2):
        answer = await sandbox.api("getMe")
        assert answer["status"] == 429
        assert answer["parameters"] == {"retry_after": 3}
        assert answer["description"] == "Too Many Requests: retry after 3"
    assert (await sandbox.api("getMe"))["ok"]
    await sandbox.fault(method="*", status=500, count=5)
    await sandbox.say("x")
    assert len(await sandbox.updates()) == 1
    await sandbox.fault(method="*", status=500, count=0)
    assert (await sandbox.api("getMe"))["ok"]


async def test_faults_may_be_carried_out(sandbox: Sandbox) -> None:
    await sandbox.fault(method="sendMessage", status="drop", count=1, carried_out=True)
    with pytest.raises(httpx.RemoteProtocolError):
        await sandbox.send("arrived, unanswered")
    assert [message["text"] for message in await sandbox.chat()] == ["arrived, unanswered"]
    await sandbox.fault(method="sendMessage", status=502, count=1, carried_out=True)
    assert (await sandbox.api("sendMessage", chat_id=OWNER, text="twice"))["status"] == 502
    assert len(await sandbox.chat()) == 2


@pytest.mark.parametrize(
    "fault",
    [
        {"method": "", "status": 500},
        {"method": "x", "status": 200},
        {"method": "x", "status": "slow"},
        {"method": "x", "status": 500, "count": -1},
        [],
    ],
)
async def test_refuses_faults_it_cannot_do(sandbox: Sandbox, fault: Any) -> None:
    assert (await sandbox.http.post("/phone/faults", json=fault)).status_code == 400


async def test_log_tells_every_call_and_no_secret(sandbox: Sandbox) -> None:
    await sandbox.send("hello")
    await sandbox.api("setWebhook", url="http://127.0.0.1:9/", secret_token="s3cret")
    await sandbox.api("deleteWebhook")
    await sandbox.http.post(
        f"/bot{TOKEN}/sendDocument",
        data={"chat_id": OWNER},
        files={"document": ("a.txt", b"abc")},
    )
    raw = (await sandbox.http.get("/phone/log")).text
    assert "s3cret" not in raw
    assert TOKEN not in raw
    calls = json.loads(raw)
    assert [call["method"] for call in calls] == [
        "sendMessage",
        "setWebhook",
        "deleteWebhook",
        "sendDocument",
    ]
    assert calls[0]["parameters"] == {"chat_id": OWNER, "text": "hello"}
    assert calls[0]["answer"]["result"]["text"] == "hello"
    assert calls[3]["parameters"]["document"] == {"file": "a.txt", "size": 3}
    assert datetime.fromisoformat(calls[0]["time"]).tzinfo is not None


async def test_takes_get_forms_and_multipart(sandbox: Sandbox) -> None:
    path = f"/bot{TOKEN}/SENDMESSAGE"
    fields = {
        "chat_id": str(OWNER),
        "text": "x",
        "reply_markup": json.dumps(keyboard([("a", "b")])),
    }
    answers = [
        await sandbox.http.get(path, params=fields),
        await sandbox.http.post(path, data=fields),
        await sandbox.http.post(path, files={key: (None, fields[key]) for key in fields}),
    ]
    for answer in answers:
        assert answer.json()["result"]["reply_markup"]["inline_keyboard"]
    broken = await sandbox.http.post(
        path, content=b"{", headers={"Content-Type": "application/json"}
    )
    assert broken.status_code == 400
    lone = await sandbox.http.post(
        path,
        content=b'{"chat_id":1,"text":"\\ud83d"}',
        headers={"Content-Type": "application/json"},
    )
    assert lone.json()["description"] == "Bad Request: strings must be encoded in UTF-8"


async def test_survives_a_restart(tmp_path: Path) -> None:
    store = tmp_path / "telegram.db"
    async with running(store) as sandbox:
        sent = await sandbox.send("card", reply_markup=keyboard([("Yes", "y:1")]))
        await sandbox.say("one")
        (update,) = await sandbox.updates()
        before = await sandbox.chat()
    async with running(store) as sandbox:
        assert await sandbox.chat() == before
        assert await sandbox.updates() == [update]
        last = await sandbox.say("two")
        assert last > before[-1]["message_id"]
        assert (await sandbox.updates())[1]["update_id"] == update["update_id"] + 1
        tapped = asyncio.create_task(tap(sandbox, sent["message_id"], "Yes"))
        taps = await sandbox.updates(offset=update["update_id"] + 2)
        assert taps[0]["callback_query"]["data"] == "y:1"
        await sandbox.api("answerCallbackQuery", callback_query_id=taps[0]["callback_query"]["id"])
        assert (await tapped).json() == {"answer": None}


async def test_stops_at_once_with_a_poll_and_a_page_waiting(tmp_path: Path) -> None:
    began = time.monotonic()
    async with running(tmp_path / "s.db") as sandbox:
        poll = asyncio.create_task(sandbox.api("getUpdates", timeout=50))
        page = asyncio.create_task(sandbox.http.get("/phone/events"))
        await sandbox.poll_waits()
    for waiting in (poll, page):
        waiting.cancel()
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Host": "evil.example"},
        {"Host": "evil.example:8100"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
@pytest.mark.parametrize("path", ["/healthz", "/phone/log", "/phone/messages", "/phone/world"])
async def test_refuses_other_origins(sandbox: Sandbox, path: str, headers: dict) -> None:
    assert (await sandbox.http.get(path, headers=headers)).status_code == 403


async def test_takes_its_own_origin(sandbox: Sandbox) -> None:
    headers = {"Origin": sandbox.url, "Sec-Fetch-Site": "same-origin"}
    response = await sandbox.http.post("/phone/messages", json={"text": "x"}, headers=headers)
    assert response.status_code == 200


def test_serves_loopback_only(tmp_path: Path) -> None:
    app = create_app(store_path=tmp_path / "s.db", token=TOKEN, owner_id=OWNER, owner_name="M")
    with pytest.raises(ValueError, match="this machine only"):
        SandboxServer(app, port=0, host="0.0.0.0")


async def test_the_world(tmp_path: Path) -> None:
    (tmp_path / "invoice.pdf").write_bytes(b"%PDF")
    seen: dict[str, Any] = {"mail": [], "calendar": [], "files": [], "invoices": []}

    async def world() -> dict[str, Any]:
        return seen

    def world_file(path: str) -> Path | None:
        return tmp_path / path if path == "invoice.pdf" else None

    async with running(tmp_path / "s.db", world=world, world_file=world_file) as sandbox:
        assert (await sandbox.http.get("/phone/world")).json() == seen
        got = await sandbox.http.get("/phone/world/files/invoice.pdf")
        assert (got.content, got.headers["content-type"]) == (b"%PDF", "application/pdf")
        for missing in ("../s.db", "nothing.pdf", "%2e%2e/s.db"):
            path = f"/phone/world/files/{missing}"
            assert (await sandbox.http.get(path)).status_code == 404
        events: list[tuple[str, Any]] = []

        async def read(until: str) -> None:
            async with sandbox.http.stream("GET", "/phone/events") as stream:
                name = ""
                async for line in stream.aiter_lines():
                    if line.startswith("event: "):
                        name = line.removeprefix("event: ")
                    elif line.startswith("data: "):
                        events.append((name, json.loads(line.removeprefix("data: "))))
                        if name == "hello":
                            seen["files"] = [{"name": "new.txt", "size": 1, "url": None}]
                        if name == until and events[-1][1].get("files"):
                            return

        async with asyncio.timeout(10):
            await read("world")
        assert events[0][0] == "hello"
        assert events[-1][1]["files"][0]["name"] == "new.txt"


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def test_webhook_delivers_in_order_and_again(sandbox: Sandbox) -> None:
    got: list[tuple[str | None, dict[str, Any]]] = []
    statuses = [500, 200, 200, 200]
    enough = asyncio.Event()

    async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
        body = json.loads(await reader.readexactly(int(lines["Content-Length"])))
        got.append((lines.get("X-Telegram-Bot-Api-Secret-Token"), body))
        status = statuses[len(got) - 1]
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode())
        writer.close()
        if len(got) == len(statuses):
            enough.set()

    server = await asyncio.start_server(receive, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        await sandbox.say("a")
        hook = {"url": f"http://127.0.0.1:{port}/hook?x=1", "secret_token": "s-1"}
        assert (await sandbox.api("setWebhook", **hook))["result"] is True
        await sandbox.say("b")
        await sandbox.say("c")
        async with asyncio.timeout(10):
            await enough.wait()
    assert [body["message"]["text"] for _, body in got] == ["a", "a", "b", "c"]
    assert {secret for secret, _ in got} == {"s-1"}
    info = (await sandbox.api("getWebhookInfo"))["result"]
    assert info["last_error_message"] == "Wrong response from the webhook: 500"


async def test_setting_a_webhook_ends_a_poll(sandbox: Sandbox) -> None:
    poll = asyncio.create_task(sandbox.api("getUpdates", timeout=30))
    await sandbox.poll_waits()
    await sandbox.api("setWebhook", url="http://127.0.0.1:9/")
    answer = await poll
    assert answer["error_code"] == 409
    assert answer["description"] == "Conflict: terminated by setWebhook request"


async def test_who_blocked_the_bot_cannot_write(sandbox: Sandbox) -> None:
    await sandbox.http.post("/phone/blocks", json={"blocked": True})
    assert (await sandbox.http.post("/phone/messages", json={"text": "x"})).status_code == 400
    await sandbox.http.post("/phone/blocks", json={"blocked": False})
    await sandbox.say("x")
    blocked, unblocked, message = await sandbox.updates()
    assert blocked["my_chat_member"]["new_chat_member"]["status"] == "kicked"
    assert unblocked["my_chat_member"]["new_chat_member"]["status"] == "member"
    assert message["message"]["text"] == "x"


async def test_a_broken_picture_goes_as_a_file(sandbox: Sandbox) -> None:
    upload = {"file": ("x.png", b"not a picture")}
    assert (await sandbox.http.post("/phone/files", files=upload)).status_code == 200
    (update,) = await sandbox.updates()
    assert update["message"]["document"]["file_name"] == "x.png"
    forced = await sandbox.http.post("/phone/files", files=upload, data={"kind": "photo"})
    assert forced.status_code == 400


async def test_only_who_tapped_sees_the_answer(sandbox: Sandbox) -> None:
    sent = await sandbox.send("x", reply_markup=keyboard([("Yes", "y:1")]))
    told: list[tuple[int | None, str]] = []
    bus = sandbox.app.state.telegram.bus
    publish = bus.publish

    def noting(name: str, data: Any, *, chat_id: int | None = None) -> None:
        told.append((chat_id, name))
        publish(name, data, chat_id=chat_id)

    bus.publish = noting
    tapped = asyncio.create_task(tap(sandbox, sent["message_id"], "Yes", user_id=66))
    await answering(sandbox, "Not yours")
    await tapped
    assert told == [(66, "answer")]


async def test_a_world_that_fails_does_not_stop_the_page(tmp_path: Path) -> None:
    looks = 0
    enough = asyncio.Event()

    async def world() -> dict[str, Any]:
        nonlocal looks
        looks += 1
        if looks == 1:
            raise KeyError("gone")
        enough.set()
        return {}

    async with (
        running(tmp_path / "s.db", world=world) as sandbox,
        sandbox.http.stream("GET", "/phone/events"),
        asyncio.timeout(10),
    ):
        await enough.wait()


async def test_a_taken_port_is_said_plainly(sandbox: Sandbox, tmp_path: Path) -> None:
    port = int(sandbox.url.rpartition(":")[2])
    app = create_app(store_path=tmp_path / "2.db", token=TOKEN, owner_id=OWNER, owner_name="M")
    with pytest.raises(OSError, match="in use"):
        SandboxServer(app, port=port).bind()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.sandbox", "--store", str(tmp_path / "3.db")),
        *("--port", str(port)),
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    assert process.returncode == 1
    assert f"Port {port} can't be used: Address already in use" in errors.decode()


async def test_runs_as_a_process_and_ends_on_a_signal(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.sandbox", "--store", str(tmp_path / "s.db")),
        *("--port", "0"),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(20):
        said = (await process.stdout.readline()).decode()
        assert said.endswith("(this machine only)\n")
        async with httpx.AsyncClient(base_url=said.split()[2]) as http:
            assert (await http.get("/healthz")).json()["status"] == "ok"
        process.send_signal(signal.SIGTERM)
        await process.wait()
