"""What is to go wrong."""
