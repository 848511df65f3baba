//! Runs over several pools of one chain.

use std::sync::{Arc, LazyLock};

use tidemill_model::Tape;
use tidemill_replay::{Backtest, BacktestConfig, ConfigError, Setup, backtest};
use tidemill_store::AnyTape;

use crate::arbitraged_pool::arbitraged;
use crate::data::{FOOTPRINTS, run, run_of, week};

static OTHER: LazyLock<Arc<AnyTape>> =
    LazyLock::new(|| Arc::new(AnyTape::Concentrated(arbitraged(week()))));

fn other() -> &'static Tape {
    let AnyTape::Concentrated(tape) = OTHER.as_ref() else { panic!("it is concentrated") };
    tape
}

/// The setup of a configuration whose second pool is the arbitraged one.
fn resolve(toml: &str) -> Result<Setup, ConfigError> {
    let mut config = BacktestConfig::from_toml(toml).unwrap();
    for pool in &mut config.pool {
        pool.recorded = Some(Arc::clone(&OTHER));
    }
    config.resolve(week())
}

fn ran(toml: &str) -> Backtest {
    run(resolve(toml).unwrap())
}

const POOL: &str = "[[pool]]\nname = \"thirty\"\ntape = \"thirty.parquet\"\n";
const DEPOSIT: &str = "deposit = { USDC = \"500000\", WETH = \"130\" }\n";

/// What a run did, without what it cost.
fn done(backtest: &Backtest, name: &str) -> Vec<(u64, String, String)> {
    let actions = &run_of(backtest, name).record.actions;
    let row = |action: &tidemill_report::ActionRow| {
        (action.block, action.what.clone(), action.detail.clone())
    };
    actions.iter().map(row).collect()
}

const RECENTRE: &str = "kind = \"recentre\"\nhalf_width_ticks = 300\nthreshold_ticks = 240\n";

/// A strategy does in a second pool, block by block and to the last unit, what it does where that
/// pool is the only one.
#[test]
fn a_strategy_in_a_second_pool_does_what_it_does_there_alone() {
    for footprint in FOOTPRINTS {
        let head = format!("footprint = \"{footprint}\"\n{DEPOSIT}");
        let config = format!("{head}[[strategy]]\n{RECENTRE}");
        let alone = BacktestConfig::from_toml(&config).unwrap().resolve(other()).unwrap();
        let alone = backtest(other(), alone, &|_| {}).unwrap();
        let beside = ran(&format!("{head}{POOL}[[strategy]]\npool = \"thirty\"\n{RECENTRE}"));
        let (alone, beside) = (done(&alone, "recentre"), done(&beside, "recentre in thirty"));
        assert!(alone.len() > 10, "{footprint}: {} actions", alone.len());
        assert_eq!(alone, beside, "{footprint}");
    }
}

/// What a strategy does in the first pool is the same with a second one beside it.
#[test]
fn a_second_pool_changes_nothing_in_the_first() {
    for footprint in FOOTPRINTS {
        let head = format!("footprint = \"{footprint}\"\n{DEPOSIT}");
        let strategies = format!("[[strategy]]\n{RECENTRE}");
        let alone = ran(&format!("{head}{strategies}"));
        let beside = ran(&format!("{head}{POOL}{strategies}"));
        let settled = |backtest: &Backtest| run_of(backtest, "recentre").record.settlement;
        assert_eq!(settled(&alone).identity, settled(&beside).identity, "{footprint}");
        assert_eq!(done(&alone, "recentre"), done(&beside, "recentre"), "{footprint}");
    }
}

/// Both pools' positions of one deposit are one account, and the identity holds to the unit.
#[test]
fn a_digest_is_that_of_both_pools() {
    let strategy = format!("[[strategy]]\npool = \"thirty\"\n{RECENTRE}");
    let digest = |config: &str| ran(config).runs[0].digest.clone();
    let config = format!("{DEPOSIT}{POOL}{strategy}");
    assert_eq!(digest(&config), digest(&config));
    let renamed = config.replace("thirty", "other");
    assert_ne!(digest(&config), digest(&renamed), "names are part of the setup");
}

#[test]
fn a_pool_has_to_be_another_and_known_from_the_start() {
    let message = |toml: &str| resolve(toml).unwrap_err().to_string();
    let strategy = "[[strategy]]\nkind = \"hold\"\npool = \"fifty\"\n";
    assert_eq!(
        message(&format!("{POOL}{strategy}")),
        "strategy.pool is fifty; allowed is main, thirty"
    );
    assert_eq!(
        message(&format!("{POOL}{POOL}")),
        "two pools are called `thirty`; give each its own name"
    );
    let twice = format!("{POOL}{}", POOL.replace("\"thirty\"", "\"again\""));
    assert_eq!(message(&twice), "pool `again`: it is the pool of `thirty`");
    let with = |tape: Tape| {
        let mut config = BacktestConfig::from_toml(POOL).unwrap();
        config.pool[0].recorded = Some(Arc::new(AnyTape::Concentrated(tape)));
        config.resolve(week()).map(drop).unwrap_err().to_string()
    };
    assert_eq!(with(week().clone()), "pool `thirty`: it is the pool of the run's own tape");
    let mut elsewhere = other().clone();
    elsewhere.header.chain_id.0 = 10;
    assert_eq!(with(elsewhere), "pool `thirty`: it is on chain 10, the run's tape on 1");
    let mut strange = other().clone();
    for (token, symbol) in
        [(&mut strange.header.token0, "ABC"), (&mut strange.header.token1, "XYZ")]
    {
        (token.symbol, token.address) = (symbol.to_owned(), None);
    }
    let wanted = "pool `thirty`: its tokens are ABC or XYZ; one of them has to be USDC or WETH";
    assert_eq!(with(strange), wanted);
}
