#!/bin/bash
# What action.yml runs: install, certify, say the verdict. Its inputs are in the environment and never part of a command's text.
set -euo pipefail

out=oci-conformance
python3 -m venv "$RUNNER_TEMP/pytest-oci"
bin=$RUNNER_TEMP/pytest-oci/bin
"$bin/pip" install --quiet "${PACKAGE:-$GITHUB_ACTION_PATH[certify,registry,zstd]}"

as_root=()
if [ "$AS_ROOT" = true ] && [ "$(id -u)" != 0 ]; then
    as_root=(sudo -E)
fi
read -r -a options <<<"$OPTIONS"
status=0
"${as_root[@]}" "$bin/pytest-oci" certify --product "$PRODUCT" -o "$out" "${options[@]}" || status=$?
if [ "$status" != 0 ] && [ "$status" != 1 ]; then
    exit "$status"
fi
if [ "${#as_root[@]}" != 0 ]; then
    sudo chown -R "$(id -u):$(id -g)" "$out"
fi

for folder in "$out"/*/v*/*/; do
    "$bin/pytest-oci" summary "$folder" >>"${GITHUB_STEP_SUMMARY:-/dev/stdout}"
    "$bin/pytest-oci" review "$folder"
    verdict=$(sed -n 's/^verdict: "\(.*\)"$/\1/p' "$folder/results.yaml")
    echo "verdict=$verdict" >>"${GITHUB_OUTPUT:-/dev/stdout}"
done
if [ "$REQUIRE" = true ]; then
    exit "$status"
fi
