"""The built-in model of a role: pydantic-ai's model interface over the role's own rules."""

from typing import Any

from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart, UserPromptPart
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage

from agents.roles.role import Role

NAME = "templates"


class Rules(Model):
    """Does a role's routine work on this machine. Costs nothing and never waits."""

    def __init__(self, role: Role[Any, Any]) -> None:
        super().__init__()
        self._role = role

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Reads what the role was given and calls the output tool."""
        given = self._role.given.model_validate_json(_asked(messages))
        output = self._role.by_rules(given)
        return ModelResponse(
            parts=[
                ToolCallPart(
                    model_request_parameters.output_tools[0].name, output.model_dump(mode="json")
                )
            ],
            usage=RequestUsage(),
            model_name=NAME,
        )

    @property
    def model_name(self) -> str:
        """Its name, as /why shows it."""
        return NAME

    @property
    def system(self) -> str:
        """The provider's name."""
        return "factotum"


def _asked(messages: list[ModelMessage]) -> str:
    return next(
        part.content
        for message in messages
        for part in message.parts
        if isinstance(part, UserPromptPart) and isinstance(part.content, str)
    )
