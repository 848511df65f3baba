use crate::{Contract, KindFacts, Proof};

/// What the documentation says of the gauge controller.
pub const FACTS: KindFacts = KindFacts {
    name: "gauge_controller",
    title: "Curve gauge controller",
    models: &[Contract {
        name: "GaugeController",
        version: "@setprotocol/set-protocol-v2 0.1.16 (Vyper 0.2.4)",
    }],
    proof: &[Proof::Bytecode {
        package: "@setprotocol/set-protocol-v2 0.1.16",
        test: "curve_gauges_equal_the_contracts",
    }],
    gas: &[],
    quirks: &[],
    absent: &["The transfer of its ownership, and the names of types."],
};
