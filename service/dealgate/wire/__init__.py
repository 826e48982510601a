"""gRPC, and nothing but gRPC."""
