"""The roles: each module of this folder is one agent with a contract, found by its input's type."""

import importlib
import pkgutil

from agents.roles.role import Given, Material, Output, Proposed, Role, role_of, roles
from agents.roles.thinking import Thinker, Thought, agent_of

for _found in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_found.name}")

__all__ = [
    "Given",
    "Material",
    "Output",
    "Proposed",
    "Role",
    "Thinker",
    "Thought",
    "agent_of",
    "role_of",
    "roles",
]
