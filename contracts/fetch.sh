#!/bin/sh
# Fetches and compiles the contracts that the tests run. Quick when everything is up to date.
set -eu
for tool in node npm tar; do
    if ! command -v "$tool" >/dev/null 2>&1; then
        echo "contracts: $tool is missing; install it with: apt-get install nodejs npm tar" >&2
        exit 1
    fi
done
exec node "$(dirname "$0")/build.mjs"
