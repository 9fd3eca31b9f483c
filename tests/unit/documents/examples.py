"""Documents that use every property once, for the models and their schemas."""

from __future__ import annotations

from typing import Any

LINUX: dict[str, Any] = {
    "namespaces": [{"type": "pid"}, {"type": "network", "path": "/run/netns/blue"}, {"type": "user"}],
    "uidMappings": [{"containerID": 0, "hostID": 70000, "size": 4096}],
    "gidMappings": [{"containerID": 0, "hostID": 80000, "size": 4294967295}],
    "timeOffsets": {"boottime": {"secs": -7, "nanosecs": 5}, "monotonic": {}},
    "devices": [
        {"type": "c", "path": "/dev/kvm", "major": 10, "minor": 232, "fileMode": 432, "uid": 7, "gid": 8},
        {"type": "p", "path": "/run/pipe"},
    ],
    "netDevices": {"veth7": {"name": "uplink%d"}, "veth8": {}},
    "cgroupsPath": "/blue/c1",
    "resources": {
        "devices": [
            {"allow": False, "access": "rwm"},
            {"allow": True, "type": "b", "major": 7, "minor": 0, "access": "r"},
        ],
        "memory": {
            "limit": 33554432,
            "reservation": 16777216,
            "swap": -1,
            "kernel": -1,
            "kernelTCP": 4096,
            "swappiness": 100,
            "disableOOMKiller": True,
            "useHierarchy": False,
            "checkBeforeUpdate": True,
        },
        "cpu": {
            "shares": 512,
            "quota": 20000,
            "burst": 10000,
            "period": 50000,
            "realtimeRuntime": 1000,
            "realtimePeriod": 1000000,
            "cpus": "0-1,3",
            "mems": "0",
            "idle": 1,
        },
        "blockIO": {
            "weight": 300,
            "leafWeight": 200,
            "weightDevice": [{"major": 8, "minor": 1, "leafWeight": 10}, {"major": 8, "minor": 2, "weight": 9}],
            "throttleReadBpsDevice": [{"major": 8, "minor": 1, "rate": 1}],
            "throttleWriteBpsDevice": [{"major": 8, "minor": 1, "rate": 2}],
            "throttleReadIOPSDevice": [{"major": 8, "minor": 1, "rate": 3}],
            "throttleWriteIOPSDevice": [{"major": 8, "minor": 1, "rate": 18446744073709551615}],
        },
        "hugepageLimits": [{"pageSize": "1GB", "limit": 0}],
        "network": {"classID": 4294967295, "priorities": [{"name": "lo", "priority": 9}]},
        "pids": {"limit": 0},
        "rdma": {"mlx7": {"hcaHandles": 1}, "mlx8": {"hcaObjects": 2}},
        "unified": {"memory.high": "max"},
    },
    "intelRdt": {
        "closID": "/",
        "l3CacheSchema": "L3:0=1",
        "memBwSchema": "MB:0=10",
        "schemata": ["L2:0=3"],
        "enableCMT": True,
        "enableMBM": False,
        "enableMonitoring": True,
    },
    "memoryPolicy": {"mode": "MPOL_BIND", "nodes": "0", "flags": ["MPOL_F_STATIC_NODES"]},
    "sysctl": {"kernel.msgmax": "4096"},
    "seccomp": {
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": 38,
        "architectures": ["SCMP_ARCH_AARCH64"],
        "flags": ["SECCOMP_FILTER_FLAG_LOG"],
        "listenerPath": "/run/agent.sock",
        "listenerMetadata": "tag",
        "syscalls": [
            {
                "names": ["mount"],
                "action": "SCMP_ACT_NOTIFY",
                "errnoRet": 1,
                "args": [{"index": 1, "value": 18446744073709551615, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}],
            }
        ],
    },
    "rootfsPropagation": "unbindable",
    "maskedPaths": ["/proc/keys"],
    "readonlyPaths": ["/proc/irq"],
    "mountLabel": "a:b:c:s0",
    "personality": {"domain": "LINUX32", "flags": []},
}

CONFIG: dict[str, Any] = {
    "ociVersion": "1.3.0-rc.1+build.07",
    "root": {"path": "rootfs", "readonly": True},
    "mounts": [
        {"destination": "/proc", "type": "proc", "source": "proc", "options": ["ro"]},
        {
            "destination": "/in",
            "source": "data",
            "options": ["bind", "idmap"],
            "uidMappings": [{"containerID": 0, "hostID": 1, "size": 1}],
            "gidMappings": [],
        },
    ],
    "process": {
        "terminal": True,
        "consoleSize": {"height": 24, "width": 0},
        "cwd": "/srv",
        "env": ["A=1"],
        "args": ["/bin/true"],
        "commandLine": "true",
        "user": {"uid": 5, "gid": 6, "umask": 63, "additionalGids": [7], "username": "u"},
        "rlimits": [{"type": "RLIMIT_CORE", "soft": 0, "hard": 18446744073709551615}],
        "apparmorProfile": "p",
        "capabilities": {
            name: ["CAP_KILL"] for name in ("effective", "bounding", "inheritable", "permitted", "ambient")
        },
        "noNewPrivileges": True,
        "oomScoreAdj": -10,
        "scheduler": {
            "policy": "SCHED_DEADLINE",
            "nice": -5,
            "priority": 0,
            "flags": ["SCHED_FLAG_RECLAIM"],
            "runtime": 1,
            "deadline": 2,
            "period": 3,
        },
        "selinuxLabel": "a:b:c:s0",
        "ioPriority": {"class": "IOPRIO_CLASS_BE", "priority": 0},
        "execCPUAffinity": {"initial": "1", "final": ""},
    },
    "hostname": "blue",
    "domainname": "test",
    "hooks": {
        kind: [{"path": "/bin/hook", "args": ["hook"], "env": ["K=V"], "timeout": 1}]
        for kind in ("prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop")
    },
    "annotations": {"org.example.key": ""},
    "linux": LINUX,
    "freebsd": {
        "devices": [{"path": "bpf", "mode": 384}],
        "jail": {
            "parent": "p",
            "host": "new",
            "ip4": "inherit",
            "ip4Addr": ["192.0.2.1"],
            "ip6": "disable",
            "ip6Addr": ["2001:db8::1"],
            "vnet": "inherit",
            "interface": "lo1",
            "vnetInterfaces": ["epair0b"],
            "sysvmsg": "new",
            "sysvsem": "inherit",
            "sysvshm": "disable",
            "enforceStatfs": 2,
            "allow": {
                "setHostname": True,
                "rawSockets": True,
                "chflags": True,
                "mount": ["devfs"],
                "quotas": True,
                "socketAf": True,
                "mlock": True,
                "reservedPorts": True,
                "suser": True,
            },
        },
    },
    "solaris": {
        "milestone": "svc:/milestone/x:default",
        "limitpriv": "basic",
        "maxShmMemory": "1g",
        "cappedCPU": {"ncpus": ".5"},
        "cappedMemory": {"physical": "1g", "swap": "2g"},
        "anet": [
            {
                "linkname": "net7",
                "lowerLink": "net8",
                "allowedAddress": "192.0.2.2/24",
                "configureAllowedAddress": "false",
                "defrouter": "192.0.2.1",
                "macAddress": "auto",
                "linkProtection": "restricted",
            }
        ],
    },
    "windows": {
        "layerFolders": ["C:\\layers\\top"],
        "devices": [{"id": "5B45201D-F2F2-4F3B-85BB-30FF1F953599", "idType": "class"}],
        "resources": {
            "memory": {"limit": 1},
            "cpu": {"count": 2, "shares": 10000, "maximum": 65535, "affinity": [{"mask": 3, "group": 0}]},
            "storage": {"iops": 1, "bps": 2, "sandboxSize": 3},
        },
        "network": {
            "endpointList": ["e"],
            "allowUnqualifiedDNSQuery": False,
            "DNSSearchList": ["example.org"],
            "networkSharedContainerName": "c",
            "networkNamespace": "n",
        },
        "credentialSpec": {"anything": [1]},
        "servicing": True,
        "ignoreFlushesDuringBoot": False,
        "hyperv": {"utilityVMPath": "C:\\uvm"},
    },
    "zos": {
        "namespaces": [{"type": "ipc", "path": "/proc/2/ns/ipc"}],
        "devices": [
            {"type": "c", "path": "/dev/one", "major": 1, "minor": 5, "fileMode": 432},
            {"type": "p", "path": "/f"},
        ],
    },
    "vm": {
        "hypervisor": {"path": "/bin/vmm", "parameters": ["a"]},
        "kernel": {"path": "/boot/k", "parameters": ["b"], "initrd": "/boot/i"},
        "image": {"path": "/boot/r", "format": "qcow2"},
        "hwConfig": {
            "deviceTree": "/boot/d",
            "vcpus": 2,
            "memory": 1,
            "dtdevs": ["soc/x"],
            "iomems": [{"firstGFN": 1, "firstMFN": 2, "nrMFNs": 3}],
            "irqs": [4],
        },
    },
}

STATE: dict[str, Any] = {
    "ociVersion": "1.2.1",
    "id": "c1",
    "status": "paused",
    "pid": 7,
    "bundle": "/b",
    "annotations": {"k": "v"},
}

FEATURES: dict[str, Any] = {
    "ociVersionMin": "1.0.0",
    "ociVersionMax": "1.3.0",
    "hooks": ["poststop"],
    "mountOptions": None,
    "linux": {
        "namespaces": ["pid"],
        "capabilities": [],
        "cgroup": {"v1": None, "v2": True, "systemd": False, "systemdUser": False, "rdma": True},
        "seccomp": {
            "enabled": True,
            "actions": ["SCMP_ACT_LOG"],
            "operators": [],
            "archs": None,
            "knownFlags": [],
            "supportedFlags": [],
        },
        "apparmor": {"enabled": False},
        "selinux": None,
        "memoryPolicy": {"modes": ["MPOL_LOCAL"], "flags": []},
        "intelRdt": {"enabled": True, "schemata": True, "monitoring": False},
        "mountExtensions": {"idmap": {"enabled": True}},
        "netDevices": {"enabled": True},
    },
    "annotations": {"org.example.version": "7"},
    "potentiallyUnsafeConfigAnnotations": ["org.example."],
}

DOCUMENTS: dict[str, dict[str, Any]] = {"config": CONFIG, "state": STATE, "features": FEATURES}
