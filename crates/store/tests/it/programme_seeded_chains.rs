//! Random states of claims, schedules and proof of stake.

use std::collections::BTreeMap;

use tidemill_rewards::Account;
use tidemill_rewards::emission::{EmissionClock, EmissionState, EmissionStep, Schedule};
use tidemill_rewards::liquid_staking::{
    Checkpoint, LiquidStakingState, ModuleFee, PoolAccounts, ProtocolFee, RateToken, Vault,
    WithdrawalRequest,
};
use tidemill_rewards::merkl::{MerklAccount, MerklState, MerklTerms, MerklWeights};
use tidemill_rewards::merkle_claim::{
    ClaimedWord, CumulativeClaimState, Governance, MerkleClaimState, Node, Operator, TokenAmount,
    UserTokenAmount,
};
use tidemill_rewards::token_admin::{INITIAL_RATE, TokenAdmin};
use tidemill_rewards::validator_staking::{
    BondStatus, Decimal, Delegation, Redelegation, RedelegationEntry, SlashEvent,
    StakingParameters, StakingState, Unbonding, UnbondingEntry, Validator,
};
use tidemill_store::ProgrammeState;
use tidemill_units::{Amount, Timestamp, U256};

use crate::seeded::Seeded;

pub(crate) fn random_state(kind: &str, seeded: &mut Seeded) -> ProgrammeState {
    match kind {
        "token_admin" => token_admin(seeded).into(),
        "merkl" => merkl(seeded).into(),
        "merkle_claim" => merkle_claim(seeded).into(),
        "cumulative_claim" => cumulative_claim(seeded).into(),
        "emission" => emission(seeded).into(),
        "validator_staking" => validator_staking(seeded).into(),
        "liquid_staking" => liquid_staking(seeded).into(),
        "rate_token" => rate_token(seeded).into(),
        "vault" => vault(seeded).into(),
        _ => panic!("no random states of {kind}"),
    }
}

fn one_or_more(seeded: &mut Seeded, bits: usize) -> Amount {
    Amount(seeded.bits(bits).max(U256::ONE))
}

fn decimal(seeded: &mut Seeded) -> Decimal {
    Decimal(seeded.bits(240))
}

/// At most one.
fn fraction(seeded: &mut Seeded) -> Decimal {
    Decimal(seeded.up_to(Decimal::ONE.0))
}

fn node(seeded: &mut Seeded) -> Node {
    Node(seeded.wide().to_be_bytes())
}

fn token_admin(seeded: &mut Seeded) -> TokenAdmin {
    TokenAdmin {
        mining_epoch: seeded.u64(),
        start_epoch_time: Timestamp(seeded.u64()),
        start_epoch_supply: seeded.amount(),
        rate: seeded.up_to(INITIAL_RATE),
    }
}

fn merkl(seeded: &mut Seeded) -> MerklState {
    let accounts = seeded.accounts();
    let account = |account| MerklAccount {
        account,
        fees: Amount(seeded.bits(250)),
        amount0: Amount(seeded.bits(250)),
        amount1: Amount(seeded.bits(250)),
        boost: seeded.amount(),
        earned: Amount(seeded.bits(250)),
    };
    let accounts: Vec<_> = accounts.into_iter().map(account).collect();
    let undistributed = Amount(seeded.bits(250));
    let earned = |sum: U256, of: &MerklAccount| sum.wrapping_add(of.earned.0);
    let allotted = accounts.iter().fold(undistributed.0, earned);
    let fees = u32::try_from(seeded.below(10_001)).unwrap();
    let amount0 = u32::try_from(seeded.below(u64::from(10_001 - fees))).unwrap();
    let terms = MerklTerms {
        amount: Amount(allotted.wrapping_add(seeded.bits(250))),
        start: Timestamp(seeded.u64() >> 1),
        duration_seconds: 3600 + (seeded.u64() >> 2),
        weights: MerklWeights { fees, amount0, amount1: 10_000 - fees - amount0 },
        is_out_of_range_incentivized: seeded.flag(),
        boosted_reward: seeded
            .maybe(|seeded| u32::try_from(10_000 + seeded.below(1 << 31)).unwrap()),
    };
    MerklState {
        terms,
        updated_at: Timestamp(seeded.u64()),
        allotted: Amount(allotted),
        undistributed,
        boost_supply: seeded.amount(),
        accounts,
    }
}

fn merkle_claim(seeded: &mut Seeded) -> MerkleClaimState {
    let words = seeded.sorted(|seeded| seeded.bits(248));
    let word = |word| ClaimedWord { word, bits: seeded.wide().max(U256::ONE) };
    MerkleClaimState {
        claimed_bit_map: words.into_iter().map(word).collect(),
        address: seeded.account(),
        merkle_root: node(seeded),
        balance: seeded.amount(),
    }
}

fn cumulative_claim(seeded: &mut Seeded) -> CumulativeClaimState {
    let pairs = seeded.sorted(|seeded| (seeded.account(), seeded.account()));
    let claimed = |(user, token)| UserTokenAmount { user, token, amount: one_or_more(seeded, 208) };
    let claimed = pairs.into_iter().map(claimed).collect();
    let tokens = seeded.accounts();
    let balance = |token| TokenAmount { token, amount: one_or_more(seeded, 256) };
    let balances = tokens.into_iter().map(balance).collect();
    let operator =
        |seeded: &mut Seeded| Operator { user: seeded.account(), operator: seeded.account() };
    let governance = Governance {
        governors: seeded.list(Seeded::account),
        trusted: seeded.list(Seeded::account),
        dispute_token: seeded.account(),
        dispute_amount: seeded.amount(),
        dispute_period: seeded.u64() >> 16,
        epoch_seconds: seeded.u64() >> 32,
    };
    CumulativeClaimState {
        tree: node(seeded),
        last_tree: node(seeded),
        end_of_dispute_period: Timestamp(seeded.u64() >> 16),
        disputer: seeded.maybe(Seeded::account),
        governance,
        claimed,
        balances,
        operators: seeded.sorted(operator),
    }
}

fn emission(seeded: &mut Seeded) -> EmissionState {
    // Twice the longest time times the largest rate stays below 2^256.
    let amount = |seeded: &mut Seeded| Amount(seeded.bits(180));
    let schedule = match seeded.below(4) {
        0 => Schedule::Constant { amount: amount(seeded), interval: seeded.u64().max(1) },
        1 => Schedule::Linear {
            first_rate: amount(seeded),
            last_rate: amount(seeded),
            length: seeded.u64().max(1),
        },
        2 => Schedule::Halving { first_amount: amount(seeded), interval: seeded.u64().max(1) },
        _ => {
            let step = |seeded: &mut Seeded| EmissionStep {
                amount: amount(seeded),
                length: (seeded.u64() >> 4).max(1),
            };
            Schedule::Stepped { steps: seeded.list(step) }
        }
    };
    let clock = if seeded.flag() { EmissionClock::Seconds } else { EmissionClock::Blocks };
    EmissionState { clock, start: seeded.u64(), cap: seeded.maybe(Seeded::amount), schedule }
}

fn validator(seeded: &mut Seeded, operator: Account, delegations: &[Delegation]) -> Validator {
    let own = delegations.iter().filter(|each| each.validator == operator);
    let shares = own.fold(U256::ZERO, |sum, each| sum.wrapping_add(each.shares.0));
    let (current_rewards, commission) = (decimal(seeded), decimal(seeded));
    let parts = current_rewards.0.wrapping_add(commission.0);
    let status = match seeded.below(3) {
        0 => BondStatus::Unbonded,
        1 => BondStatus::Unbonding { height: seeded.u64(), until: Timestamp(seeded.u64()) },
        _ => BondStatus::Bonded,
    };
    let heights = seeded.sorted(|seeded| (seeded.u64(), seeded.below(1 << 40)));
    let slash = |(height, period)| SlashEvent {
        height,
        period,
        fraction: fraction(seeded),
        reward_ratio: Decimal(seeded.bits(249)),
    };
    let slashes = heights.into_iter().map(slash).collect();
    Validator {
        operator,
        status,
        is_jailed: seeded.flag(),
        tokens: if shares.is_zero() { Amount::ZERO } else { seeded.amount() },
        shares: Decimal(shares),
        commission_rate: fraction(seeded),
        min_self_delegation: seeded.amount(),
        period: (1 << 40) + seeded.below(1 << 40),
        reward_ratio: Decimal(U256::ONE.wrapping_shl(249)),
        current_rewards,
        commission,
        outstanding: Decimal(parts.wrapping_add(seeded.bits(240))),
        slashes,
    }
}

fn validator_staking(seeded: &mut Seeded) -> StakingState {
    let operators = seeded.accounts();
    let delegators = seeded.accounts();
    let mut delegations = Vec::new();
    for delegator in &delegators {
        for validator in &operators {
            if seeded.flag() {
                delegations.push(Delegation {
                    delegator: *delegator,
                    validator: *validator,
                    shares: decimal(seeded),
                    start_period: seeded.below(1 << 40),
                    start_ratio: decimal(seeded),
                    start_stake: Decimal(seeded.wide()),
                    start_height: seeded.u64(),
                });
            }
        }
    }
    let of = |operator: &Account| validator(seeded, *operator, &delegations);
    let validators = operators.iter().map(of).collect();
    let pairs = seeded.sorted(|seeded| (seeded.account(), seeded.account()));
    let unbonding = |(delegator, validator)| {
        let count = 1 + seeded.below(3);
        let entries = seeded.list_of(count, |seeded| {
            let initial_balance = seeded.amount();
            UnbondingEntry {
                creation_height: seeded.u64(),
                completes_at: Timestamp(seeded.u64()),
                initial_balance,
                balance: Amount(seeded.up_to(initial_balance.0)),
            }
        });
        Unbonding { delegator, validator, entries }
    };
    let unbondings = pairs.into_iter().map(unbonding).collect();
    let keys = seeded.sorted(|seeded| (seeded.account(), seeded.account(), seeded.account()));
    let redelegation = |(delegator, source, destination)| {
        let count = 1 + seeded.below(3);
        let entries = seeded.list_of(count, |seeded| RedelegationEntry {
            creation_height: seeded.u64(),
            completes_at: Timestamp(seeded.u64()),
            initial_balance: seeded.amount(),
            shares: Decimal(seeded.wide()),
        });
        Redelegation { delegator, source, destination, entries }
    };
    let redelegations = keys.into_iter().map(redelegation).collect();
    let third =
        |seeded: &mut Seeded| Decimal(seeded.up_to(U256::from(333_333_333_333_333_333_u64)));
    let parameters = StakingParameters {
        unbonding_seconds: seeded.u64().max(1),
        max_entries: u32::try_from(seeded.u64() >> 32).unwrap().max(1),
        power_reduction: one_or_more(seeded, 256),
        community_tax: third(seeded),
        base_proposer_reward: third(seeded),
        bonus_proposer_reward: third(seeded),
    };
    StakingState {
        parameters,
        community_pool: decimal(seeded),
        validators,
        delegations,
        unbondings,
        redelegations,
    }
}

fn holders(seeded: &mut Seeded) -> Vec<(Account, Amount)> {
    let accounts = seeded.accounts();
    accounts.into_iter().map(|account| (account, one_or_more(seeded, 250))).collect()
}

fn liquid_staking(seeded: &mut Seeded) -> LiquidStakingState {
    let module =
        |seeded: &mut Seeded| ModuleFee { recipient: seeded.account(), fee: seeded.bits(90) };
    let modules = seeded.list(module);
    let fees = modules.iter().fold(U256::ZERO, |sum, module| sum.wrapping_add(module.fee));
    let total = fees.wrapping_add(seeded.bits(90));
    let precision = total.wrapping_add(seeded.bits(250));
    let (mut amount, mut shares) = (U256::ZERO, U256::ZERO);
    let requests = seeded.list(|seeded| {
        amount = amount.wrapping_add(seeded.bits(120));
        shares = shares.wrapping_add(seeded.bits(120));
        WithdrawalRequest {
            owner: seeded.account(),
            cumulative_amount: Amount(amount),
            cumulative_shares: Amount(shares),
            requested_at: Timestamp(seeded.u64()),
            is_claimed: seeded.flag(),
        }
    });
    let finalized = seeded.below(u64::try_from(requests.len()).unwrap() + 1);
    let is_first = |id: &u64| *id == 1;
    let mut from: Vec<u64> = (1..=finalized).collect();
    from.retain(|id| is_first(id) || seeded.flag());
    let checkpoint = |from_request| Checkpoint { from_request, max_share_rate: seeded.wide() };
    let checkpoints = from.into_iter().map(checkpoint).collect();
    let accounts = PoolAccounts {
        token: seeded.account(),
        wrapper: seeded.account(),
        queue: seeded.account(),
        burner: seeded.account(),
        treasury: seeded.account(),
    };
    let deposited_validators = seeded.u64();
    LiquidStakingState {
        accounts,
        fee: ProtocolFee { modules, total, precision },
        request_margin_seconds: seeded.u64(),
        buffered: seeded.amount(),
        consensus_balance: seeded.amount(),
        deposited_validators,
        appeared_validators: deposited_validators / 2,
        shares: holders(seeded),
        wrapped: holders(seeded),
        burn_requested: seeded.amount(),
        requests,
        finalized,
        checkpoints,
        locked: seeded.amount(),
    }
}

fn rate_token(seeded: &mut Seeded) -> RateToken {
    RateToken {
        reported_balance: seeded.amount(),
        reported_supply: seeded.amount(),
        deposit_fee: seeded.wide(),
        collateral: seeded.amount(),
        tokens: BTreeMap::from_iter(holders(seeded)),
    }
}

fn vault(seeded: &mut Seeded) -> Vault {
    Vault {
        assets: seeded.amount(),
        shares: BTreeMap::from_iter(holders(seeded)),
        decimals_offset: u8::try_from(seeded.below(78)).unwrap(),
    }
}
