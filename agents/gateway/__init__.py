"""The model gateway: tiers, fallback, budget and memory of answers, for every agent alike."""

from agents.gateway.gateway import Answered, Gateway, Query
from agents.gateway.models import Tier, choose
from agents.gateway.troubles import USELESS

__all__ = ["USELESS", "Answered", "Gateway", "Query", "Tier", "choose"]
