//! What the graph has to look like, as data.

/// The level of every crate the design knows. A dependency goes to a strictly lower level.
///
/// A row without a crate is a place kept; a crate without a row is a finding.
pub(super) const LEVELS: &[(&str, u8)] = &[
    ("units", 0),
    ("configuration", 0),
    ("model", 1),
    ("amm", 1),
    ("rewards", 1),
    ("signals", 1),
    ("market", 2),
    ("ledger", 2),
    ("store", 2),
    ("feed-evm", 2),
    ("feed-cex", 2),
    ("catalogue", 3),
    ("strategy", 3),
    ("risk", 3),
    ("routing", 3),
    ("report", 3),
    ("strategies", 4),
    ("campaign", 4),
    ("query", 4),
    ("exec", 4),
    ("web", 4),
    ("engine", 5),
    ("exec-sim", 5),
    ("exec-evm", 5),
    ("exec-cex", 5),
    ("replay", 6),
    ("live", 6),
    ("py", 7),
    ("cli", 7),
];

/// Who may depend on a crate that stands outside the levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dependents {
    /// Tests, examples and benches only.
    DevOnly,
    /// Nobody.
    Nobody,
}

/// Crates outside the levels: they may depend on anything of ours.
pub(super) const OUTSIDE: &[(&str, Dependents)] = &[
    ("testkit", Dependents::DevOnly),
    ("bench", Dependents::Nobody),
    ("xtask", Dependents::Nobody),
];

/// Crates that only read: nothing they are built from may be able to sign.
pub(super) const READ_ONLY: &[&str] = &["feed-*", "replay", "report", "campaign", "web", "py"];

/// Packages that can hold a key or sign with one. Transport security (`ring`, `rustls`) and plain
/// hashing are not signers: they never see a key of ours.
pub(super) const SIGNERS: &[&str] = &[
    "tidemill-exec-evm",
    "tidemill-exec-cex",
    "alloy-signer*",
    "coins-bip*",
    "coins-ledger",
    "ed25519-dalek",
    "eth-keystore",
    "ethers-signers",
    "k256",
    "libsecp256k1*",
    "p256",
    "secp256k1*",
    "trezor-client",
    "yubihsm",
];

/// A way through our own crates that must not exist although the levels alone would permit it.
pub(super) struct Absent {
    /// Where it would begin; a trailing `*` stands for any ending.
    pub(super) from: &'static [&'static str],
    /// Where it would end.
    pub(super) to: &'static [&'static str],
    /// The rule, as the finding states it.
    pub(super) rule: &'static str,
}

/// The absences ARCHITECTURE.md states.
pub(super) const ABSENT: &[Absent] = &[
    Absent {
        from: &["strategy", "strategies"],
        to: &["risk", "exec", "exec-*", "feed-*", "store", "web"],
        rule: "strategies see market and ledger, never risk, execution, feeds or storage",
    },
    Absent {
        from: &["engine", "live"],
        to: &["exec-*", "feed-*"],
        rule: "engine and live know ports, not venues; cli alone names a venue",
    },
    Absent {
        from: &["market", "ledger", "risk", "report", "engine"],
        to: &["store"],
        rule: "what decides or reports does not read files",
    },
];

/// Returns whether `name` is matched by one of `patterns` (a trailing `*` is any ending).
pub(super) fn matches(patterns: &[&str], name: &str) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == *pattern,
    })
}

/// Returns the level of a crate, or `None` when it is outside the levels or unknown.
pub(super) fn level(name: &str) -> Option<u8> {
    LEVELS.iter().find(|(row, _)| *row == name).map(|(_, level)| *level)
}

/// Returns who may depend on a crate outside the levels, or `None` when it is not outside.
pub(super) fn outside(name: &str) -> Option<Dependents> {
    OUTSIDE.iter().find(|(row, _)| *row == name).map(|(_, dependents)| *dependents)
}
