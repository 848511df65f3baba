use crate::{Contract, KindFacts, Proof, Quirk};

/// What the documentation says of metapools.
pub const FACTS: KindFacts = KindFacts {
    name: "stable_swap_meta",
    title: "Curve metapool",
    models: &[
        Contract { name: "MetaUSD (curve-factory)", version: "Vyper 0.2.12, over the 3pool" },
        Contract {
            name: "StableSwapGUSD (curve-contract)",
            version: "Vyper 0.2.5, and its twins of other coins over the 3pool",
        },
        Contract { name: "Factory.convert_metapool_fees (curve-factory)", version: "Vyper 0.2.12" },
    ],
    proof: &[
        Proof::NaiveModel { test: "stable_swap_meta_equals_the_naive_model_first_quarter" },
        Proof::NaiveModel { test: "stable_swap_meta_equals_the_naive_model_second_quarter" },
        Proof::NaiveModel { test: "stable_swap_meta_equals_the_naive_model_third_quarter" },
        Proof::NaiveModel { test: "stable_swap_meta_equals_the_naive_model_fourth_quarter" },
        Proof::NaiveModel {
            test: "metapools_before_the_factory_equal_the_naive_model_first_quarter",
        },
        Proof::NaiveModel {
            test: "metapools_before_the_factory_equal_the_naive_model_second_quarter",
        },
        Proof::NaiveModel {
            test: "metapools_before_the_factory_equal_the_naive_model_third_quarter",
        },
        Proof::NaiveModel {
            test: "metapools_before_the_factory_equal_the_naive_model_fourth_quarter",
        },
    ],
    gas: &[],
    quirks: &[
        Quirk {
            says: "get_dy_underlying reckons the base pool's deposit without its fee and takes \
                   half of it off: exchange_underlying gives something else",
            test: "underlying_quotes_are_rough",
        },
        Quirk {
            says: "an exchange into the metapool values the base pool's shares at their price \
                   from before its own deposit",
            test: "deposits_on_the_way_do_not_move_the_rate",
        },
        Quirk {
            says: "the administrator's fees in the meta coin are exchanged in the pool itself, \
                   which charges for that too",
            test: "administrators_pay_the_fee_too",
        },
        Quirk {
            says: "before the factory, a base pool's virtual price counts for ten minutes, \
                   whatever happens in the base pool meanwhile",
            test: "virtual_prices_are_kept_for_ten_minutes",
        },
    ],
    absent: &[
        "base pools other than one like the 3pool, such as sBTC's; those of stableswap-ng are \
         `stable_swap_meta_ng`",
        "the last metapools before the factory (USDP, UST), whose loops must converge and whose \
         first deposit looks at balances that nobody has shares of",
        "the three days that new fees wait before the factory",
        "views of previous or averaged balances: make a pool of them and ask that",
        "a fee that a base coin takes of transfers; holders' balances, allowances and permits",
    ],
};
