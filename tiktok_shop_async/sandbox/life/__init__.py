"""What happens in a shop: orders, requests of buyers, audits, statements, consents, and what is told of it."""
