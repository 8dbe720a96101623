"""What the demo and its seed agree on."""

OWNER_ID = 1_000_001
OWNER_NAME = "Ada Example"
MARK = ".seeded"
"""A file in the data folder: the example company is there."""
