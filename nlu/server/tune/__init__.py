"""Tunes the sentence encoder on the training sentences. For developers: needs PyTorch."""
