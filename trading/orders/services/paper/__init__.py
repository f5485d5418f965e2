"""What the paper exchange does to orders."""
