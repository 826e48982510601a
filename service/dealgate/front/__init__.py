"""HTTP for those who do not speak gRPC: what Envoy needs to translate, and its description."""
