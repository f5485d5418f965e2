"""What the analytics API takes and answers."""
