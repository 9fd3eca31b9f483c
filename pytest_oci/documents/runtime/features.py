"""What a runtime says it implements (runtime-spec features.md and features-linux.md).

Unlike in config.json, `null` is a value of every property here but for the two versions.
"""

from pytest_oci.documents.base import Annotations, SemVer, WireModel


class CgroupFeatures(WireModel):
    """Support of cgroup managers (features-linux.md, Cgroup)."""

    v1: bool | None = None
    v2: bool | None = None
    systemd: bool | None = None
    systemd_user: bool | None = None
    rdma: bool | None = None


class SeccompFeatures(WireModel):
    """Support of seccomp (features-linux.md, Seccomp)."""

    enabled: bool | None = None
    actions: list[str] | None = None
    operators: list[str] | None = None
    archs: list[str] | None = None
    known_flags: list[str] | None = None
    supported_flags: list[str] | None = None


class Enabled(WireModel):
    """Whether one thing is supported (features-linux.md: AppArmor, SELinux, NetDevices, idmap)."""

    enabled: bool | None = None


class MemoryPolicyFeatures(WireModel):
    """Recognized memory policies (features-linux.md, MemoryPolicy)."""

    modes: list[str] | None = None
    flags: list[str] | None = None


class IntelRdtFeatures(WireModel):
    """Support of Intel RDT (features-linux.md, Intel RDT)."""

    enabled: bool | None = None
    schemata: bool | None = None
    monitoring: bool | None = None


class MountExtensions(WireModel):
    """Support of mount features (features-linux.md, MountExtensions)."""

    idmap: Enabled | None = None


class LinuxFeatures(WireModel):
    """Linux-specific features (features-linux.md)."""

    namespaces: list[str] | None = None
    capabilities: list[str] | None = None
    cgroup: CgroupFeatures | None = None
    seccomp: SeccompFeatures | None = None
    apparmor: Enabled | None = None
    selinux: Enabled | None = None
    memory_policy: MemoryPolicyFeatures | None = None
    intel_rdt: IntelRdtFeatures | None = None
    mount_extensions: MountExtensions | None = None
    net_devices: Enabled | None = None


class Features(WireModel):
    """The features structure (features.md)."""

    oci_version_min: SemVer
    oci_version_max: SemVer
    hooks: list[str] | None = None
    mount_options: list[str] | None = None
    linux: LinuxFeatures | None = None
    annotations: Annotations | None = None
    potentially_unsafe_config_annotations: list[str] | None = None
