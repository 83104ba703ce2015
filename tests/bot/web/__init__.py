"""The web chat, request by request."""
