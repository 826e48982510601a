"""OpenAPI of the HTTP front, read off the contracts: paths, messages, comments and limits."""

from dealgate.front.openapi.document import document as document
