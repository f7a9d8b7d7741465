"""What people and tests see besides the API: consent, console, control."""
