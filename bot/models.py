"""Which models the settings name, and the gateway to them."""

from pydantic_ai.models import Model

from agents.gateway import Gateway, Tier, choose
from agents.gateway.models import Prices
from bot.app import App
from core.budgets import Purse
from core.settings import Settings


def chosen(settings: Settings) -> dict[Tier, Model]:
    """The configured models by tier. Raises FactotumError where one can't be used."""
    wanted = {Tier.SMALL: settings.model_small, Tier.LARGE: settings.model_large}
    return {
        tier: choose(name, local_url=settings.model_url)
        for tier, name in wanted.items()
        if name != Tier.BUILTIN
    }


def gateway_of(app: App) -> Gateway:
    """The gateway as the settings have it. Raises FactotumError where a model can't be used."""
    return Gateway(
        chosen(app.settings),
        purse=Purse(app.database, app.clock),
        prices=Prices(app.settings.model_prices),
        timeout=app.settings.model_timeout,
    )
