"""From a setting to a pydantic-ai model, and what its calls can cost."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from genai_prices import Usage, calc_price
from pydantic_ai.exceptions import UserError
from pydantic_ai.models import Model, infer_model
from pydantic_ai.models.fallback import FallbackModel

from core.errors import FactotumError
from core.settings import Price

LOCAL = "local:"
"""How a setting names a model of the local server."""
_NO_KEY = "none"  # a local server asks for none, but its client insists on sending one


class Tier(StrEnum):
    """How much thinking is bought: none, a small model's, a large one's."""

    BUILTIN = "builtin"
    SMALL = "small"
    LARGE = "large"


@dataclass(frozen=True, slots=True)
class Prices:
    """Dollars per million tokens by the host's own word, for models that no list knows."""

    given: dict[str, Price]

    def most(self, model: Model, *, sent: int, answered: int) -> int | None:
        """The most that a call can cost, in micro dollars; None where the price isn't known.

        ``sent`` and ``answered`` are the most tokens of each kind.
        """
        if isinstance(model, FallbackModel):
            each = [self.most(one, sent=sent, answered=answered) for one in model.models]
            known = [cost for cost in each if cost is not None]
            return max(known) if len(known) == len(each) else None
        return self.of(model.model_name, model.system, sent=sent, answered=answered)

    def of(self, name: str, provider: str, *, sent: int, answered: int) -> int | None:
        """What a call costs, in micro dollars; None where the price isn't known."""
        given = self.given.get(name)
        if given is not None:
            return round(given.sent * sent + given.answered * answered)
        usage = Usage(input_tokens=sent, output_tokens=answered)
        try:
            total = calc_price(usage, name, provider_id=provider).total_price
        except LookupError:
            return None
        return int((Decimal(total) * 1_000_000).to_integral_value())


def choose(setting: str, *, local_url: str | None = None) -> Model:
    """The model that a setting names: ``provider:model`` as pydantic-ai spells it.

    ``local:model`` is one of an OpenAI-compatible server at ``local_url``. With several, divided
    by commas, each stands in for the one before it. Raises FactotumError where a name, a
    provider's package, its key or the local server's address is missing.
    """
    names = [name.strip() for name in setting.split(",") if name.strip()]
    models = [_tried_once(_one(name, local_url)) for name in names]
    if not models:
        raise FactotumError("A model's setting is empty.", fix="Leave it out, or write 'builtin'.")
    return models[0] if len(models) == 1 else FallbackModel(*models)


def _tried_once(model: Model) -> Model:
    """The gateway counts tries and heeds pauses: a client that does too would multiply both."""
    client: Any = getattr(model, "client", None)
    if hasattr(client, "max_retries"):
        client.max_retries = 0
    return model


def _one(name: str, local_url: str | None) -> Model:
    try:
        if not name.startswith(LOCAL):
            return infer_model(name)
        if local_url is None:
            raise FactotumError(
                f"The model {name!r} is one of a local server, and its address isn't set.",
                fix="Set FACTOTUM_MODEL_URL, such as http://127.0.0.1:11434/v1.",
            )
        from pydantic_ai.models.openai import OpenAIChatModel
        from pydantic_ai.providers.openai import OpenAIProvider

        provider = OpenAIProvider(base_url=local_url, api_key=_NO_KEY)
        return OpenAIChatModel(name.removeprefix(LOCAL), provider=provider)
    except (UserError, ValueError, ImportError) as error:
        raise FactotumError(
            f"The model {name!r} can't be used: {str(error).splitlines()[0]}",
            fix="Set FACTOTUM_MODEL_SMALL and FACTOTUM_MODEL_LARGE to 'builtin', or to a model"
            " whose key is set.",
        ) from error
