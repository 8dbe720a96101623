"""The model gateway: from a setting to a pydantic-ai model."""

from pydantic_ai.exceptions import UserError
from pydantic_ai.models import Model, infer_model

from core.errors import FactotumError


def choose(name: str) -> Model:
    """The model called ``name`` (``provider:model``, as pydantic-ai spells it).

    Raises FactotumError where the name, the provider's package or its key is missing.
    """
    try:
        return infer_model(name)
    except (UserError, ValueError, ImportError) as error:
        raise FactotumError(
            f"The model {name!r} can't be used: {str(error).splitlines()[0]}",
            fix="Set FACTOTUM_MODEL to 'builtin' or to a model whose key is set.",
        ) from error
