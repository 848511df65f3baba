#!/usr/bin/env bash
# Runs every check of the project: the one test command. No arguments.
#
# Needs Rust, a C compiler, Node.js with npm, and the package registries; it says what is missing.
# Exit status: 0 when everything holds, 2 when a tool is missing, another value from what failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. scripts/needs.sh

if [ "$#" -ne 0 ]; then
    echo "usage: ./test.sh   (no arguments)" >&2
    exit 2
fi

cargo_deny_version=0.20.2
tools="${XDG_CACHE_HOME:-$HOME/.cache}/tidemill/tools"
log=$(mktemp)
trap finish EXIT

current_step=
step() {
    current_step=$*
    printf '\n==> [%4d s] %s\n' "$SECONDS" "$*"
}

# However the script ends: where, and the tests' closing lines when there are any.
finish() {
    local status=$?
    if [ "$status" -ne 0 ] && [ -n "$current_step" ]; then
        step "stopped in \"$current_step\" with status $status"
        [ ! -s "$log" ] || closing_lines || true
    fi
    rm -f "$log"
}

# Prints what the caller's step command prints and keeps a copy for the closing lines.
kept() { "$@" 2>&1 | tee -a "$log"; }

# Prints nextest's summary, and the sum of the lines `cargo test` ends each binary with.
closing_lines() {
    awk '
        /Summary.*tests? run:/ { sub(/^ */, ""); print "tests: " $0; seen = 1 }
        /^test result:/ { passed += $4; failed += $6; ignored += $8; binaries += 1; seen = 1 }
        END {
            if (binaries)
                printf "cargo test: %d passed, %d failed, %d ignored (binaries: %d)\n",
                    passed, failed, ignored, binaries
            if (!seen) { print "no test ran"; exit 1 }
        }' "$log"
}

# The licence and source checker: from the path, else from this project's cache, else built there.
find_cargo_deny() {
    if command -v cargo-deny >/dev/null 2>&1; then
        cargo_deny=cargo-deny
        return
    fi
    cargo_deny="$tools/bin/cargo-deny"
    if [ "$("$cargo_deny" --version 2>/dev/null)" != "cargo-deny $cargo_deny_version" ]; then
        echo "building cargo-deny $cargo_deny_version into $tools (once)"
        CARGO_TARGET_DIR="$tools/target" cargo install --quiet --debug --locked --force \
            --no-default-features --root "$tools" --version "$cargo_deny_version" cargo-deny
        rm -rf "$tools/target"
    fi
}

step "what is needed"
needs_rust
needs_rust_component rustfmt fmt
needs_rust_component clippy clippy
needs_c_compiler
needs_node
needs_stop
rustc --version
cc --version | head -n 1
echo "node $(node --version), npm $(npm --version)"
nextest=yes
if ! cargo nextest --version >/dev/null 2>&1; then
    nextest=no
    echo "cargo-nextest is not installed: the slower cargo test runs the same tests"
    echo "(to have it: cargo install cargo-nextest --locked)"
fi

step "format"
cargo fmt --all --check
cargo fmt --manifest-path fuzz/Cargo.toml --check

step "packages"
cargo fetch --locked

step "tidy and dependency graph"
cargo xtask tidy
cargo xtask graph --check
cargo xtask kinds --check

step "licences, bans and sources"
find_cargo_deny
# Duplicate versions are warnings; `cargo deny check bans` lists them.
"$cargo_deny" --offline --log-level error check bans licenses sources

step "contracts for the oracles"
contracts/fetch.sh

step "clippy, warnings denied"
cargo clippy --locked --workspace --all-targets -- --deny warnings

# A workspace of its own, outside the tests: at least it has to compile.
step "fuzz targets, warnings denied"
if command -v c++ >/dev/null 2>&1; then
    cargo clippy --locked --manifest-path fuzz/Cargo.toml -- --deny warnings
else
    echo "not checked: libFuzzer needs a C++ compiler (sudo apt-get install build-essential)"
fi

step "documentation, warnings denied"
RUSTDOCFLAGS=--deny=warnings cargo doc --locked --workspace --no-deps

step "tests"
if [ "$nextest" = yes ]; then
    kept cargo nextest run --locked --workspace --exclude tidemill-bench
else
    kept cargo test --locked --workspace --exclude tidemill-bench --no-fail-fast \
        --lib --bins --tests
fi

step "documentation examples"
kept cargo test --locked --workspace --exclude tidemill-bench --doc

step "all green; the tests' closing lines"
closing_lines
