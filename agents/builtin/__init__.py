"""The built-in model: understanding by general means, with no network and no key."""
