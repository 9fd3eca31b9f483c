"""config-vm.md."""
