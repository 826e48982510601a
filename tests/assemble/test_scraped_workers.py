"""Each of several workers is scraped at a port of its own, whichever setting says where."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from dealgate.assemble.worker_process import WORKER, restarts
from dealgate.assemble.workers import scraped
from dealgate.settings import Settings

BY_VARIABLES = {"OTEL_METRICS_EXPORTER": "prometheus", "OTEL_EXPORTER_PROMETHEUS_PORT": "9464"}


@pytest.mark.parametrize(
    ("listen", "environ", "told"),
    [
        ("", {}, {}),
        ("127.0.0.1:9464", {}, {"DEALGATE_METRICS_LISTEN": "127.0.0.1:9466"}),
        ("", BY_VARIABLES, {"OTEL_EXPORTER_PROMETHEUS_PORT": "9466"}),
        (
            "localhost:9464",
            BY_VARIABLES,
            {
                "DEALGATE_METRICS_LISTEN": "localhost:9466",
                "OTEL_EXPORTER_PROMETHEUS_PORT": "9466",
            },
        ),
    ],
)
def test_ports_follow_each_other(
    listen: str, environ: Mapping[str, str], told: Mapping[str, str]
) -> None:
    """The third worker has the third."""
    assert scraped(Settings(metrics_listen=listen), 3, environ) == told


def test_where_there_is_no_port_it_is_said_at_the_start(tmp_path: Path) -> None:
    """With the cure, not by a worker that ends."""
    with pytest.raises(ValueError, match="would be scraped at port 65536; set a lower first one"):
        scraped(Settings(metrics_listen="127.0.0.1:65535"), 2, {})
    with pytest.raises(ValueError, match="unset one of them"):
        scraped(Settings(metrics_listen="127.0.0.1:9999"), 1, BY_VARIABLES)
    file = tmp_path / "otel.yaml"
    reader = "{pull: {exporter: {prometheus/development: {port: 9464}}}}"
    file.write_text(f'file_format: "1.0"\nmeter_provider: {{readers: [{reader}]}}\n')
    with pytest.raises(ValueError, match="delete the reader, and set DEALGATE_METRICS_LISTEN"):
        scraped(Settings(), 1, {"OTEL_CONFIG_FILE": str(file)})


def test_a_worker_knows_how_often_it_was_restarted() -> None:
    """A server that is alone never was."""
    assert restarts({WORKER: "7,8,3"}) == 3
    assert restarts({}) == 0
