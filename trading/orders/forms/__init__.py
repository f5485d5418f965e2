"""What pages take."""
