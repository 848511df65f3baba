//! What `tidy` holds the tree to, as data.

/// Longest file, tests excluded, in lines.
pub(super) const FILE_LINES: usize = 800;
/// The length a file should stay under, in lines; printed with `--verbose`.
pub(super) const FILE_LINES_WANTED: usize = 300;
/// Longest `lib.rs`, in lines.
pub(super) const LIB_LINES: usize = 120;
/// Longest line of Rust, in characters.
pub(super) const COLUMNS: usize = 100;

/// Crates that read no clock, randomness, file, network, environment or thread, keep no global
/// state, and in which no order may depend on a hasher (invariants 3, 12 and 14).
pub(super) const PURE: &[&str] = &[
    "units",
    "configuration",
    "model",
    "amm",
    "rewards",
    "signals",
    "market",
    "ledger",
    "strategy",
    "risk",
    "routing",
    "report",
    "strategies",
    "exec",
    "engine",
    "exec-sim",
];

/// Words pure crates do not use outside tests.
pub(super) const IMPURE: &[&str] = &[
    "std::time",
    "std::fs",
    "std::net",
    "std::env",
    "std::thread",
    "std::process",
    "SystemTime",
    "Instant::now",
    "rand::",
    "getrandom",
    "HashMap",
    "HashSet",
    "RandomState",
    "static mut",
    "thread_local!",
    "OnceLock",
    "LazyLock",
];

/// Modules of `std` that pure crates do not import, in a braced import either.
pub(super) const IMPURE_STD: &[&str] = &["time", "fs", "net", "env", "thread", "process"];

/// Words that mean unfinished work, in code. Tests may not use them either.
pub(super) const UNFINISHED: &[&str] = &["todo!", "unimplemented!", "dbg!", "#[ignore"];

/// Words that mean unfinished work, in any text. Assembled, so that this file passes its own test.
pub(super) const MARKERS: &[&str] =
    &[concat!("FIX", "ME"), concat!("XX", "X"), concat!("TO", "DO")];

/// Crates that hold money, prices and liquidity as integers (invariants 9 and 10).
pub(super) const EXACT: &[&str] = &["units", "model", "amm", "rewards", "market", "ledger", "risk"];

/// The lints an exact crate denies, for everything but its tests.
pub(super) const EXACT_LINTS: &[&str] =
    &["clippy::float_arithmetic", "clippy::arithmetic_side_effects", "clippy::as_conversions"];

/// Starts of absolute paths that exist on one machine only.
pub(super) const MACHINE_PATHS: &[&str] =
    &[concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];

/// Hosts of package registries: where packages come from is the client's business.
pub(super) const REGISTRY_HOSTS: &[&str] = &[
    concat!("registry.", "npmjs.org"),
    concat!("registry.", "yarnpkg.com"),
    concat!("index.", "crates.io"),
    concat!("static.", "crates.io"),
    concat!("files.", "pythonhosted.org"),
    concat!("pypi.", "org/simple"),
    concat!("deb.", "debian.org"),
];

/// The only source a line `source = ".."` of Cargo.lock may name.
pub(super) const CARGO_SOURCE: &str = "registry+https://github.com/rust-lang/crates.io-index";
