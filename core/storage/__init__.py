"""Where the canonical state is kept."""
