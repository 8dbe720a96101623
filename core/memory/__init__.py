"""Memory: what is kept of the world, with its sources; SQLite is the truth, an index only finds."""
