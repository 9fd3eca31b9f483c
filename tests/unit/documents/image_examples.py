"""Documents of the image and the distribution specification that use every property once, and faults in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

ABSENT = object()
SHA256 = f"sha256:{'0a' * 32}"
SHA512 = f"sha512:{'0b' * 64}"
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
INDEX_TYPE = "application/vnd.oci.image.index.v1+json"
EMPTY_TYPE = "application/vnd.oci.empty.v1+json"

SMALL: dict[str, Any] = {"mediaType": "text/plain", "digest": SHA256, "size": 0}
DESCRIPTOR: dict[str, Any] = {
    "mediaType": "application/vnd.example.blue+json",
    "digest": SHA512,
    "size": 9223372036854775807,
    "urls": [
        "https://blue@example.org:8080/a%20b/;c?d=e/?#f",
        "urn:blue:1",
        "http://[2001:db8::1]/",
        "x://[::ffff:1.2.3.4]",
    ],
    "annotations": {"org.example.key": "", "": "x"},
    "data": "Ymx1ZQ==",
    "artifactType": "application/vnd.example.sbom",
}
INDEX: dict[str, Any] = {
    "schemaVersion": 2,
    "mediaType": INDEX_TYPE,
    "artifactType": "application/x",
    "manifests": [
        SMALL,
        {
            **DESCRIPTOR,
            "platform": {
                "architecture": "arm64",
                "os": "windows",
                "os.version": "10.0.14393.1066",
                "os.features": ["win32k"],
                "variant": "v8",
                "features": [],
            },
        },
    ],
    "subject": {**DESCRIPTOR, "digest": "multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8"},
    "annotations": {"org.example.key": "blue"},
}
MANIFEST: dict[str, Any] = {
    "schemaVersion": 2,
    "mediaType": MANIFEST_TYPE,
    "artifactType": "application/x",
    "config": {**SMALL, "mediaType": EMPTY_TYPE},
    "layers": [DESCRIPTOR],
    "subject": SMALL,
    "annotations": {},
}
IMAGE_CONFIG: dict[str, Any] = {
    "created": "2015-10-31T22:22:56.015925234Z",
    "author": "Blue <blue@example.org>",
    "architecture": "arm",
    "os": "linux",
    "os.version": "6",
    "os.features": ["x"],
    "variant": "v7",
    "config": {
        "User": "5:6",
        "ExposedPorts": {"80/tcp": {}, "53": {}},
        "Env": ["A=", "B=C=D"],
        "Entrypoint": ["/bin/true"],
        "Cmd": None,
        "Volumes": {"/data": {}},
        "WorkingDir": "/srv",
        "Labels": {"blue": ""},
        "StopSignal": "SIGRTMIN+3",
        "ArgsEscaped": False,
        "Memory": 1,
        "MemorySwap": -1,
        "CpuShares": 2,
        "Healthcheck": {"Test": ["NONE"]},
    },
    "rootfs": {"type": "layers", "diff_ids": [SHA256, SHA512]},
    "history": [
        {
            "created": "2016-12-31t23:59:60-08:00",
            "author": "",
            "created_by": "ADD",
            "comment": None,
            "empty_layer": True,
        },
    ],
}
REFERRERS: dict[str, Any] = {
    **INDEX,
    "manifests": [{**INDEX["manifests"][1], "mediaType": MANIFEST_TYPE}, {**SMALL, "mediaType": INDEX_TYPE}],
}

DOCUMENTS: dict[str, dict[str, Any]] = {
    "descriptor": DESCRIPTOR,
    "index": INDEX,
    "manifest": MANIFEST,
    "image-config": IMAGE_CONFIG,
    "oci-layout": {"imageLayoutVersion": "1.0.0"},
    "referrers": REFERRERS,
    "tag-list": {"name": "blue/red__2/a.b-c", "tags": ["_x", "v1.0-rc.1"]},
    "error-body": {
        "errors": [
            {"code": "NAME_UNKNOWN", "message": "", "detail": None},
            {"code": "TAG_INVALID", "detail": {"x": [1]}},
        ]
    },
}
MINIMAL: dict[str, dict[str, Any]] = {
    "descriptor": SMALL,
    "index": {"schemaVersion": 2, "manifests": []},
    "manifest": {"schemaVersion": 2, "config": SMALL},
    "image-config": {"architecture": "", "os": "", "rootfs": {"type": "layers", "diff_ids": []}},
    "oci-layout": {"imageLayoutVersion": "2"},
    "referrers": {"schemaVersion": 2, "manifests": []},
    "tag-list": {"name": "a", "tags": []},
    "error-body": {"errors": []},
}


def _each(kind: str, paths: Iterable[str], *values: object) -> list[tuple[str, str, object]]:
    """Each of the values at each of the places."""
    return [(kind, path, value) for path in paths for value in values]


_MEDIA_TYPES = ("", "text", "a/b/c", "a/b;c=d", " a/b", "a/b\n", "a/+b", f"a/{'b' * 128}", "ä/b")
_DIGESTS = (
    SHA256.upper(),
    SHA256[:-1],
    f"{SHA256}0",
    f"{SHA256}\n",
    f"sha256:{'0A' * 32}",
    f"sha256:{'g' * 64}",
    SHA512.replace("sha512", "sha256"),
    SHA256.replace("sha256", "sha512"),
    "sha256",
    "sha256:",
    "a++b:c",
    "A:c",
    "a:c.d",
)
_URIS = (
    "example.org",
    "http://example.org/a b",
    "http://é.org",
    "a:%2",
    "a:b\n",
    "http://x:y/",
    "1:x",
    "//x",
    "x://[1::2::3]",
    "x://[0]",
)
_BASE64 = ("Ymx1ZQ", "Ymx1ZQ=", "Ymx1ZR==", "Ym_1ZQ==", "Ymx1\nZQ==", "e30=\n")
_DATES = (
    "yesterday",
    "2015-10-31 22:22:56Z",
    "2015-10-31T22:22:56",
    "2015-02-30T22:22:56Z",
    "2015-13-01T22:22:56Z",
    "2015-10-31T24:00:00Z",
    "2015-10-31T22:22:56.Z",
    "2015-10-31T22:22:56Z\n",
    "2015-10-31T22:22:56+0100",
)
_REQUIRED_OF_CONFIG = ("architecture", "os", "rootfs", "rootfs/type", "rootfs/diff_ids")
_STRINGS_OF_CONFIG = ("config/User", "config/WorkingDir", "config/StopSignal")
_OTHERS_OF_CONFIG = {f"config/{name}" for name in IMAGE_CONFIG["config"]}.difference(_STRINGS_OF_CONFIG)

FAULTS: list[tuple[str, str, object]] = [
    *_each("descriptor", SMALL, ABSENT),
    *_each("descriptor", DESCRIPTOR, None),
    *_each("descriptor", ["mediaType", "artifactType"], *_MEDIA_TYPES),
    *_each("descriptor", ["digest"], *_DIGESTS),
    *_each("descriptor", ["size"], -1, 2**63, "0", True, 1.5),
    *_each("descriptor", ["urls"], "http://example.org", *([uri] for uri in _URIS)),
    *_each("descriptor", ["annotations"], ["a"], {"a": None}, {"a": 1}, ""),
    *_each("descriptor", ["data"], *_BASE64),
    *_each("index", ["schemaVersion", "manifests"], ABSENT),
    *_each("index", INDEX, None),
    *_each("index", ["schemaVersion"], 1, 3, "2", True),
    ("index", "mediaType", MANIFEST_TYPE),
    ("index", "manifests", [SHA256]),
    ("index", "manifests/0/size", ABSENT),
    ("index", "manifests/1/platform/os", ABSENT),
    ("index", "manifests/1/platform/architecture", None),
    ("index", "manifests/1/platform/os.features", "win32k"),
    ("index", "manifests/1/platform/os.version", 10),
    ("index", "manifests/1/platform", "linux/amd64"),
    ("index", "subject/digest", ABSENT),
    *_each("manifest", ["schemaVersion", "config", "artifactType"], ABSENT),
    *_each("manifest", MANIFEST, None),
    ("manifest", "mediaType", INDEX_TYPE),
    ("manifest", "layers", {}),
    ("manifest", "layers/0", None),
    ("manifest", "config/digest", "sha256:00"),
    *_each("image-config", _REQUIRED_OF_CONFIG, ABSENT, None),
    *_each("image-config", ["created", "history/0/created"], *_DATES),
    ("image-config", "rootfs/type", "layers+base"),
    ("image-config", "rootfs/diff_ids/0", SHA256[:-1]),
    *_each("image-config", ["config/Env"], ["A"], ["=A"]),
    *_each("image-config", _STRINGS_OF_CONFIG, 7),
    *_each("image-config", sorted(_OTHERS_OF_CONFIG), "x"),
    *_each("image-config", ["config/ExposedPorts", "config/Volumes"], ["80"], {"80": True}, {"80": {"x": {}}}),
    ("image-config", "config/Labels", {"a": None}),
    ("image-config", "history", {}),
    ("image-config", "history/0/empty_layer", 1),
    *_each("oci-layout", ["imageLayoutVersion"], ABSENT, None, 1),
    ("referrers", "manifests/0/artifactType", ABSENT),
    ("referrers", "manifests/1/digest", ABSENT),
    *_each("tag-list", ["name"], "Blue", "a//b", "a.", "a___b", "a\n", ""),
    *_each("tag-list", ["tags"], None, [".a"], ["a/b"], ["a" * 129], [""], ["a\n"], [1]),
    *_each("error-body", ["errors"], ABSENT, {}),
    *_each("error-body", ["errors/0/code"], ABSENT, "name_unknown", "RANGE_INVALID"),
    ("error-body", "errors/0/message", None),
]
"""Kind, place, and what is put there."""
