"""The protocol below the features: every request is answered, and `exit` ends it at once."""

import os
import sys
from collections.abc import Callable, Generator
from typing import Any

from cattrs import transform_error
from cattrs.errors import BaseValidationError, StructureHandlerNotFoundError
from lsprotocol import types as lsp
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcMethodNotFound,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import LanguageServerProtocol, lsp_method
from pygls.protocol.json_rpc import (
    JsonRPCNotification,
    JsonRPCRequestMessage,
    RPCMessage,
    RPCRequest,
)

INVALID = (
    BaseValidationError,
    StructureHandlerNotFoundError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
NOT_BEGUN = JsonRpcServerNotInitialized("begin with `initialize`").to_response_error()


class RuleProtocol(LanguageServerProtocol):
    """Answers what pygls would only log, and leaves without waiting for a check."""

    _is_begun = False
    leaving: Callable[[], None] | None = None  # what is removed before the process ends

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Return the message in `data`; None for a request that was answered with an error."""
        if "jsonrpc" not in data or "method" not in data:
            return super().structure_message(data)
        known = self.get_message_type(str(data["method"]))
        fallback = JsonRPCRequestMessage if "id" in data else JsonRPCNotification
        given = data if known else {"params": None, **data}
        try:
            return self._converter.structure(given, known or fallback)
        except INVALID as error:
            if "id" in data:
                why = f"{data['method']}: {_reason(error)}"
                self._send_response(data["id"], error=JsonRpcInvalidParams(why).to_response_error())
            return None  # a notification that cannot be read is ignored, as the protocol has it

    def handle_message(self, message: RPCMessage | None) -> None:
        """Handle a message, unless it was answered already."""
        if message is None:
            return
        method = getattr(message, "method", "")
        if not self._is_begun and isinstance(message, RPCRequest) and method != lsp.INITIALIZE:
            self._send_response(message.id, error=NOT_BEGUN)
            return
        self._is_begun = True
        if self._shutdown and isinstance(message, RPCRequest):
            refused = JsonRpcInvalidRequest("the server is shut down; only `exit` is left")
            self._send_response(message.id, error=refused.to_response_error())
            return
        super().handle_message(message)

    def _handle_request(self, msg_id: int | str, method_name: str, params: Any) -> None:
        """Handle a request; editors may ask what this server never offered."""
        try:
            self._get_handler(method_name)
        except JsonRpcMethodNotFound as error:
            self._send_response(msg_id, error=error.to_response_error())
        else:
            super()._handle_request(msg_id, method_name, params)

    def _send_handler_result(self, future: Any, *, msg_id: int | str) -> None:
        """Answer a request; one that is refused with a reason is not logged as a failure."""
        error = None if future.cancelled() else future.exception()
        if isinstance(error, JsonRpcException):
            self._request_futures.pop(msg_id, None)
            self._send_response(msg_id, error=error.to_response_error())
        else:
            super()._send_handler_result(future, msg_id=msg_id)

    @lsp_method(lsp.EXIT)
    def lsp_exit(self, *_: Any) -> Generator[Any, Any, None]:
        """End the process: 0 after `shutdown`, else 1, whatever is still being checked."""
        if self.leaving is not None:
            self.leaving()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0 if self._shutdown else 1)


def _reason(error: Exception) -> str:
    if isinstance(error, BaseValidationError):
        return "; ".join(transform_error(error, "message"))
    return str(error)
