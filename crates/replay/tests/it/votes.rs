//! Locking a token of the pool and voting for bribes, over the week.

use std::fs;

use tidemill_model::{Ballot, EventBody, OutcomeKind};
use tidemill_replay::{
    BacktestConfig, ConfigError, Setup, StrategyRun, audit, record_journal, tear_sheet,
};
use tidemill_report::{Provenance, render_page, render_table};
use tidemill_rewards::aerodrome::{Aerodrome, NewGauge};
use tidemill_rewards::gauge_controller::{
    GaugeController, NewGauge as ControlledGauge, VoteFor, VotePower,
};
use tidemill_rewards::vote_escrow::EscrowParameters;
use tidemill_rewards::{Account, Moment, VoteEscrow};
use tidemill_units::{Amount, BlockNumber, SignedAmount, Timestamp, U256};

use crate::data::{FOOTPRINTS, run, run_of, setup, week};

/// The end of the epoch that the week begins in, and only one that ends in it: 2024-12-05.
const EPOCH_END: u64 = 1_733_356_800;

/// Bribes of 45,000, of 15,000 and of next to nothing, beside others' votes. A token that is locked
/// for four years has one vote.
const GAUGES: &str = r#"
[[voting.gauge]]
name = "first <b>"
others = "300"
bribe = { AAA = "20000", BBB = "5000" }

[[voting.gauge]]
name = "second"
others = "100"
bribe = { BBB = "15000" }

[[voting.gauge]]
name = "poor"
others = "500"
bribe = { AAA = "1" }

[[voting.bribe_token]]
symbol = "AAA"
price_quote = "2"

[[voting.bribe_token]]
symbol = "BBB"
decimals = 6
price_quote = "1"
"#;

const STRATEGIES: &str = r#"
[[strategy]]
kind = "hold"

[[strategy]]
kind = "vote"

[[strategy]]
name = "hold bribes"
kind = "vote"
lock_bps = 5000
claim = "every"
proceeds = "hold"

[[strategy]]
name = "never claims"
kind = "vote"
claim = "never"

[[strategy]]
name = "one gauge"
kind = "vote"
most_gauges = 1

[[strategy]]
name = "out again"
kind = "vote"
lock_weeks = 1
"#;

fn voting(kind: &str) -> String {
    format!("[[voting]]\nkind = \"{kind}\"\ntoken = \"WETH\"\n{GAUGES}")
}

fn actions(run: &StrategyRun) -> Vec<&str> {
    run.record.actions.iter().map(|action| action.what.as_str()).collect()
}

fn detail<'a>(run: &'a StrategyRun, what: &str) -> &'a str {
    let mut actions = run.record.actions.iter();
    actions.find(|action| action.what == what).map_or("", |action| action.detail.as_str())
}

fn float(value: SignedAmount) -> f64 {
    value.to_string().parse().unwrap()
}

#[test]
fn the_parts_of_a_vote_add_up_and_its_bribes_are_its_share() {
    for kind in ["aerodrome", "curve"] {
        for footprint in FOOTPRINTS {
            let text = format!("footprint = \"{footprint}\"\n{}{STRATEGIES}", voting(kind));
            let finished = run(setup(&text));
            for run in &finished.runs {
                let name = run.strategy.name();
                let identity = &run.record.settlement.identity;
                assert!(identity.holds(), "{name}: {identity:?}");
                assert_eq!(identity.fees, SignedAmount::ZERO, "{name}");
                assert_eq!(identity.il, SignedAmount::ZERO, "{name}: nothing was traded");
                assert!(run.refused.is_empty(), "{name}: {:?}", run.refused);
                assert!(!actions(run).contains(&"rejected"), "{name}: {:?}", actions(run));
            }
            let vote = run_of(&finished, "vote");
            let once = ["lock", "vote", "claim", "claim", "sell", "sell"];
            assert_eq!(actions(vote), once, "{kind}");
            // Half a million at 3,706.79 are 134.88 ether, locked for nearly four years: as many
            // votes within a hundredth. The poor gauge is not worth its gas.
            let [first, second] = [45_000.0_f64, 15_000.0];
            let votes = 134.88 * 0.998;
            let roots = [(first * 300.0).sqrt(), (second * 100.0).sqrt()];
            let price = (votes + 400.0) / (roots[0] + roots[1]);
            let parts = [roots[0] * price - 300.0, roots[1] * price - 100.0];
            let points = parts.map(|part| (part / votes * 10_000.0).round() as i64);
            let said: Vec<i64> = detail(vote, "vote")
                .split(" bps")
                .filter_map(|part| part.rsplit(' ').next()?.parse().ok())
                .collect();
            assert_eq!(said.len(), 2, "{kind}: {}", detail(vote, "vote"));
            for (said, expected) in said.iter().zip(points) {
                assert!((said - expected).abs() <= 20, "{kind}: {said} for {expected}");
            }
            let worth =
                first * parts[0] / (300.0 + parts[0]) + second * parts[1] / (100.0 + parts[1]);
            let rewards = float(vote.record.settlement.identity.rewards) / 1e6;
            assert!((rewards / worth - 1.0).abs() < 0.01, "{kind}: {rewards} for {worth}");
            // Selling costs 0.3 %, and nothing else was swapped.
            let cost = float(vote.record.settlement.identity.swap_cost) / 1e6;
            assert!((cost / (rewards * 0.003) - 1.0).abs() < 1e-3, "{cost} of {rewards}");
            // What is not sold, or not even claimed, is earned all the same.
            let never = run_of(&finished, "never claims");
            assert_eq!(actions(never), ["lock", "vote"]);
            let same = never.record.settlement.identity.rewards;
            assert_eq!(same, vote.record.settlement.identity.rewards);
            let held = run_of(&finished, "hold bribes");
            assert_eq!(actions(held), ["lock", "vote", "claim", "claim"]);
            assert_eq!(held.record.settlement.identity.swap_cost, SignedAmount::ZERO);
            let less = float(held.record.settlement.identity.rewards) / 1e6;
            assert!(less < rewards && less > rewards / 2.0, "half the votes dilute less: {less}");
            // Anything but the closed form earns less.
            let one = run_of(&finished, "one gauge");
            let one = float(one.record.settlement.identity.rewards) / 1e6;
            assert!(one < rewards, "{one} for {rewards}");
        }
    }
}

#[test]
fn a_lock_that_ends_within_the_tape_is_withdrawn_and_a_longer_one_is_said() {
    for kind in ["aerodrome", "curve"] {
        let finished = run(setup(&format!("{}{STRATEGIES}", voting(kind))));
        let out = run_of(&finished, "out again");
        // A week's lock ends on Thursday. Six hours before, its votes are worth less than their
        // gas, and in Curve, where they would count from then on, nothing at all.
        assert_eq!(actions(out), ["lock", "close"], "{kind}");
        assert!(out.record.locked.is_empty(), "{kind}: {:?}", out.record.locked);
        let close = out.record.actions.iter().find(|action| action.what == "close").unwrap();
        assert!(close.unix >= EPOCH_END, "{kind}: {}", close.unix);
        let vote = run_of(&finished, "vote");
        let [locked] = vote.record.locked.as_slice() else { panic!("one lock") };
        // 208 weeks from the tape's first event, rounded down to a Thursday.
        assert_eq!(locked.until_unix, EPOCH_END + 207 * 604_800);
        let end = float(vote.record.settlement.final_value);
        let part = float(locked.value_quote) / end;
        assert!((0.48..0.55).contains(&part), "{part}");
        let text = String::new;
        let provenance =
            Provenance { tidemill_version: text(), tape_blake3: None, command: text() };
        let sheet = tear_sheet(week(), &finished, provenance);
        let table = render_table(&sheet, 100);
        let said = "USDC of it is locked until 2028-11-23 00:00 UTC";
        assert!(table.contains(said), "{table}");
        let page = render_page(&sheet);
        assert!(
            page.contains("Of the final value locked")
                && page.contains("until 2028-11-23 00:00 UTC")
        );
        assert!(page.contains("first &lt;b&gt;") && !page.contains("first <b>"), "escaped");
    }
}

#[test]
fn a_run_is_the_same_every_time_and_its_journal_replays() {
    let setup = setup(&format!("{}{STRATEGIES}", voting("aerodrome")));
    let (once, again) = (run(setup.clone()), run(setup.clone()));
    for (one, other) in once.runs.iter().zip(&again.runs) {
        assert_eq!(one.digest, other.digest);
    }
    let strategy = run_of(&once, "vote").strategy.clone();
    let (journal, digest) = record_journal(week(), &setup, &strategy).unwrap();
    assert_eq!(digest, run_of(&once, "vote").digest);
    assert_eq!(audit(week(), &setup, &strategy, journal).unwrap(), digest);
    let digests: std::collections::BTreeSet<_> = once.runs.iter().map(|run| &run.digest).collect();
    assert_eq!(digests.len(), once.runs.len(), "another strategy, another digest");
}

/// A setup whose configuration names files in a folder.
fn with_files(text: &str, files: &[(&str, &str)]) -> Result<Setup, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    for (name, contents) in files {
        fs::write(folder.path().join(name), contents).unwrap();
    }
    let mut config = BacktestConfig::from_toml(text).unwrap();
    config.read_files(folder.path(), week())?;
    config.resolve(week())
}

const FILED: &str = r#"
[[voting]]
kind = "curve"
token = "WETH"
votes = "votes.csv"
bribes = "bribes.csv"
gauge = [{ name = "a" }, { name = "b", others = "7" }]
bribe_token = [{ symbol = "AAA", price_quote = "2" }]

[[strategy]]
kind = "vote"
claim = "never"
"#;

#[test]
fn votes_and_bribes_come_from_files_and_nobody_sees_what_is_to_come() {
    // The week begins in the epoch of 2024-11-28, second 1,732,752,000.
    let votes = "epoch,gauge,votes\n1732147200,a,100\n1732752000,a,1\n1732752000,b,300\n";
    let bribes = "epoch,gauge,token,amount\n1732752000,a,AAA,6000\n1732752000,b,AAA,6000.5\n\
                  1733356800,b,AAA,1000000\n";
    let setup = with_files(FILED, &[("votes.csv", votes), ("bribes.csv", bribes)]).unwrap();
    let finished = run(setup);
    let [vote] = finished.runs.as_slice() else { panic!("one run") };
    // Others had 100 votes for a and 7 for b before: by those it divides its own, and by 1 and 300
    // it is paid. The million of the next epoch is not seen.
    let said: Vec<f64> = detail(vote, "vote")
        .split(" bps")
        .filter_map(|part| part.rsplit(' ').next()?.parse().ok())
        .collect();
    let votes = 134.88 * 0.998;
    let roots = [(12_000.0_f64 * 100.0).sqrt(), (12_001.0_f64 * 7.0).sqrt()];
    let part = roots[0] * (votes + 107.0) / (roots[0] + roots[1]) - 100.0;
    let expected = part / votes * 10_000.0;
    assert!((said[0] - expected).abs() < 20.0, "{said:?} for {expected}");
    let [a, b] = [said[0], said[1]].map(|points| points / 10_000.0 * votes);
    let worth = 12_000.0 * a / (1.0 + a) + 12_001.0 * b / (300.0 + b);
    let rewards = float(vote.record.settlement.identity.rewards) / 1e6;
    assert!((rewards / worth - 1.0).abs() < 0.01, "{rewards} for {worth}");
}

#[test]
fn recorded_bounties_are_what_one_voter_was_paid() {
    let header = "epoch_unix,protocol,gauge_name,gauge_address,reward_token,reward_token_address,\
                  reward_amount,reward_sd_value,share_pct_of_protocol\n";
    let row = |epoch: u64, protocol: &str, gauge: &str, token: &str, amount: &str| {
        let address = "0x3432B6A60D23Ca0dFCa7761B7ab56459D9C964D0";
        format!("{epoch},{protocol},x,{gauge},{token},{address},{amount},,\n")
    };
    let [one, other] = [
        "0x2932a86df44Fe8D2A706d8e9c5d51c24883423F5",
        "0xd03BE91b1932715709e18021734fcB91BB431715",
    ];
    let config = format!(
        "[[voting]]\nkind = \"curve\"\ntoken = \"WETH\"\nbounties = \"bounties.csv\"\n\
         protocol = \"curve\"\n\
         gauge = [{{ name = \"a\", others = \"100\", address = \"{one}\" }}]\n\
         bribe_token = [{{ symbol = \"USDC\", decimals = 6, price_quote = \"1\" }}]\n\
         [[strategy]]\nkind = \"vote\"\nclaim = \"never\"\n"
    );
    let epoch = EPOCH_END - 604_800;
    let rows = [
        row(epoch, "curve", one, "USDC", "9000.123456789"),
        row(epoch, "balancer", one, "USDC", "5"),
        row(epoch, "curve", other, "ZUN", "5"),
        row(epoch - 604_800, "curve", one, "ZUN", "5"),
    ];
    let file = format!("{header}{}", rows.concat());
    let finished = run(with_files(&config, &[("bounties.csv", &file)]).unwrap());
    let rewards = float(finished.runs[0].record.settlement.identity.rewards) / 1e6;
    let votes = 134.88 * 0.998;
    let worth = 9_000.123456 * votes / (100.0 + votes);
    assert!((rewards / worth - 1.0).abs() < 0.01, "{rewards} for {worth}");
    let refused = |config: &str, file: &str| {
        with_files(config, &[("bounties.csv", file)]).unwrap_err().to_string()
    };
    let unpriced = format!("{file}{}", row(epoch, "curve", one, "ZUN", "1"));
    assert_eq!(
        refused(&config, &unpriced),
        "voting `curve`: bounties pay a in ZUN, which has no price: add it as a \
         [[voting.bribe_token]]"
    );
    assert_eq!(
        refused(&config.replace("protocol = \"curve\"", "protocol = \"cvx\""), &file),
        "voting.protocol is cvx; allowed is balancer, curve"
    );
    assert_eq!(
        refused(&config.replace(&format!(", address = \"{one}\""), ""), &file),
        "voting.gauge.address is missing; allowed is an address of some gauge beside \
         voting.bounties"
    );
    assert_eq!(
        refused(&config.replace(one, "0x12"), &file),
        "voting.gauge.address is 0x12; allowed is 0x and 40 hexadecimal digits"
    );
    assert_eq!(
        refused(&config.replace("bounties = \"bounties.csv\"\n", ""), &file),
        "voting.protocol is given; allowed is left out without voting.bounties"
    );
}

#[test]
fn a_file_that_cannot_be_read_is_refused_by_row() {
    let good = "epoch,gauge,votes\n1732752000,a,100\n";
    let bribes = "epoch,gauge,token,amount\n1732752000,a,AAA,6000\n";
    let refused = |votes: &str, bribes: &str| {
        let error = with_files(FILED, &[("votes.csv", votes), ("bribes.csv", bribes)]);
        let text = error.unwrap_err().to_string();
        let (_, fault) = text.split_once(".csv: ").unwrap_or(("", &text));
        assert!(text.starts_with("voting `curve`: "), "{text}");
        fault.to_owned()
    };
    let votes = |row: &str| refused(&format!("epoch,gauge,votes\n{row}\n"), bribes);
    let paid = |row: &str| refused(good, &format!("epoch,gauge,token,amount\n{row}\n"));
    let cases = [
        (refused("epoch,votes\n", bribes), "the header is not `epoch,gauge,votes`"),
        (refused(good, good), "the header is not `epoch,gauge,token,amount`"),
        (votes("1,a,5"), "row 1: epoch `1` is not the second at which a Thursday begins"),
        (
            votes("+604800,a,5"),
            "row 1: epoch `+604800` is not the second at which a Thursday begins",
        ),
        (votes("604800,c,5"), "row 1: `c` is not the name of a gauge"),
        (votes("604800,a"), "row 1: `604800,a` is not text of as many fields as the header"),
        (
            votes("604800,a,5\n604800,a,6"),
            "row 2: the votes of that gauge and epoch were given before",
        ),
        (paid("604800,a,BBB,5"), "row 1: `BBB` is not a token that has a price"),
        (paid("604800,c,AAA,5"), "row 1: `c` is not the name of a gauge"),
    ];
    for (message, expected) in cases {
        assert_eq!(message, expected);
    }
    assert!(votes("604800,a,-5").starts_with("row 1: not a decimal number of whole tokens"));
    assert!(paid("604800,a,AAA,").starts_with("row 1: "), "an amount has to be written out");
    let missing = with_files(FILED, &[("votes.csv", good)]).unwrap_err().to_string();
    assert!(missing.contains("bribes.csv: "), "{missing}");
}

fn refused(toml: &str) -> String {
    let config = BacktestConfig::from_toml(toml).unwrap();
    config.resolve(week()).unwrap_err().to_string()
}

#[test]
fn what_a_voting_service_cannot_be_is_refused() {
    let gauge = "{ name = \"a\", others = \"1\" }";
    let token = "{ symbol = \"AAA\", price_quote = \"2\" }";
    let with = |kind: &str, locked: &str, gauge: &str, token: &str| {
        refused(&format!(
            "[[voting]]\nkind = \"{kind}\"\ntoken = \"{locked}\"\ngauge = [{gauge}]\n\
             bribe_token = [{token}]\n"
        ))
    };
    let gauges = |gauge: &str| with("curve", "WETH", gauge, token);
    let tokens = |token: &str| with("curve", "WETH", gauge, token);
    let huge = "9".repeat(58);
    let cases = [
        (
            with("votium", "WETH", gauge, token),
            "voting.kind is votium; allowed is curve, balancer or aerodrome",
        ),
        (with("curve", "CRV", gauge, token), "voting.token is CRV; allowed is USDC or WETH"),
        (gauges(""), "voting.gauge is given 0 times; allowed is 1 to 1000 gauges"),
        (
            gauges("{ name = \"a\" }"),
            "voting.gauge.others is missing; allowed is others' votes in whole tokens, or \
             voting.votes",
        ),
        (
            gauges(&format!("{gauge}, {gauge}")),
            "voting.gauge.name is a; allowed is each gauge once",
        ),
        (
            gauges("{ name = \"\", others = \"1\" }"),
            "voting.gauge.name is ; allowed is 1 to 40 characters, none of them a control \
             character",
        ),
        (
            gauges("{ name = \"a\", others = \"1\", bribe = { BBB = \"1\" } }"),
            "voting.gauge.bribe is BBB; allowed is AAA",
        ),
        (
            gauges(&format!("{{ name = \"a\", others = \"{huge}\" }}")),
            "voting.gauge is too much; allowed is votes and bribes that the contracts can count",
        ),
        (tokens(""), "voting.bribe_token is given 0 times; allowed is 1 to 200 tokens"),
        (
            tokens(&format!("{token}, {token}")),
            "voting.bribe_token.symbol is AAA; allowed is each token once",
        ),
        (
            tokens("{ symbol = \"AAA\" }"),
            "voting.bribe_token.price_quote is missing; allowed is one of price_quote and prices: \
             a reward without a price is worth nothing that could be reported",
        ),
        (
            tokens("{ symbol = \"AAA\", price_quote = \"1\", decimals = 78 }"),
            "voting.bribe_token.decimals is 78; allowed is 0 to 77",
        ),
    ];
    for (message, expected) in cases {
        assert_eq!(message, expected);
    }
    let twice = voting("curve").repeat(2);
    assert_eq!(refused(&twice), "two voting services are called `curve`; give each its own name");
}

#[test]
fn what_a_vote_cannot_do_is_refused() {
    let vote = |kind: &str, changes: &str| {
        refused(&format!("{}[[strategy]]\nkind = \"vote\"\n{changes}\n", voting(kind)))
    };
    let cases = [
        (
            refused("[[strategy]]\nkind = \"vote\"\n"),
            "strategy `vote`: vote needs a [[voting]] service that locks one of the pool's tokens",
        ),
        (vote("curve", "voting = \"other\""), "strategy.voting is other; allowed is curve"),
        (vote("curve", "lock_bps = 0"), "strategy `vote`: lock_bps is 0; allowed is 1 to 10000"),
        (
            vote("curve", "lock_weeks = 209"),
            "strategy `vote`: lock_weeks is 209; allowed is 1 to 208",
        ),
        (
            vote("balancer", "lock_weeks = 53"),
            "strategy `vote`: lock_weeks is 53; allowed is 1 to 52",
        ),
        (
            vote("curve", "most_gauges = 31"),
            "strategy `vote`: most_gauges is 31; allowed is 1 to 30",
        ),
        (
            vote("aerodrome", "vote_hours_before_end = 1"),
            "strategy `vote`: vote_hours_before_end is 1; allowed is 2 to 166",
        ),
        (
            vote("curve", "claim_every_hours = 5"),
            "strategy `vote`: claim_every_hours is 5; allowed is left out unless claim is `every`",
        ),
        (
            vote("curve", "proceeds = \"compound\""),
            "strategy `vote`: proceeds is compound; allowed is sell or hold",
        ),
        (
            vote("curve", "max_sale_cost_bps = 0"),
            "strategy `vote`: max_sale_cost_bps is 0; allowed is 1 to 10000",
        ),
        (
            vote("curve", "farm = {}"),
            "strategy `vote farmed`: farm needs a [[reward]] programme to stake in and a strategy \
             that provides liquidity",
        ),
    ];
    for (message, expected) in cases {
        assert_eq!(message, expected);
    }
}

/// What a run did, as its journal has it.
#[derive(Debug, Default)]
struct Told {
    locked: Option<(Moment, Amount, Timestamp)>,
    voted: Option<(Moment, Ballot)>,
    claimed: Vec<Amount>,
}

/// The only run of a configuration with a vote in it.
fn told(text: &str) -> Told {
    let setup = setup(text);
    let (journal, _) = record_journal(week(), &setup, &setup.strategies[0]).unwrap();
    let mut told = Told::default();
    for event in &journal.events {
        let EventBody::Outcome(outcome) = &event.body else { continue };
        let now = Moment { at: event.second(), block: outcome.block };
        if let OutcomeKind::Opened { holding, deposited, .. } = outcome.kind {
            let tidemill_model::Holding::Lock { until, .. } = holding else { continue };
            told.locked = Some((now, deposited.as_slice()[1], until));
        }
        if let OutcomeKind::Voted { ballot, .. } = outcome.kind {
            told.voted = Some((now, ballot));
        }
        if let OutcomeKind::Claimed { reward, .. } = outcome.kind {
            told.claimed.push(reward.amount);
        }
    }
    told
}

const US: Account = Account([1; 20]);
const OTHERS: Account = Account([2; 20]);
/// Bribes for either gauge, raw.
const POSTED: [u64; 2] = [11_000_000_000_000_000_000, 7_500_000_000_000_000_000];

/// Two gauges beside others' votes, in raw units of the locked token.
fn two_gauges(kind: &str, others: [Amount; 2]) -> String {
    let whole = |raw: Amount| {
        let digits = format!("{raw:0>19}", raw = raw.to_string());
        let (whole, part) = digits.split_at(digits.len() - 18);
        format!("{whole}.{part}")
    };
    let gauge = |name: &str, others: Amount, bribe: u64| {
        let (others, bribe) = (whole(others), whole(Amount::from_u64(bribe)));
        format!("{{ name = \"{name}\", others = \"{others}\", bribe = {{ AAA = \"{bribe}\" }} }}")
    };
    let gauges = [gauge("a", others[0], POSTED[0]), gauge("b", others[1], POSTED[1])].join(", ");
    format!(
        "[[voting]]\nkind = \"{kind}\"\ntoken = \"WETH\"\ngauge = [{gauges}]\n\
         bribe_token = [{{ symbol = \"AAA\", price_quote = \"9000\" }}]\n\
         [[strategy]]\nkind = \"vote\"\nlock_weeks = 100\n"
    )
}

/// The escrow and the controller by themselves, where others are a real voter.
#[test]
fn bounties_are_those_of_the_contracts_alone() {
    let start = week().events[0].time;
    let at = Moment { at: start, block: BlockNumber(0) };
    let ether =
        |amount: u64| Amount(U256::from(amount) * U256::from(1_000_000_000_000_000_000_u64));
    let mut escrow = VoteEscrow::deployed(EscrowParameters::CURVE, at);
    let mut controller = GaugeController::deployed(OTHERS, start);
    let gauge_type = controller.add_type(OTHERS, U256::from(1), start).unwrap();
    let gauges = [Account([0xa; 20]), Account([0xb; 20])];
    for account in gauges {
        let gauge = ControlledGauge { account, gauge_type, weight: U256::ZERO };
        controller.add_gauge(OTHERS, gauge, start).unwrap();
    }
    let end = Timestamp(EPOCH_END + 150 * 604_800);
    escrow.create_lock(OTHERS, ether(400), end, at).unwrap();
    let cast = |controller: &mut GaugeController, escrow: &VoteEscrow, who, parts: [u32; 2], at| {
        let power = VotePower::of(escrow, who);
        for (gauge, part) in gauges.into_iter().zip(parts) {
            let vote = VoteFor { gauge, weight: U256::from(part) };
            controller.vote_for_gauge_weights(who, vote, power, at).unwrap();
        }
    };
    cast(&mut controller, &escrow, OTHERS, [6_500, 3_500], start);
    let others = gauges.map(|gauge| Amount(controller.gauge_weight(gauge)));
    let told = told(&two_gauges("curve", others));
    let (locked_at, amount, until) = told.locked.unwrap();
    escrow.create_lock(US, amount, until, locked_at).unwrap();
    let (voted_at, ballot) = told.voted.unwrap();
    let [a, b] = ballot.choices() else { panic!("both gauges: {ballot:?}") };
    cast(&mut controller, &escrow, US, [a.part.0, b.part.0], voted_at.at);
    let mut expected = U256::ZERO;
    for (gauge, posted) in gauges.into_iter().zip(POSTED) {
        let vote = controller.vote_of(US, gauge);
        let ours = vote.slope * U256::from(vote.end.0 - EPOCH_END);
        expected += U256::from(posted) * ours / controller.gauge_weight(gauge);
    }
    assert_eq!(told.claimed, [Amount(expected)]);
}

/// Aerodrome by itself, where others are a real lock that decays.
#[test]
fn bribes_are_those_of_aerodrome_alone() {
    let start = week().events[0].time;
    let ether =
        |amount: u64| Amount(U256::from(amount) * U256::from(1_000_000_000_000_000_000_u64));
    let token = Account([0xae; 20]);
    let mut system = Aerodrome::deployed(token, ether(1_000), start);
    let new = NewGauge { tokens: None, by_governor: true, is_elsewhere: true };
    let gauges = [(); 2].map(|()| system.create_gauge(new).unwrap());
    let theirs = system.create_lock(OTHERS, ether(400), 150 * 604_800, start).unwrap();
    let parts = [6_500_u32, 3_500].map(U256::from);
    let choices: Vec<_> = gauges.into_iter().zip(parts).collect();
    system.vote(OTHERS, theirs, &choices, start).unwrap();
    for (gauge, posted) in gauges.into_iter().zip(POSTED) {
        system.notify_bribe(gauge, token, Amount::from_u64(posted), start).unwrap();
    }
    let others = gauges.map(|gauge| system.voter().gauge(gauge).unwrap().weight);
    let told = told(&two_gauges("aerodrome", others));
    let (locked_at, amount, until) = told.locked.unwrap();
    let seconds = until.0 - locked_at.at.0;
    let ours = system.create_lock(US, amount, seconds, locked_at.at).unwrap();
    let (voted_at, ballot) = told.voted.unwrap();
    let [a, b] = ballot.choices() else { panic!("both gauges: {ballot:?}") };
    let parts = [a.part.0, b.part.0].map(U256::from);
    let choices: Vec<_> = gauges.into_iter().zip(parts).collect();
    system.vote(US, ours, &choices, voted_at.at).unwrap();
    let after = Timestamp(EPOCH_END + 60);
    let mut expected = Amount::ZERO;
    for gauge in gauges {
        let paid = system.claim_bribes(US, (gauge, ours), &[token], after).unwrap();
        expected = expected.checked_add(paid[0]).unwrap();
    }
    assert_eq!(told.claimed, [expected]);
}
