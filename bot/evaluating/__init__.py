"""Measures against sets of cases: ``planner``, ``recall``, ``roles``, ``safety``."""
