"""The ways people reach the front door, all through one port."""
