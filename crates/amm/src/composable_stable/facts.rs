use crate::{Contract, GasFigure, KindFacts, Proof, Quirk};

/// What is known of the kind.
pub const FACTS: KindFacts = KindFacts {
    name: "composable_stable",
    title: "Balancer v2 composable stable",
    models: &[
        Contract {
            name: "ComposableStablePool",
            version: "v2-deployments 3.2.0, 20220906-composable-stable-pool",
        },
        Contract {
            name: "ComposableStablePool",
            version: "v2-deployments 3.2.0, 20221122-composable-stable-pool-v2",
        },
        Contract { name: "Vault", version: "v2-deployments 3.2.0, 20210418-vault" },
    ],
    proof: &[
        Proof::Bytecode {
            package: "@balancer-labs/v2-deployments 3.2.0",
            test: "composable_stable_equals_the_contracts_first_half",
        },
        Proof::Bytecode {
            package: "@balancer-labs/v2-deployments 3.2.0",
            test: "composable_stable_equals_the_contracts_second_half",
        },
    ],
    gas: GAS,
    quirks: &[
        Quirk {
            says: "Nearly 2^111 shares lie in the vault from the first join on and belong to \
                   nobody: totalSupply says nothing, only the shares outside the vault count.",
            test: "first_join_puts_nearly_all_shares_into_the_vault",
        },
        Quirk {
            says: "The build of 2022-09 has no joins in proportion, and exits in proportion in \
                   recovery mode alone.",
            test: "build_of_september_leaves_in_proportion_in_recovery_mode_alone",
        },
        Quirk {
            says: "A pool far from balance can refuse swaps, joins and exits because the search \
                   for its invariant does not end; a recovery exit asks for none.",
            test: "recovery_exits_work_where_the_invariant_does_not_converge",
        },
        Quirk {
            says: "A rate that moved is not reckoned with before the cached one expires, if nobody \
                   asks for it.",
            test: "rates_hold_until_they_expire_and_not_a_second_longer",
        },
        Quirk {
            says: "The protocol's part of the growth of rates spares exempt tokens.",
            test: "protocol_takes_no_part_of_exempt_yield",
        },
        Quirk {
            says: "The build of 2022-11 multiplies before it divides where it mints the protocol's \
                   shares; that of 2022-09 loses some wei of them.",
            test: "builds_round_the_protocols_shares_apart",
        },
        Quirk {
            says: "Recovery mode forgets the shares that the protocol was due.",
            test: "recovery_mode_forgets_what_the_protocol_was_due",
        },
        Quirk {
            says: "A swap of shares is a join or exit with one token, protocol fees included, but \
                   its shares come out of the vault and go into it.",
            test: "swaps_of_shares_are_joins_and_exits_with_one_token",
        },
    ],
    absent: &[
        "Pausing.",
        "The builds of 2022-08 and 2023-02 and later.",
        "Asset managers: all balances are cash in the vault.",
        "The vault's own limits and deadlines of a call, internal balances, relayers, flash loans \
         and batches; a batch is its swaps one by one.",
        "Who holds the shares: an exit may burn all but the locked ones.",
    ],
};

/// Of a pool of three tokens without rates, whose caller holds tokens and shares already.
const GAS: &[GasFigure] = &[
    GasFigure { call: "joinPool, first (2022-09)", gas: 421_826 },
    GasFigure { call: "joinPool, later, exact tokens (2022-09)", gas: 229_347 },
    GasFigure { call: "swap, given in (2022-09)", gas: 134_951 },
    GasFigure { call: "swap, given out (2022-09)", gas: 138_549 },
    GasFigure { call: "swap, token for shares, given in (2022-09)", gas: 172_816 },
    GasFigure { call: "swap, shares for token, given in (2022-09)", gas: 171_481 },
    GasFigure { call: "exitPool, exact shares for one token (2022-09)", gas: 196_669 },
    GasFigure { call: "exitPool, recovery mode (2022-09)", gas: 162_401 },
    GasFigure { call: "joinPool, first (2022-11)", gas: 421_804 },
    GasFigure { call: "joinPool, later, exact tokens (2022-11)", gas: 229_330 },
    GasFigure { call: "swap, given in (2022-11)", gas: 134_922 },
    GasFigure { call: "swap, given out (2022-11)", gas: 138_520 },
    GasFigure { call: "swap, token for shares, given in (2022-11)", gas: 172_770 },
    GasFigure { call: "swap, shares for token, given in (2022-11)", gas: 171_413 },
    GasFigure { call: "exitPool, exact shares for one token (2022-11)", gas: 196_725 },
    GasFigure { call: "exitPool, exact shares for all tokens (2022-11)", gas: 218_797 },
    GasFigure { call: "exitPool, recovery mode (2022-11)", gas: 162_401 },
];
