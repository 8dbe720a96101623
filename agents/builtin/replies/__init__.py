"""Replies to a card: what each kind of card lets them change."""
