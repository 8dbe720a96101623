"""The model gateway: tiers, fallback, budget and memory of answers, for every agent alike."""

from agents.gateway.gateway import USELESS, Answered, Gateway, Query
from agents.gateway.models import Tier, choose

__all__ = ["USELESS", "Answered", "Gateway", "Query", "Tier", "choose"]
