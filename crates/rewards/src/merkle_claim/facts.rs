use crate::{Contract, GasFigure, KindFacts, Proof, Quirk};

/// What the documentation says of claims against a Merkle root.
pub const FACTS: KindFacts = KindFacts {
    name: "merkle_claim",
    title: "Merkle claims: Uniswap's MerkleDistributor, Merkl's Distributor",
    models: &[
        Contract { name: "MerkleDistributor", version: "@uniswap/merkle-distributor 1.0.1" },
        Contract {
            name: "Distributor (Merkl)",
            version: "AngleProtocol/merkl-contracts 005348eb322c87fff762013ff5f12753221943b1",
        },
    ],
    proof: &[
        Proof::Bytecode {
            package: "@uniswap/merkle-distributor 1.0.1",
            test: "merkle_claim_equals_the_contract",
        },
        Proof::NaiveModel { test: "cumulative_claim_equals_the_second_model" },
        Proof::Recorded { what: RECORDED, test: "recorded_snapshots_give_the_roots_on_the_chain" },
    ],
    gas: &[
        GasFigure { call: "claim, first of its word of indices, tree of 256", gas: 84_321 },
        GasFigure { call: "claim, more of the same word, tree of 256", gas: 50_155 },
        GasFigure { call: "claim, only leaf of its tree", gas: 77_752 },
    ],
    quirks: &[
        Quirk {
            says: "Anybody may claim a drop; it is paid to its account all the same.",
            test: "a_drop_is_paid_to_its_account_whoever_claims",
        },
        Quirk {
            says: "Only the index is marked: an account with two indices is paid twice, and of two \
                   leaves with one index only the first claimed is paid.",
            test: "only_the_index_is_marked_as_claimed",
        },
        Quirk {
            says: "A claim that cannot be funded may be tried again later.",
            test: "an_unfunded_claim_can_be_repeated",
        },
        Quirk {
            says: "Merkl: a new tree pays nothing until its dispute period ends at a whole epoch; \
                   the one before pays until then.",
            test: "a_new_tree_waits_for_whole_epochs",
        },
        Quirk {
            says: "Merkl: a governor who updates twice puts the first tree in force at once, \
                   undisputed.",
            test: "a_second_update_puts_the_first_tree_in_force",
        },
        Quirk {
            says: "Merkl: the trees of 2023 are in the order of the campaigns' file and have \
                   leaves of zero; sorted leaves do not give their roots.",
            test: "recorded_snapshots_give_the_roots_on_the_chain",
        },
        Quirk {
            says: "Merkl: a leaf below what was claimed reverts, it does not pay nothing.",
            test: "a_leaf_below_what_was_claimed_is_refused",
        },
        Quirk {
            says: "Merkl: the deposit of a dispute in a reward token can be claimed as reward, and \
                   then the dispute cannot be resolved.",
            test: "a_deposit_can_be_paid_out_as_reward",
        },
    ],
    absent: &[
        "Merkl's recipients of choice, callbacks and main operators.",
        "Merkl's claims through a contract by their user as the origin of the transaction.",
        "Reward tokens that take a fee on transfer or change balances by themselves.",
    ],
};

/// What of the recorded roots is reproduced.
const RECORDED: &str = "Merkl, mainnet, 2023-06-21 to 30: all 20 snapshots give the root that was \
                        published for their epoch, with a leaf for every user and token, zeros \
                        in the order of the file";
