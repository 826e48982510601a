"""What deploy/ writes is what a server reads, serves and needs."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from dealgate.settings import Settings
from dealgate.settings.faults import OTHERS, variables
from dealgate.telemetry import names
from dealgate.telemetry.scrape import prometheus_name

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
FILES = [
    path
    for folder in ("container", "compose", "kubernetes", "systemd")
    for path in sorted((DEPLOY / folder).iterdir())
]
SETTING = re.compile(r"DEALGATE_[A-Z_]+")
KNOWN = {*variables(), *OTHERS}
LONGEST = Settings.model_fields["lame_duck"].default + Settings.model_fields["grace"].default


def resources() -> dict[str, Any]:
    """Return what is applied to Kubernetes, by kind."""
    folder = DEPLOY / "kubernetes"
    listed = yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]
    documents = [yaml.safe_load((folder / name).read_text()) for name in listed]
    assert {path.name for path in folder.iterdir()} == {*listed, "kustomization.yaml", "README.md"}
    return {document["kind"]: document for document in documents}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_settings_are_known(path: Path) -> None:
    """Every DEALGATE_* that is set, or talked about, is read by a server."""
    assert set(SETTING.findall(path.read_text())) <= KNOWN


def test_kubernetes_fits_together() -> None:
    """Selectors select the pods, probes and services ask ports that are there."""
    kinds = resources()
    pod = kinds["Deployment"]["spec"]["template"]
    labels = pod["metadata"]["labels"]
    container = pod["spec"]["containers"][0]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert kinds["Service"]["spec"]["selector"] == labels
    assert kinds["Service"]["spec"]["ports"][0]["targetPort"] in ports
    assert kinds["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    assert kinds["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"] == labels
    for probe in ("startupProbe", "readinessProbe"):
        assert container[probe]["grpc"]["port"] == ports["grpc"]
    assert container["livenessProbe"]["tcpSocket"]["port"] == ports["grpc"]
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert pod["spec"]["securityContext"]["runAsNonRoot"] is True


def test_whoever_stops_a_server_waits_for_it() -> None:
    """Kubernetes, compose and systemd kill no sooner than lame duck and grace have passed."""
    pod = resources()["Deployment"]["spec"]["template"]["spec"]
    compose = yaml.safe_load((DEPLOY / "compose/compose.yaml").read_text())
    unit = (DEPLOY / "systemd/dealgate.service").read_text()
    given = [
        pod["terminationGracePeriodSeconds"],
        int(compose["services"]["dealgate"]["stop_grace_period"].removesuffix("s")),
        int(unit.partition("TimeoutStopSec=")[2].partition("\n")[0]),
    ]
    assert min(given) > LONGEST


def test_the_autoscaler_asks_for_a_metric_that_is_told() -> None:
    """What scales is made of a histogram that servers expose."""
    text = (DEPLOY / "kubernetes/autoscaler.yaml").read_text()
    assert f"{prometheus_name(names.LOOP_LAG)}_bucket" in text
    metric = resources()["HorizontalPodAutoscaler"]["spec"]["metrics"][0]["pods"]["metric"]["name"]
    assert f"as: {metric}}}" in text


def test_the_image_copies_what_is_there() -> None:
    """Every file that the recipe copies is in the checkout, and the user has no name of ours."""
    recipe = (DEPLOY / "container/Containerfile").read_text()
    for line in recipe.splitlines():
        if line.startswith("COPY") and "--from" not in line:
            *sources, _ = [word for word in line.split()[1:] if not word.startswith("--")]
            assert all((ROOT / source).exists() for source in sources), line
    assert "USER 10001" in recipe


def test_compose_mounts_what_is_there() -> None:
    """Relative paths in compose.yaml lead to files of the checkout."""
    compose = yaml.safe_load((DEPLOY / "compose/compose.yaml").read_text())
    for service in compose["services"].values():
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            if source.startswith("."):
                assert (DEPLOY / "compose" / source).resolve().exists(), source


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not here")
def test_kustomize_renders() -> None:
    """Kustomize makes one set of resources of it."""
    command = ["kubectl", "kustomize", str(DEPLOY / "kubernetes")]
    rendered = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    kinds = [document["kind"] for document in yaml.safe_load_all(rendered.stdout)]
    assert sorted(kinds) == sorted([*resources(), "ConfigMap"])


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    """Systemd knows every directive of the unit; only the program is another one here."""
    unit = (DEPLOY / "systemd/dealgate.service").read_text()
    (tmp_path / "dealgate.service").write_text(
        unit.replace("/opt/dealgate/bin/dealgate", "/bin/true")
    )
    command = ["systemd-analyze", "verify", str(tmp_path / "dealgate.service")]
    told = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    complaints = [line for line in told.stderr.splitlines() if "dealgate.service" in line]
    assert complaints == []
