"""Options and their ini twins, read once into one frozen object. Every usage error of an option is raised here."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from pytest_oci.kinds import unclaimed

if TYPE_CHECKING:
    from collections.abc import Mapping

TARGETS = (
    "runtime",
    "bundle",
    "document",
    "converter",
    "engine",
    "copier",
    "builder",
    "artifact-tool",
    "layout",
    "image",
    "registry",
    "client",
)
"""The options that name a product; `image` names a layout that an engine has to give, which is judged in its place."""
REPEATED = (
    "runtime",
    "bundle",
    "converter",
    "copier",
    "builder",
    "artifact-tool",
    "layout",
    "image",
    "engine",
    "engine-load",
    "engine-run",
    "engine-remove",
    "ref",
    "platform",
    "registry",
    "seeded",
    "client",
)
"""Options that a reproduce line repeats as they were given."""
CLIENT_OPERATIONS = ("push", "tags", "delete", "referrers", "clean")
"""What a client can be asked for beside pulling, each with an option `--oci-client-NAME` of its own."""
WORKFLOWS = ("pull", "push", "discovery", "management")
"""What a registry can be claimed to support (distribution-spec spec.md, "Workflow Categories")."""
NAMESPACE = "pytest-oci"
OPERATION_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Option:
    """An option `--oci-NAME` and its ini twin `oci_NAME`."""

    name: str
    metavar: str
    help: str
    repeatable: bool = False
    flag: bool = False

    @property
    def dest(self) -> str:
        """Attribute on pytest's namespace, and name in the ini file."""
        return f"oci_{self.name.replace('-', '_')}"


OPTIONS = (
    Option("runtime", "NAME_OR_PATH", "Judge this container runtime: a name on PATH or the path of its executable"),
    Option("bundle", "DIR", "Judge this bundle: the directory that holds config.json"),
    Option("bundle-to-start", "", "The bundle is meant to be started: it needs a process", flag=True),
    Option(
        "document",
        "KIND:FILE",
        "Judge this JSON file; KIND is config, state or features (repeatable)",
        repeatable=True,
    ),
    Option(
        "converter", "TEMPLATE", "Judge this converter: a command with {layout}, {ref}, {bundle}, {rootfs}, {platform}"
    ),
    Option("copier", "TEMPLATE", "Judge this copier: a command with {source}, {target}, {ref}"),
    Option(
        "builder",
        "TEMPLATE",
        "Judge this builder: a command with {context}, {file}, {layout}, {ref}, {base}, {storage}",
    ),
    Option(
        "artifact-tool", "TEMPLATE", "Judge this artifact tool: a command with {file}, {type}, {media}, {layout}, {ref}"
    ),
    Option("layout", "DIR_OR_TAR", "Judge this image layout: a directory or an archive; `demo` is the built-in one"),
    Option("image", "REF", "Judge this image of a running engine; needs --oci-engine"),
    Option(
        "engine",
        "NAME",
        "Judge this engine: docker, podman, ctr, or any by templates; with --oci-image, where that comes from",
    ),
    Option(
        "engine-load", "TEMPLATE", "How an engine gets an image: a command with {archive} or {layout}, {image}, {ref}"
    ),
    Option("engine-run", "TEMPLATE", "How an engine runs one: a command with {recorder}, {image}, {id}"),
    Option("engine-remove", "TEMPLATE", "How a container and its image are removed: a command with {image}, {id}"),
    Option("ref", "NAME", "Of a layout, only judge what has this name in index.json"),
    Option("platform", "OS/ARCH[/VARIANT]", "Of a layout, only judge the manifests for this platform"),
    Option("limit", "NAME=NUMBER", "Set a limit for reading a layout (repeatable)", repeatable=True),
    Option("registry", "URL", "Judge this registry; `demo` is the built-in one, which keeps every clause"),
    Option("namespace", "NAME", "Begin the names of repositories in the registry so (default: pytest-oci)"),
    Option("workflow", "LIST", "What the registry supports, of pull,push,discovery,management (default: all)"),
    Option("seeded", "FILE", "TOML file of what a registry holds to which nothing can be pushed"),
    Option("registry-ca", "FILE", "Certificate authorities that the registry is trusted by"),
    Option("registry-unverified", "", "Trust the registry whatever its certificate says", flag=True),
    Option("registry-header", "NAME=VARIABLE", "Send this header, its value from the environment", repeatable=True),
    Option(
        "client",
        "NAME_OR_TEMPLATE",
        "Judge this client: skopeo, podman, buildah, docker, or a command that pulls {reference}",
    ),
    Option("client-push", "TEMPLATE", "How it pushes {layout} or {archive} to {reference}"),
    Option("client-tags", "TEMPLATE", "How it lists the tags of {repository}"),
    Option("client-delete", "TEMPLATE", "How it deletes {reference}"),
    Option("client-referrers", "TEMPLATE", "How it lists what refers to {reference}"),
    Option("client-clean", "TEMPLATE", "What removes what it keeps elsewhere, after each of these"),
    Option("runtime-arg", "ARG", "Global argument for every call of the runtime (repeatable)", repeatable=True),
    Option("runtime-profile", "FILE", "TOML file that says how the runtime spells its operations"),
    Option("timeout", "SECONDS", "Limit for one operation of the product (default: 10)"),
    Option("clause", "ID_OR_GLOB", "Only judge clauses that match (repeatable)", repeatable=True),
    Option(
        "spec-version", "[SPEC:]X.Y", "Version that the product claims to keep (default: the newest)", repeatable=True
    ),
    Option("deviations", "FILE", "TOML file of declared, reasoned, expiring exceptions"),
    Option("ledger", "FILE", "Write the record of the run: JSON lines with header, observations, results and footer"),
    Option("replay", "LEDGER", "Judge the observations of an earlier run again, without the product"),
    Option("require", "VERDICT", "Exit with 1 unless the verdict is this one: conformant"),
    Option("prove", "", "Prove the tests: run them against products with one fault each", flag=True),
    Option("tap", "FILE", "Write the results as TAP version 14, one test point a clause"),
)


def naming(*, values: bool = False) -> str:
    """The options that name a product, for a message; `image` alone names none. `values` shows what each is given."""
    given = {option.name: f"={option.metavar}" if values else "" for option in OPTIONS}
    *most, last = (f"--oci-{name}{given[name]}" for name in TARGETS if name != "image")
    return f"{', '.join(most)} or {last}"


def add_options(parser: pytest.Parser) -> None:
    """Declare every option and its ini twin."""
    group = parser.getgroup("oci", "OCI conformance")
    for option in OPTIONS:
        if option.flag:
            group.addoption(f"--oci-{option.name}", dest=option.dest, action="store_true", help=option.help)
            parser.addini(option.dest, option.help, type="bool", default=False)
        elif option.repeatable:
            group.addoption(
                f"--oci-{option.name}", dest=option.dest, action="append", metavar=option.metavar, help=option.help
            )
            parser.addini(option.dest, option.help, type="args", default=[])
        else:
            group.addoption(f"--oci-{option.name}", dest=option.dest, metavar=option.metavar, help=option.help)
            parser.addini(option.dest, option.help, default=None)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user asked for."""

    runtime: str | None
    bundle: str | None
    document: tuple[str, ...]
    converter: str | None
    copier: str | None
    builder: str | None
    artifact_tool: str | None
    layout: str | None
    image: str | None
    engine: str | None
    engine_load: str | None
    engine_run: str | None
    engine_remove: str | None
    ref: str | None
    platform: str | None
    limits: tuple[str, ...]
    registry: str | None
    namespace: str
    workflows: frozenset[str]
    seeded: str | None
    registry_ca: str | None
    registry_unverified: bool
    registry_headers: tuple[str, ...]
    client: str | None
    client_operations: Mapping[str, str]
    bundle_to_start: bool
    runtime_args: tuple[str, ...]
    runtime_profile: str | None
    timeout: float
    clauses: tuple[str, ...]
    claimed: Mapping[str, str]
    versions_given: bool
    deviations: str | None
    ledger: str | None
    replay: str | None
    replayed: frozenset[str]
    require: str | None
    prove: bool
    tap: str | None

    @property
    def targets(self) -> frozenset[str]:
        """Kinds of targets that were given, or that the replayed ledger is about."""
        return self.replayed.union(kinds_of({name for name in TARGETS if self.given(name)}))

    def given(self, option: str) -> object:
        """The value of an option that the user gave."""
        return getattr(self, option.replace("-", "_"))

    def command_line(self) -> list[str]:
        """The options that name the product and the claim, to be repeated in a reproduce line."""
        words = [f"--oci-{name}={value}" for name in REPEATED if (value := self.given(name))]
        words += [f"--oci-limit={limit}" for limit in self.limits]
        words += [f"--oci-registry-ca={self.registry_ca}"] if self.registry_ca else []
        words += ["--oci-registry-unverified"] if self.registry_unverified else []
        words += [f"--oci-registry-header={header}" for header in self.registry_headers]
        words += [f"--oci-workflow={','.join(sorted(self.workflows))}"] if len(self.workflows) < len(WORKFLOWS) else []
        words += [f"--oci-namespace={self.namespace}"] if self.namespace != NAMESPACE else []
        words += [f"--oci-client-{name}={template}" for name, template in self.client_operations.items()]
        words += [f"--oci-document={given}" for given in self.document]
        words += ["--oci-bundle-to-start"] if self.bundle_to_start else []
        words += [f"--oci-replay={self.replay}"] if self.replay else []
        words += [f"--oci-timeout={self.timeout:g}"] if self.timeout != OPERATION_SECONDS else []
        words += [f"--oci-runtime-arg={argument}" for argument in self.runtime_args]
        if self.runtime_profile:
            words.append(f"--oci-runtime-profile={self.runtime_profile}")
        from pytest_oci.catalogue import VERSIONS, newest

        for spec, version in self.claimed.items():
            if version != newest(spec) or spec in unclaimed(self.targets, ()):
                short = next(minor for minor, full in VERSIONS[spec].items() if full == version)
                words.append(f"--oci-spec-version={spec}:{short}")
        return words


def kinds_of(named: set[str]) -> set[str]:
    """The kinds of targets that these options name: an image stands for a layout, its engine for nothing more."""
    return {"layout" if name == "image" else name for name in named if name != "engine" or "image" not in named}


def wanted(config: pytest.Config) -> bool:
    """Whether there is a run: the cheap question that every unrelated use of pytest answers with no.

    Something was asked on the command line, or the ini file names a target and the command line paths.
    """
    if hasattr(config, "workerinput"):
        return "oci_active" in config.workerinput
    if asked(config):
        return True
    explicit = config.args_source is pytest.Config.ArgsSource.ARGS
    return explicit and any(config.getini(option.dest) for option in OPTIONS if option.name in (*TARGETS, "replay"))


def replayed_kinds(ledger: str | None) -> frozenset[str]:
    """The kinds of targets that a ledger is about, by its first line; whether it is whole is seen when it is read."""
    if not ledger:
        return frozenset()
    from pytest_oci.ledger import kinds_in

    return kinds_in(ledger) or frozenset({"runtime"})


def asked(config: pytest.Config) -> bool:
    """Whether the command line has any of the options."""
    return any(getattr(config.option, option.dest, None) for option in OPTIONS)


def _value(config: pytest.Config, option: Option) -> object:
    given = getattr(config.option, option.dest, None)
    return given or config.getini(option.dest)


def read_settings(config: pytest.Config) -> Settings:
    """All settings, validated. Raises pytest.UsageError in one line that says how to mend it."""
    values = {option.dest.removeprefix("oci_"): _value(config, option) for option in OPTIONS}
    patterns = _texts(values["clause"])
    _check_patterns(patterns)
    require = values["require"]
    if require not in (None, "", "conformant"):
        raise pytest.UsageError(f"--oci-require={require}: the only verdict that can be required is conformant")
    versions = _texts(values["spec_version"])
    settings = Settings(
        runtime=_text(values["runtime"]),
        bundle=_text(values["bundle"]),
        document=_texts(values["document"]),
        converter=_text(values["converter"]),
        copier=_text(values["copier"]),
        builder=_text(values["builder"]),
        artifact_tool=_text(values["artifact_tool"]),
        layout=_text(values["layout"]),
        image=_text(values["image"]),
        engine=_text(values["engine"]),
        engine_load=_text(values["engine_load"]),
        engine_run=_text(values["engine_run"]),
        engine_remove=_text(values["engine_remove"]),
        ref=_text(values["ref"]),
        platform=_text(values["platform"]),
        limits=_texts(values["limit"]),
        registry=_text(values["registry"]),
        namespace=_namespace(_text(values["namespace"])),
        workflows=_workflows(_text(values["workflow"])),
        seeded=_text(values["seeded"]),
        registry_ca=_text(values["registry_ca"]),
        registry_unverified=bool(values["registry_unverified"]),
        registry_headers=_texts(values["registry_header"]),
        client=_text(values["client"]),
        client_operations={
            name: template for name in CLIENT_OPERATIONS if (template := _text(values[f"client_{name}"])) is not None
        },
        bundle_to_start=bool(values["bundle_to_start"]),
        runtime_args=_texts(values["runtime_arg"]),
        runtime_profile=_text(values["runtime_profile"]),
        timeout=_seconds(values["timeout"]),
        clauses=patterns,
        claimed=_claimed(versions),
        versions_given=bool(versions),
        deviations=_text(values["deviations"]),
        ledger=_text(values["ledger"]),
        replay=_text(values["replay"]),
        replayed=replayed_kinds(_text(values["replay"])),
        require=_text(require),
        prove=bool(values["prove"]),
        tap=_text(values["tap"]),
    )
    left_out = unclaimed(settings.targets, {text.rpartition(":")[0] for text in versions})
    return replace(
        settings, claimed={spec: version for spec, version in settings.claimed.items() if spec not in left_out}
    )


def _text(value: object) -> str | None:
    return str(value) if value else None


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else ()


def _seconds(value: object) -> float:
    if not value:
        return OPERATION_SECONDS
    try:
        seconds = float(str(value))
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 3600:
        raise pytest.UsageError(f"--oci-timeout={value}: has to be a number of seconds between 0 and 3600")
    return seconds


def _workflows(value: str | None) -> frozenset[str]:
    """What is claimed of a registry: pulling always is, since all who keep the specification support it."""
    words = value.split(",") if value else list(WORKFLOWS)
    for word in words:
        if word not in WORKFLOWS:
            raise pytest.UsageError(f"--oci-workflow={value}: has to be some of {', '.join(WORKFLOWS)}, with commas")
    return frozenset({"pull", *words})


def _namespace(value: str | None) -> str:
    import re

    if value and not re.fullmatch(r"[a-z0-9]+(?:[._-][a-z0-9]+)*(?:/[a-z0-9]+(?:[._-][a-z0-9]+)*)*", value):
        raise pytest.UsageError(f"--oci-namespace={value}: has to be the beginning of a repository's name")
    return value or NAMESPACE


def _check_patterns(patterns: tuple[str, ...]) -> None:
    if not patterns:
        return
    import difflib

    from pytest_oci.catalogue import load

    known = load()
    for pattern in patterns:
        if not fnmatch.filter(known, pattern):
            close = difflib.get_close_matches(pattern, known, n=1)
            hint = f"; did you mean {close[0]}?" if close else "; `pytest-oci clauses` lists them"
            raise pytest.UsageError(f"--oci-clause={pattern}: no such clause{hint}")


def _claimed(given: tuple[str, ...]) -> Mapping[str, str]:
    from pytest_oci.catalogue import VERSIONS, newest

    claimed = {spec: newest(spec) for spec in VERSIONS}
    named: set[str] = set()
    for text in given:
        spec, _, short = text.rpartition(":")
        specs = [spec] if spec else [name for name in VERSIONS if short in VERSIONS[name]]
        for name in specs:
            if name not in VERSIONS or short not in VERSIONS[name]:
                raise pytest.UsageError(f"--oci-spec-version={text}: {_known_versions()}")
            if name in named:
                raise pytest.UsageError(f"--oci-spec-version={text}: {name} is given twice; claim one version in a run")
            named.add(name)
            claimed[name] = VERSIONS[name][short]
        if not specs:
            raise pytest.UsageError(f"--oci-spec-version={text}: {_known_versions()}")
    return claimed


def _known_versions() -> str:
    from pytest_oci.catalogue import VERSIONS

    return "known are " + ", ".join(f"{spec}:{short}" for spec, minors in VERSIONS.items() for short in minors)
