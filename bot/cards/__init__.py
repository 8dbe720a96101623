"""Cards: pure functions from what the kernel knows to a message. Nothing here decides."""
