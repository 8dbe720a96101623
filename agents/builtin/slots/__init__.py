"""What a request is about: one module per kind of request."""
