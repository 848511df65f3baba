# What a script of this repository needs on the machine. Sourced, not run.
#
# Each check adds what is missing to a list; `needs_stop` prints the list, with the one-line
# install of each, and ends the script with status 2 when there is any.

needs_missing=()

# needs_missing_add WHAT INSTALL
needs_missing_add() {
    needs_missing+=("$(printf '  %-32s %s' "$1" "$2")")
}

# version_at_least FOUND WANTED: compares dotted numbers.
version_at_least() {
    [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

needs_rust() {
    local wanted=1.95 found
    local install="curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"
    if ! command -v cargo >/dev/null 2>&1 || ! command -v rustc >/dev/null 2>&1; then
        needs_missing_add "Rust $wanted or later" "$install"
        return
    fi
    found=$(rustc --version | cut -d ' ' -f 2)
    version_at_least "${found%%-*}" "$wanted" ||
        needs_missing_add "Rust $wanted (found $found)" "rustup update stable"
}

needs_rust_component() { # NAME, the cargo command it brings
    command -v cargo >/dev/null 2>&1 || return 0
    cargo "$2" --version >/dev/null 2>&1 || needs_missing_add "$1" "rustup component add $1"
}

needs_c_compiler() {
    command -v cc >/dev/null 2>&1 ||
        needs_missing_add "a C compiler (cc)" "sudo apt-get install build-essential"
}

needs_node() {
    local wanted=18 found
    local install="sudo apt-get install nodejs npm"
    if ! command -v node >/dev/null 2>&1; then
        needs_missing_add "Node.js $wanted or later" "$install"
    else
        found=$(node --version)
        version_at_least "${found#v}" "$wanted" ||
            needs_missing_add "Node.js $wanted (found $found)" "$install"
    fi
    command -v npm >/dev/null 2>&1 || needs_missing_add "npm" "$install"
}

needs_stop() {
    [ "${#needs_missing[@]}" -eq 0 ] && return
    echo "missing, with the line that installs it:" >&2
    printf '%s\n' "${needs_missing[@]}" >&2
    exit 2
}
