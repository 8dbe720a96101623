"""The built-in model: pydantic-ai's model interface over rules and parsers, without key or net."""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart, UserPromptPart
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage

from agents.builtin.offers import question
from agents.builtin.reading import read
from agents.requests import Chat, Request

NAME = "builtin-1"


def _prompt(messages: list[ModelMessage]) -> dict[str, Any]:
    for message in reversed(messages):
        for part in reversed(message.parts):
            if isinstance(part, UserPromptPart) and isinstance(part.content, str):
                return json.loads(part.content)
    return {"message": ""}


def _as_json(request: Request) -> dict[str, Any]:
    return request.model_dump(mode="json", by_alias=True, exclude_none=True)


def _small_talk(text: str) -> str:
    words = text.casefold()
    if any(word in words for word in ("thank", "thx", "danke", "gracias", "merci")):
        return "You're welcome."
    if any(
        words.startswith(word) for word in ("hi", "hello", "hey", "good ", "hallo", "hola", "salut")
    ):
        return "Hello. Tell me what to do, or tap /help to see what I can."
    return "I took that as no task, so nothing was done. /help shows what I can do."


class BuiltinModel(Model):
    """Understands routine requests on this machine. Costs nothing and never waits."""

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Reads the planner's prompt and calls the output tool that fits."""
        prompt = _prompt(messages)
        understood = read(
            prompt["message"],
            now=datetime.fromisoformat(prompt.get("now", "2026-01-01T00:00:00+00:00")),
            zone=ZoneInfo(prompt.get("zone", "UTC")),
            names=prompt.get("clients", []),
            currency=prompt.get("currency", "EUR"),
        )
        requests = [r for r in understood.requests if not isinstance(r, Chat)]
        if requests:
            output = "Proposal"
            arguments: dict[str, Any] = {
                "requests": [_as_json(r) for r in requests],
                "rationale": understood.reason,
            }
        elif understood.likely:
            output = "Question"
            arguments = {
                "text": question(understood.likely, prompt.get("currency", "EUR")),
                "requests": [_as_json(r) for r in understood.likely],
                "rationale": "It may ask for that, but not surely enough to do it unasked.",
            }
        else:
            output = "Answer"
            arguments = {
                "text": _small_talk(prompt["message"]),
                "rationale": understood.reason,
            }
        tool = next(
            t.name for t in model_request_parameters.output_tools if t.name.endswith(output)
        )
        return ModelResponse(
            parts=[ToolCallPart(tool, arguments)],
            usage=RequestUsage(),
            model_name=NAME,
            provider_details={"confidence": understood.confidence},
        )

    @property
    def model_name(self) -> str:
        """Its name, as /why shows it."""
        return NAME

    @property
    def system(self) -> str:
        """The provider's name."""
        return "factotum"
