"""Who calls, and what they may do: tokens and certificates, checked against access.yaml."""
