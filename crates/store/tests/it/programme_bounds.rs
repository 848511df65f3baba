//! What no programme of a kind can be, value by value: the field that is refused, and what is
//! allowed there.

use serde_json::{Value, json};

use crate::programme_states::{example, refusal, step};

/// Changes to an example, the field that is refused then, and the start of what is allowed there.
type Case = (&'static str, &'static [(&'static str, &'static str)], &'static str, &'static str);

const CASES: &[Case] = &[
    ("staking_rewards", &[("owner", "null")], "owner", "an account in Synthetix's"),
    ("staking_rewards", &[("build", "\"uniswap\"")], "owner", "an account in Synthetix's"),
    (
        "staking_rewards",
        &[("build", "\"uniswap\""), ("owner", "null"), ("is_paused", "true")],
        "is_paused",
        "false in Uniswap's",
    ),
    (
        "staking_rewards",
        &[("build", "\"uniswap\""), ("owner", "null")],
        "rewards_duration",
        "5184000 in",
    ),
    ("staking_rewards", &[("period_finish", "\"1\"")], "last_update_time", "no time after"),
    (
        "staking_rewards",
        &[("stakers.1.account", "\"0xa1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1\"")],
        "stakers[1].account",
        "stakers ascending",
    ),
    ("staking_rewards", &[("stakers.1.balance", MOST)], "stakers[1].balance", "balances whose"),
    (
        "staking_rewards",
        &[("stakers.1.reward_per_token_paid", "\"12499999999999999921\"")],
        "stakers[1].reward_per_token_paid",
        "at most reward_per_token_stored",
    ),
    ("staking_rewards", &[("stakers.0.rewards", MOST)], "stakers[0].rewards", "below 2^255"),
    ("staking_rewards", &[("last_update_time", TWO_64)], "last_update_time", "seconds since 1970"),
    ("master_chef", &[("sushi_balance", MOST)], "sushi_balance", "at most sushi_supply"),
    ("master_chef", &[("lp_balances.1.balance", "0")], "lp_balances[1]", "ascending by token"),
    (
        "master_chef",
        &[("lp_balances.0.token", "\"0x5050505050505050505050505050505050505050\"")],
        "lp_balances[0]",
        "ascending by token",
    ),
    ("master_chef", &[("pools.1.alloc_point", MOST)], "pools[1].alloc_point", "weights whose"),
    ("master_chef", &[("users.2.pool", "2")], "users[2]", "ascending by pool"),
    ("master_chef", &[("users.1.pool", "0")], "users[1]", "ascending by pool"),
    (
        "master_chef",
        &[("users.2.user.reward_debt", MOST)],
        "users[2].user.reward_debt",
        "at most what",
    ),
    ("master_chef", &[("start_block", TWO_64)], "start_block", "a block number"),
    (
        "v3_staker",
        &[("incentives.0.key.end_time", "\"1700000000\"")],
        "incentives[0].key.end_time",
        "after start_time",
    ),
    (
        "v3_staker",
        &[("max_incentive_duration_seconds", "1209599")],
        "incentives[0].key.end_time",
        "after start_time",
    ),
    (
        "v3_staker",
        &[("incentives.0.total_seconds_claimed_x128", MOST)],
        "incentives[0].total_seconds_claimed_x128",
        "0 to 2^160 - 1",
    ),
    ("v3_staker", &[("deposits.1.token_id", "612345")], "deposits[1]", "ascending by token_id"),
    ("v3_staker", &[("deposits.1.range.upper", "887273")], "deposits[1].range.upper", "a tick, "),
    ("v3_staker", &[("deposits.0.range.lower", "202200")], "deposits[0].range", "lower below"),
    ("v3_staker", &[("deposits.1.owner", ZERO)], "deposits[1].owner", "an account, not"),
    ("v3_staker", &[("stakes.0.token_id", "5")], "stakes[0].token_id", "a token of the"),
    ("v3_staker", &[("stakes.0.key.end_time", "5")], "stakes[0].key", "the key of an"),
    ("v3_staker", &[("stakes.0.liquidity", "0")], "stakes[0].liquidity", "1 or more"),
    (
        "v3_staker",
        &[("stakes.0.seconds_per_liquidity_inside_initial_x128", MOST)],
        "stakes[0].seconds_per_liquidity_inside_initial_x128",
        "0 to 2^160 - 1",
    ),
    ("v3_staker", &[("rewards.0.amount", "0")], "rewards[0].amount", "1 or more"),
    ("vote_escrow", &[("maximum_lock", "0")], "maximum_lock", "1 or more"),
    ("vote_escrow", &[("history", "[]")], "history", "one point or more"),
    ("vote_escrow", &[("history.2.at", "1700863999")], "history[2]", "times and blocks"),
    ("vote_escrow", &[("history.5.slope", "-1")], "history[5]", "a bias and a slope"),
    ("vote_escrow", &[("slope_changes.1.0", "1762992001")], "slope_changes[1]", "beginnings of"),
    ("vote_escrow", &[("lockers.1.locked.amount", "-1")], "lockers[1]", "an amount of 0"),
    ("vote_escrow", &[("lockers.0.locked.end", "1")], "lockers[0]", "a lock's end"),
    (
        "vote_escrow",
        &[("lockers.1.points.0.slope", "-1")],
        "lockers[1].points[0]",
        "a bias and a slope",
    ),
    ("vote_escrow", &[("lockers.1.points", "[]")], "lockers[1].points", "one for each"),
    ("vote_escrow", &[("lockers.0.points.1.block", "1")], "lockers[0].points[1]", "times and"),
    (
        "vote_escrow",
        &[("lockers.1.account", "\"0xa1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1\"")],
        "lockers[1]",
        "sorted, no account twice",
    ),
    ("gauge_controller", &[("gauges.1.gauge_type", "1")], "gauges[1]", "a type below type_count"),
    ("gauge_controller", &[("gauges.1.account", GAUGE)], "gauges[1]", "no gauge twice"),
    (
        "gauge_controller",
        &[("gauges.0.weight.points.1.0", "1700697600")],
        "gauges[0].weight.points[1]",
        "beginnings of weeks",
    ),
    (
        "gauge_controller",
        &[("gauges.1.weight.slope_changes.0.0", "1")],
        "gauges[1].weight.slope_changes[0]",
        "beginnings of weeks",
    ),
    (
        "gauge_controller",
        &[("types.0.sum.filled_to", "1")],
        "types[0].sum.filled_to",
        "the beginning of a week",
    ),
    (
        "gauge_controller",
        &[("types.0.weight.values.1.0", "604800")],
        "types[0].weight.values[1]",
        "beginnings of weeks",
    ),
    (
        "gauge_controller",
        &[("total.filled_to", "604801")],
        "total.filled_to",
        "the beginning of a week",
    ),
    ("gauge_controller", &[("total.values.0.0", "2")], "total.values[0]", "beginnings of weeks"),
    ("gauge_controller", &[("voters.0.votes.0.vote.power", "10001")], "voters[0]", "votes for"),
    ("gauge_controller", &[("voters.0.votes.0.gauge", ZERO)], "voters[0]", "votes for gauges"),
    ("curve_gauge", &[("created_at", "1700870401")], "period", "no time before created_at"),
    ("curve_gauge", &[("period.total_supply", "1")], "period", "the sums of the stakes"),
    (
        "curve_gauge",
        &[("stakes.1.stake.working_balance", MOST)],
        "stakes[1]",
        "a part of the balance that works",
    ),
    ("curve_gauge", &[("stakes.1.account", ALICE)], "stakes[1]", "sorted, no account twice"),
    ("curve_gauges", &[("gauges.1.account", GAUGE)], "gauges[1]", "sorted, none twice"),
    (
        "curve_gauges",
        &[("gauges.1.period.working_supply", "1")],
        "gauges[1].period",
        "the sums of the stakes",
    ),
    (
        "curve_gauges",
        &[("gauges.0.stakes.1.account", ALICE)],
        "gauges[0].stakes[1]",
        "sorted, no account",
    ),
    ("curve_gauges", &[("token.rate", MOST)], "token.rate", "at most the first epoch's"),
    ("curve_gauges", &[("escrow.maximum_lock", "0")], "escrow.maximum_lock", "1 or more"),
    (
        "curve_gauges",
        &[("escrow.lockers.0.points.0.slope", "-1")],
        "escrow.lockers[0].points[0]",
        "a bias and",
    ),
    (
        "curve_gauges",
        &[("controller.gauges.0.gauge_type", "1")],
        "controller.gauges[0]",
        "a type below",
    ),
    (
        "curve_gauges",
        &[("controller.total.filled_to", "1")],
        "controller.total.filled_to",
        "the beginning",
    ),
    (
        "curve_gauges",
        &[("minter.minted", MINTED_TWICE)],
        "minter.minted[1]",
        "sorted, no pair twice",
    ),
    ("balancer_gauges", &[("gauges.1.identity.account", GAUGE)], "gauges[1]", "sorted, none twice"),
    (
        "balancer_gauges",
        &[("gauges.0.period.working_supply", "1")],
        "gauges[0].period",
        "the sums of the stakes",
    ),
    (
        "balancer_gauges",
        &[("gauges.1.relative_weight_cap", "1000000000000000001")],
        "gauges[1].relative_weight_cap",
        "0 to 1000000000000000000",
    ),
    (
        "balancer_gauges",
        &[("gauges.0.stakes.1.account", ALICE)],
        "gauges[0].stakes[1]",
        "sorted, none twice",
    ),
    (
        "balancer_gauges",
        &[("token_admin.rate", "239748677248677249")],
        "token_admin.rate",
        "at most 239748677248677248",
    ),
    ("balancer_gauges", &[("escrow.maximum_lock", "0")], "escrow.maximum_lock", "1 or more"),
    (
        "balancer_gauges",
        &[("controller.gauges.0.gauge_type", "1")],
        "controller.gauges[0]",
        "a type below",
    ),
    (
        "balancer_gauges",
        &[("minter.minted", MINTED_TWICE)],
        "minter.minted[1]",
        "sorted, no pair twice",
    ),
    ("fee_distribution", &[("escrow.maximum_lock", "0")], "escrow.maximum_lock", "1 or more"),
    (
        "fee_distribution",
        &[("distributor.start_time", "1")],
        "distributor.start_time",
        "the beginning of a week",
    ),
    ("crv_emission", &[("mining_epoch", "-2")], "mining_epoch", "-1 or more"),
    ("crv_emission", &[("mining_epoch", "-1")], "rate", "at most the first epoch's"),
    ("crv_emission", &[("rate", "8714335457889396246")], "rate", "at most the first epoch's"),
    ("token_admin", &[("rate", "239748677248677249")], "rate", "at most 239748677248677248"),
    ("fee_distributor", &[("start_time", "1")], "start_time", "the beginning of a week"),
    ("fee_distributor", &[("time_cursor", "0")], "time_cursor", "a week from the start on"),
    ("fee_distributor", &[("total_supply.1.week", "0")], "total_supply", "weeks in ascending"),
    ("fee_distributor", &[("tokens.0.cached_balance", MOST)], "tokens[0]", "a cached balance"),
    (
        "fee_distributor",
        &[("tokens.0.tokens_per_week.0.amount", "0")],
        "tokens[0]",
        "weeks in ascending",
    ),
    ("fee_distributor", &[("users.1.user", ALICE)], "users[1]", "ascending by user"),
    ("fee_distributor", &[("users.1.time_cursor", "7")], "users[1]", "cursors at weeks"),
    ("aerodrome", &[("locked_supply", MOST)], "locked_supply", "at most 2^127 - 1"),
    ("aerodrome", &[("last_lock", "3")], "locks[3]", "ascending, from 1 to last_lock"),
    ("aerodrome", &[("locks.1.id", "1")], "locks[1]", "ascending, from 1 to last_lock"),
    ("aerodrome", &[("locks.1.locked.end", "604800")], "locks[1]", "locked until an epoch's"),
    ("aerodrome", &[("locks.2.kind.managed", "9")], "locks[2]", "deposited into locks that"),
    ("aerodrome", &[("locks.2.points.1.at", "1")], "locks[2]", "points that ascend"),
    (
        "aerodrome",
        &[("locks.3.kind.free_rewards.supply.0.balance", "1")],
        "locks[3]",
        "balances that add up",
    ),
    ("aerodrome", &[("locks.3.kind.type", "\"lent\"")], "locks[3].kind.type", "\"normal\", "),
    ("aerodrome", &[("points.1.at", "1700100000")], "points[1]", "ascending to updated_at"),
    ("aerodrome", &[("slope_changes.1.0", "1760572801")], "slope_changes[1]", "ascending, at"),
    (
        "aerodrome",
        &[("permanent_lock_balance", "1")],
        "permanent_lock_balance",
        "what the permanent locks hold",
    ),
    ("aerodrome", &[("gauges.0.weight", "1")], "gauges[0]", "weights that are the votes' sums"),
    ("aerodrome", &[("gauges.0.supply_index", MOST)], "gauges[0]", "indexes no larger"),
    (
        "aerodrome",
        &[("gauges.0.gauge.stakers.1.1.balance", "1")],
        "gauges[0]",
        "stakes that add up",
    ),
    ("aerodrome", &[("ballots.1.0", "5")], "ballots[1]", "of locks that were"),
    ("aerodrome", &[("ballots.0.1.votes.0.0", "1")], "ballots[0]", "votes above zero"),
    ("aerodrome", &[("max_voting_num", "9")], "max_voting_num", "10 or more"),
    (
        "aerodrome",
        &[("whitelisted_tokens.1", "\"0xaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeae\"")],
        "whitelisted_tokens",
        "ascending, none twice",
    ),
    ("aerodrome", &[("whitelisted_locks", "[2, 2]")], "whitelisted_locks", "ascending, none"),
    ("aerodrome", &[("can_split", TWO_ALICES)], "can_split", "ascending, none twice"),
    ("aerodrome", &[("minter.team_rate", "501")], "minter.team_rate", "0 to 500"),
    ("aerodrome", &[("minter.team_rate", "65536")], "minter.team_rate", "an integer from 0 to"),
    ("aerodrome", &[("minter.tail_emission_rate", "0")], "minter.tail_emission_rate", "1 to 100"),
    ("aerodrome", &[("minter.active_period", "1")], "minter.active_period", "the start of an"),
    (
        "aerodrome",
        &[("distributor.token_last_balance", MOST)],
        "distributor.token_last_balance",
        "no more than the balance",
    ),
    (
        "aerodrome",
        &[("distributor.tokens_per_week.1.0", "1")],
        "distributor.tokens_per_week",
        "ascending, at",
    ),
    ("concentrated_gauge", &[("positions.1.0", "41")], "positions[1]", "ascending, none twice"),
    (
        "concentrated_gauge",
        &[("reward_growth_outside.0.1", "0")],
        "reward_growth_outside[0]",
        "ascending by tick",
    ),
    ("concentrated_gauge", &[("rollover", MOST)], "reward_reserve", "with the rollover"),
    ("concentrated_gauge", &[("balance", "1")], "reward_reserve", "with the rollover at most"),
    (
        "concentrated_gauge",
        &[("positions.0.1.range.upper", "-200100")],
        "positions[0][1].range",
        "lower below upper",
    ),
    ("aerodrome_gauge", &[("totals.total_supply", "1")], "totals", "stakes that add up"),
    ("aerodrome_gauge", &[("totals.period_finish", "1")], "totals", "last_update_time no later"),
    (
        "aerodrome_gauge",
        &[("totals.reward_per_token_stored", "0")],
        "stakers",
        "stakers no further than",
    ),
    ("merkl", &[("terms.duration_seconds", "3599")], "terms.duration_seconds", "3600 or more"),
    ("merkl", &[("terms.weights.fees", "4001")], "terms.weights", "three that add up to 10000"),
    ("merkl", &[("terms.boosted_reward", "9999")], "terms.boosted_reward", "10000 or more"),
    ("merkl", &[("accounts.1.account", ALICE)], "accounts[1]", "ascending by account"),
    ("merkl", &[("accounts.1.earned", MOST)], "accounts[1]", "sums of at most"),
    ("merkl", &[("allotted", "1")], "allotted", "what is earned and undistributed"),
    ("merkle_claim", &[("claimed_bit_map.0.bits", "0")], "claimed_bit_map[0]", "ascending words"),
    ("merkle_claim", &[("claimed_bit_map.0.word", MOST)], "claimed_bit_map[0]", "ascending words"),
    ("merkle_claim", &[("merkle_root", "\"0x12\"")], "merkle_root", "thirty-two bytes"),
    (
        "cumulative_claim",
        &[("end_of_dispute_period", "281474976710656")],
        "end_of_dispute_period",
        "0 to 2^48 - 1",
    ),
    (
        "cumulative_claim",
        &[("governance.dispute_period", "281474976710656")],
        "governance.dispute_period",
        "0 to 2^48 - 1",
    ),
    (
        "cumulative_claim",
        &[("governance.epoch_seconds", "4294967296")],
        "governance.epoch_seconds",
        "0 to 2^32 - 1",
    ),
    ("cumulative_claim", &[("claimed.0.amount", MOST)], "claimed[0]", "ascending, each amount"),
    ("cumulative_claim", &[("balances.1.amount", "0")], "balances[1]", "ascending by token"),
    ("emission", &[("schedule.type", "\"cubic\"")], "schedule.type", "\"constant\", "),
    ("emission", &[("schedule.steps.1.length", "0")], "schedule.steps[1].length", "1 or more"),
    (
        "emission",
        &[("schedule.steps.2.length", "18446744073709551615")],
        "schedule.steps[2].length",
        "lengths whose sum",
    ),
    ("emission", &[("schedule.steps.0.amount", MOST)], "schedule", "one that never releases"),
    (
        "emission",
        &[("schedule", "{\"type\":\"halving\",\"first_amount\":1,\"interval\":0}")],
        "schedule.interval",
        "1 or more",
    ),
    (
        "emission",
        &[("schedule", "{\"type\":\"linear\",\"first_rate\":1,\"last_rate\":0,\"length\":0}")],
        "schedule.length",
        "1 or more",
    ),
    ("emission", &[("clock", "\"weeks\"")], "clock", "\"seconds\" or"),
    (
        "validator_staking",
        &[("parameters.max_entries", "0")],
        "parameters",
        "unbonding time, entries",
    ),
    ("validator_staking", &[("parameters.community_tax", MOST)], "parameters", "community tax"),
    (
        "validator_staking",
        &[("validators.1.operator", "\"0x7171717171717171717171717171717171717171\"")],
        "validators[1]",
        "sorted by key",
    ),
    (
        "validator_staking",
        &[("validators.1.commission_rate", "1000000000000000001")],
        "validators[1].commission_rate",
        "at most one",
    ),
    ("validator_staking", &[("validators.0.period", "0")], "validators[0].period", "from 1"),
    (
        "validator_staking",
        &[("validators.1.shares", "1")],
        "validators[1].shares",
        "what the delegations",
    ),
    (
        "validator_staking",
        &[("validators.1.outstanding", "1")],
        "validators[1].outstanding",
        "at least current",
    ),
    (
        "validator_staking",
        &[("validators.1.outstanding", MOST)],
        "validators[1].outstanding",
        "all of them fit",
    ),
    (
        "validator_staking",
        &[("validators.0.slashes.0.period", "7")],
        "validators[0].slashes",
        "in order",
    ),
    (
        "validator_staking",
        &[("delegations.3.start_period", "3")],
        "delegations[3]",
        "of a known validator",
    ),
    (
        "validator_staking",
        &[("delegations.4.delegator", "\"0x7272727272727272727272727272727272727272\"")],
        "delegations[4]",
        "sorted by key",
    ),
    (
        "validator_staking",
        &[("unbondings.0.entries.0.balance", "20000001")],
        "unbondings[0]",
        "at least one entry",
    ),
    ("validator_staking", &[("redelegations.0.entries", "[]")], "redelegations[0]", "at least"),
    (
        "validator_staking",
        &[("validators.0.status.type", "\"\"")],
        "validators[0].status.type",
        "\"unbonded\",",
    ),
    ("liquid_staking", &[("shares.3.1", "0")], "shares[3]", "sorted by holder"),
    ("liquid_staking", &[("shares.6.1", MOST)], "shares[6]", "sorted by holder"),
    ("liquid_staking", &[("wrapped.0.1", "0")], "wrapped[0]", "sorted by holder"),
    (
        "liquid_staking",
        &[("appeared_validators", "21")],
        "appeared_validators",
        "at most the deposited",
    ),
    ("liquid_staking", &[("fee.total", "499")], "fee", "modules at most the total"),
    ("liquid_staking", &[("requests.1.cumulative_shares", "1")], "requests[1]", "sums that rise"),
    ("liquid_staking", &[("finalized", "3")], "finalized", "at most all requests"),
    ("liquid_staking", &[("checkpoints.0.from_request", "2")], "checkpoints[0]", "from the first"),
    ("liquid_staking", &[("checkpoints", "[]")], "checkpoints", "from the first request on"),
    ("rate_token", &[("tokens.1.0", ALICE)], "tokens[1]", "ascending by holder"),
    ("rate_token", &[("tokens.0.1", "0")], "tokens[0]", "ascending by holder"),
    ("rate_token", &[("tokens.0.1", MOST)], "tokens", "holdings whose sum"),
    ("vault", &[("decimals_offset", "78")], "decimals_offset", "0 to 77"),
    ("vault", &[("decimals_offset", "256")], "decimals_offset", "an integer from 0 to 255"),
    ("vault", &[("shares.1.1", MOST)], "shares", "holdings whose sum"),
];

const ALICE: &str = "\"0xa1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1\"";
const GAUGE: &str = "\"0x6060606060606060606060606060606060606060\"";
const TWO_ALICES: &str = "[\"0xa1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1\", \
    \"0xa1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1\"]";
const MINTED_TWICE: &str = "[
    {
        \"account\": \"0xa1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1\",
        \"gauge\": \"0x6060606060606060606060606060606060606060\",
        \"amount\": \"1\"
    },
    {
        \"account\": \"0xa1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1\",
        \"gauge\": \"0x6060606060606060606060606060606060606060\",
        \"amount\": \"1\"
    }
]";
const ZERO: &str = "\"0x0000000000000000000000000000000000000000\"";
const TWO_64: &str = "\"18446744073709551616\"";
const MOST: &str =
    "\"115792089237316195423570985008687907853269984665640564039457584007913129639935\"";

/// What no programme of the kind can be: the field, its place in a list, and what is allowed.
#[test]
fn values_out_of_bounds_are_named() {
    let mut wrong = Vec::new();
    for (kind, changes, named, allowed) in CASES {
        let mut state = example(kind);
        for (path, value) in *changes {
            let place = path.split('.').fold(&mut state, |value, key| step(value, key));
            *place = serde_json::from_str(value).unwrap();
        }
        let said = refusal(&state);
        let starts = said.starts_with(&format!("field {named}: `"));
        let expected = said.split_once("is not allowed; expected ");
        if !starts || !expected.is_some_and(|(_, expected)| expected.starts_with(allowed)) {
            wrong.push(format!("{kind}: {changes:?}: {said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// In a long list the place is found, wherever it is, and so is the first of several.
#[test]
fn the_place_in_a_long_list_is_named() {
    let mut state = example("staking_rewards");
    let staker = |at: u64| {
        json!({
            "account": format!("0x{at:040x}"),
            "balance": "1",
            "reward_per_token_paid": "0",
            "rewards": "0",
        })
    };
    let stakers: Vec<Value> = (1..=300).map(staker).collect();
    for at in (0..300).step_by(7).chain([1, 298, 299]) {
        let mut wrong = stakers.clone();
        wrong[at]["rewards"] = serde_json::from_str(MOST).unwrap();
        wrong[299]["rewards"] = serde_json::from_str(MOST).unwrap();
        state["stakers"] = Value::Array(wrong);
        let said = refusal(&state);
        assert!(said.starts_with(&format!("field stakers[{at}].rewards: `")), "{at}: {said}");
    }
}
