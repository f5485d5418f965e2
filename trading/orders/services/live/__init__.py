"""The way to a broker and back."""
