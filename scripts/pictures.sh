#!/usr/bin/env bash
# Draws the pictures of the strategies' pages from their configurations, each by the command that
# stands in it.
#
#   scripts/pictures.sh [NAME...]   all of docs/strategies/configurations/ without a name
#
# The recorded data sets are looked for where TIDEMILL_DATA says, else in ../shared/data; a picture
# whose data set is not there stays as it is. TIDEMILL is the command to draw with, which is built
# where none is given.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

configurations=docs/strategies/configurations
tapes=target/recorded-tapes

if [ -z "${TIDEMILL:-}" ]; then
    cargo build --locked --release -p tidemill-cli --no-default-features --bin tidemill
    TIDEMILL=${CARGO_TARGET_DIR:-target}/release/tidemill
fi
if [ ! -d "$tapes" ]; then
    cargo run --locked --quiet -p tidemill-replay --example recorded_tapes -- "$tapes"
fi

[ "$#" -gt 0 ] || set -- $(basename -s .toml "$configurations"/*.toml)
for name in "$@"; do
    config=$configurations/$name.toml
    tape=$(sed -n 's/^tape = "\(.*\)"$/\1/p' "$config")
    if [ -n "$tape" ] && [ ! -e "$configurations/$tape" ]; then
        echo "left out: $name, whose data set is not there"
        continue
    fi
    # The command: `tidemill` and words without spaces.
    read -ra words < <(sed -n 's/^#   tidemill //p' "$config")
    "$TIDEMILL" "${words[@]}" >"${TMPDIR:-/tmp}/picture.$$.log" ||
        { cat "${TMPDIR:-/tmp}/picture.$$.log"; exit 1; }
    rm -f "${TMPDIR:-/tmp}/picture.$$.log"
    echo "$name"
done
