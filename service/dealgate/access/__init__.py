"""Who calls, and what they may: tokens verified, certificates read, access.yaml held to calls."""
