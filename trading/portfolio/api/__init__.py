"""The portfolio over REST."""
