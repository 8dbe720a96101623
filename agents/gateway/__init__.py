"""The model gateway: tiers, fallback, budget and memory of answers, for every agent alike."""

from agents.gateway.gateway import Answered, Gateway, Query
from agents.gateway.models import Tier, choose

__all__ = ["Answered", "Gateway", "Query", "Tier", "choose"]
