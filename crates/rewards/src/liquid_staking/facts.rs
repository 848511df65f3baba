use crate::{Contract, KindFacts, Proof, Quirk};

/// What the documentation says of liquid staking shares.
pub const FACTS: KindFacts = KindFacts {
    name: "liquid_staking",
    title: "Liquid staking shares",
    models: &[
        Contract { name: "Lido, StETH, WstETH", version: "lidofinance/lido-dao 2.0.0" },
        Contract { name: "WithdrawalQueue", version: "lidofinance/lido-dao 2.0.0" },
        Contract { name: "RocketTokenRETH", version: "rocket-pool/rocketpool 1.2" },
        Contract { name: "ERC4626", version: "OpenZeppelin Contracts 5.0" },
    ],
    proof: &[Proof::NaiveModel { test: "liquid_staking_equals_the_naive_model" }],
    gas: &[],
    quirks: &[
        Quirk {
            says: "A transfer of a rebasing balance moves a unit or two less than asked.",
            test: "a_transfer_moves_a_unit_less",
        },
        Quirk {
            says: "The fee's shares are counted against the shares before the report, also where \
                   the same report burns some.",
            test: "the_fee_is_minted_as_shares",
        },
        Quirk {
            says: "Without a gain of the validators the execution layer's rewards pay no fee.",
            test: "no_fee_without_a_gain_of_validators",
        },
        Quirk {
            says: "Unwrapping can leave a share in the wrapper, for nobody.",
            test: "unwrapping_leaves_a_share_behind",
        },
        Quirk {
            says: "A withdrawal is paid the lower of its rate when requested and when final: \
                   losses are shared, gains are not.",
            test: "a_withdrawal_is_paid_the_lower_rate",
        },
        Quirk {
            says: "An oracle's rate stays for everybody until the next report.",
            test: "an_oracle_rate_is_stale_until_the_next_report",
        },
        Quirk {
            says: "A vault rounds each of its four conversions its own way, and a gift before the \
                   first deposit costs the giver most of it.",
            test: "a_vault_rounds_to_its_own_favour",
        },
    ],
    absent: &[
        "Allowances, permits, pauses, stake limits and roles.",
        "The sanity checker: what its limits let through is the caller's to say.",
        "Transfers to the zero address.",
        "Transferring and splitting withdrawal requests; hints, which are found here.",
        "Ether that a contract is sent outside of its functions.",
    ],
};
