"""The conversation: pure functions over state, what was heard and a read-only world."""
