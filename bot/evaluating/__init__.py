"""Measures against sets of cases: ``recall``."""
