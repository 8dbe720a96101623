"""Placeholder."""
def understand_edit(text, *, intent, now, zone, currency): return {}
def understand_answer(text, *, slot, intent, now, zone, currency): return None
