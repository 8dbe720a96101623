"""The Bot API's methods, by name in lower case, as the server takes them in any case."""

from bot.sandbox.methods import acting, editing, profile, receiving, sending
from bot.sandbox.methods.common import Method

METHODS: dict[str, Method] = {
    name.lower(): method
    for module in (acting, editing, profile, receiving, sending)
    for name, method in module.METHODS.items()
}
