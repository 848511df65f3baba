use crate::{Contract, KindFacts, Proof, Quirk};

/// What the documentation says of Merkl's campaigns for ranges.
pub const FACTS: KindFacts = KindFacts {
    name: "merkl",
    title: "Merkl campaign for a concentrated pool",
    models: &[
        Contract {
            name: "DistributionCreator (Merkl)",
            version: "AngleProtocol/merkl-contracts 005348eb322c87fff762013ff5f12753221943b1",
        },
        Contract {
            name: "Merkl's engine, by its documentation",
            version: "docs.merkl.xyz, Concentrated Liquidity Mechanisms",
        },
    ],
    proof: &[Proof::NaiveModel { test: "merkl_campaign_equals_the_second_model" }],
    gas: &[],
    quirks: &[
        Quirk {
            says: "Every swap counts the same: holdings at a swap of one unit weigh as much as at \
                   the largest.",
            test: "every_swap_weighs_the_same",
        },
        Quirk {
            says: "What is allotted to an interval without a swap that counts is paid to nobody.",
            test: "an_interval_without_swaps_pays_nobody",
        },
        Quirk {
            says: "A weight nothing falls under is shared out by the other two.",
            test: "a_weight_without_holdings_goes_to_the_others",
        },
        Quirk {
            says: "A boost dilutes everybody else: the budget is the same.",
            test: "a_boost_is_paid_by_the_others",
        },
        Quirk {
            says: "Rewards of at most a ten-millionth of an interval are not paid, and not shared \
                   out among the others either.",
            test: "dust_of_an_interval_is_not_paid",
        },
        Quirk {
            says: "A fee of 1 set for a kind of campaign means none; 0 means the default.",
            test: "q412_minimum_per_hour_and_fee",
        },
    ],
    absent: &[
        "How the engine, which is not public, rounds: here shares are floored to 18 decimals.",
        "Sampling of swaps in large pools, detection of fake volume, the filter of 20 dollars.",
        "Wrappers: their holders, not they, are to be given as accounts.",
        "Overrides and reallocation of campaigns.",
    ],
};
