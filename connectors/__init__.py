"""The outside world, one folder per system: its typed contract, its client, its local default.

A connector implements ``core.actions.Connector``. Everything it changes outside goes through
an ``Action`` under an operation token: performing twice with one token has one effect and
gives the same result, and ``check`` finds the effect after a crash. Connectors know nothing
of policy, prompts or the chat.
"""
