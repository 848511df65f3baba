use crate::{Contract, KindFacts, Proof, Quirk};

/// What the documentation says of Solidly and Aerodrome pools.
pub const FACTS: KindFacts = KindFacts {
    name: "solidly",
    title: "Solidly and Aerodrome pools",
    models: &[
        Contract {
            name: "Pool (Velodrome v2, Aerodrome)",
            version: "aerodrome-finance/contracts 5908982b6ceee6c2712789b2864e50be3bc3f802",
        },
        Contract {
            name: "BaseV1Pair (Solidly)",
            version: "BaseV1-core.sol as meterio/solidly has it at 143f9f09, with uint256 reserves",
        },
    ],
    proof: &[
        Proof::Recorded {
            what: "Aerodrome DOLA/USDbC, Base block 46875151: 26 of 26 answers of getAmountOut",
            test: "recorded_aerodrome_answers_are_equal",
        },
        Proof::NaiveModel { test: "pools_equal_the_naive_model_velodrome" },
        Proof::NaiveModel { test: "pools_equal_the_naive_model_solidly" },
    ],
    gas: &[],
    quirks: &[
        Quirk {
            says: "Velodrome's second build judges the last step of the stable curve by amounts \
                   that are scaled twice: with fewer than 18 decimals an unbalanced pool can fail \
                   to quote, for overflow.",
            test: "the_last_step_is_judged_by_amounts_scaled_twice",
        },
        Quirk {
            says: "The first build's curve rounds otherwise than its invariant, so that its own \
                   quote can fail the swap.",
            test: "the_first_build_can_refuse_its_own_quote",
        },
        Quirk {
            says: "Fees that shares earn between being sent to the pool and being burned stay \
                   with the pool for ever.",
            test: "fees_of_shares_sent_to_the_pool_are_lost",
        },
    ],
    absent: &[
        "Observations, and the average prices read from them.",
        "Pauses, allowances and permits, and the name's setters.",
        "Tokens that take a fee on transfer or change balances by themselves.",
        "Velodrome's first build, which sends the fees elsewhere.",
        "Velodrome's later Pool (velodrome-finance/contracts at 1fdf993a), which refuses deposits \
         that mint fewer than 1000 shares.",
        "Early drafts of BaseV1Pair with uint112 reserves and sums of prices.",
    ],
};
