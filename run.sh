#!/usr/bin/env bash
# Builds Tidemill and backtests the built-in sample: the main job. Needs Rust and a C compiler.
#
#   ./run.sh [CONFIG.toml]   the report goes to the folder report/
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. scripts/needs.sh

needs_rust
needs_c_compiler
needs_stop

out=report
# Without the commands that fetch and query data, which are most of a whole build.
cargo run --locked --release -p tidemill-cli --no-default-features --bin tidemill -- backtest --out "$out" "$@"

echo "Open in a browser: $PWD/$out/report.html"
