#!/bin/busybox sh
# The guest's first program: load modules, put the host's files below a layer of memory, go on in Python.
# It fails by ending: the kernel then panics and the machine is over, with the reason on the console.
set -e
export PATH=/bin
/bin/busybox mkdir -p /dev /proc /host /layer /root
/bin/busybox --install -s /bin
mount -t devtmpfs dev /dev
mount -t proc proc /proc
while read -r module; do
    insmod "/modules/$module"
done </modules/order
ip link set lo up
mount -t virtiofs host /host
mount -t tmpfs -o mode=0755 layer /layer
mkdir /layer/upper /layer/work
mount -t overlay -o lowerdir=/host,upperdir=/layer/upper,workdir=/layer/work overlay /root
mkdir -p /root/dev /root/proc /root/sys /root/tmp /root/run
mount -t tmpfs -o mode=0755,nosuid,nodev run /root/run
cp -r /machine /root/run/machine
mkdir /root/run/machine/host
mount --move /host /root/run/machine/host
mount --move /dev /root/dev
mount --move /proc /root/proc
read -r python </machine/python
exec switch_root /root "$python" -I -S -B /run/machine/guest
