"""Events of brokers, files and webhooks on their way in: each is decided once, and answered."""
