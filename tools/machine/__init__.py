"""A virtual machine with nothing but cgroup v2, or nothing but cgroup v1, for one command.

`python3 -m tools.machine prepare` once, then `python3 -m tools.machine {v2,v1} -- COMMAND...`, as root on Debian.
The machine shows the host's files (writes go to its memory and are lost with it), runs the command as root and
hands back its output, its exit status, and what it wrote to the directories that `--keep` names.

- `cli`: arguments, errors, exit statuses
- `packages`: what has to be installed, and the guest's kernel
- `initramfs`, `cpio`: what the kernel unpacks and starts (`init.sh`)
- `task`: what the guest is told
- `share`: the host's files as the guest may see them
- `supervise`: starts qemu and virtiofsd, passes on output, ends them
- `guest`: process 1 of the guest

Standard library only: it runs before anything is installed.
"""
