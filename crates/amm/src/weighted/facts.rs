use crate::{Contract, KindFacts, Proof};

/// What is known of the kind.
pub const FACTS: KindFacts = KindFacts {
    name: "weighted",
    title: "Balancer v2 weighted",
    models: &[
        Contract {
            name: "WeightedPool, WeightedPool2Tokens",
            version: "v2-deployments 3.2.0, 20210418-weighted-pool",
        },
        Contract {
            name: "WeightedPool",
            version: "v2-deployments 3.2.0, 20220908-weighted-pool-v2",
        },
        Contract { name: "Vault", version: "v2-deployments 3.2.0, 20210418-vault" },
    ],
    proof: &[Proof::Bytecode {
        package: "@balancer-labs/v2-deployments 3.2.0",
        test: "weighted_equals_the_contracts",
    }],
    gas: &[],
    quirks: &[],
    absent: &[],
};
