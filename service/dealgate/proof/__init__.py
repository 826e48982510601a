"""What rule sets can and cannot do, proved over all facts at once, and shown on facts."""
