use tidemill_rewards::validator_staking::{
    Block, Decimal, Infraction, Staking, StakingParameters, StakingState, Vote,
};
use tidemill_rewards::{Account, Moment};
use tidemill_units::{Amount, Timestamp, U256};

use super::{Stake, earned};

/// One validator of a chain that was made up: others delegate to it too, a yearly rate on all of
/// its tokens is allocated at every report, and it is slashed at given times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidatorService {
    staking: Staking,
    yearly_ppm: u64,
    slashes: Vec<SlashAt>,
    height: u64,
    /// Undelegated tokens that came back, by account.
    paid: std::collections::BTreeMap<Account, Amount>,
}

/// A slash that is to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlashAt {
    /// When.
    pub at: Timestamp,
    /// The part of the validator's tokens that is burned, in 10,000ths.
    pub bps: u32,
}

/// What a validator is made up of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidatorTerms {
    /// Tokens of all others, raw.
    pub others: Amount,
    /// What they earn in a year before the commission, in parts of a million.
    pub yearly_ppm: u64,
    /// The validator's part of what is earned, in 10,000ths.
    pub commission_bps: u32,
    /// How long unbonding takes, in seconds, above zero.
    pub unbonding_seconds: u64,
    /// Slashes, in order of time.
    pub slashes: Vec<SlashAt>,
    /// When it begins.
    pub start: Timestamp,
}

const OPERATOR: Account = Account([0x0f; 20]);
const OTHERS: Account = Account([0x07; 20]);

/// A part in 10,000ths, as the chain counts.
fn part(bps: u32) -> Decimal {
    Decimal::ratio_truncate(Amount::from_u64(bps.into()), Amount::from_u64(10_000))
        .unwrap_or(Decimal::ZERO)
}

impl ValidatorService {
    /// Returns the validator; `None` for terms that no chain can have.
    pub fn new(terms: ValidatorTerms) -> Option<Self> {
        let ValidatorTerms { others, yearly_ppm, commission_bps, unbonding_seconds, .. } = terms;
        let parameters = StakingParameters {
            unbonding_seconds,
            // The validator's power has to fit 64 bits, whatever the token's decimals.
            power_reduction: Amount(U256::ONE.max(others.0.wrapping_shr(40))),
            community_tax: Decimal::ZERO,
            base_proposer_reward: Decimal::ZERO,
            bonus_proposer_reward: Decimal::ZERO,
            ..StakingParameters::default()
        };
        let state = StakingState { parameters, ..StakingState::default() };
        let mut staking = Staking::new(&state).ok()?;
        let at = Block { height: 1, time: terms.start };
        staking.create_validator(OPERATOR, part(commission_bps), Amount::ZERO).ok()?;
        staking.delegate(OTHERS, OPERATOR, others, at).ok()?;
        staking.bond(OPERATOR).ok()?;
        let (slashes, paid) = (terms.slashes, std::collections::BTreeMap::new());
        Some(Self { staking, yearly_ppm, slashes, height: 1, paid })
    }

    fn block(&self, at: Moment) -> Block {
        Block { height: self.height, time: at.at }
    }

    /// Ends a block: what is due comes back.
    fn end_block(&mut self, at: Moment) -> Option<()> {
        let completed = self.staking.end_block(self.block(at)).ok()?;
        for unbonded in completed.unbonded {
            let paid = self.paid.entry(unbonded.delegator).or_default();
            *paid = paid.checked_add(unbonded.amount)?;
        }
        self.height = self.height.checked_add(1)?;
        Some(())
    }

    fn power(&self) -> Option<u64> {
        let tokens = self.staking.validator(OPERATOR)?.tokens;
        let power = tokens.0.checked_div(self.staking.parameters().power_reduction.0)?;
        u64::try_from(power).ok()
    }

    fn slash_due(&mut self, at: Moment) -> Option<()> {
        while let Some(slash) = self.slashes.first().copied().filter(|slash| slash.at <= at.at) {
            self.slashes.remove(0);
            let infraction = Infraction {
                validator: OPERATOR,
                height: self.height,
                power: self.power()?,
                fraction: part(slash.bps),
            };
            self.staking.slash(infraction, self.block(at)).ok()?;
        }
        Some(())
    }
}

impl Stake for ValidatorService {
    fn stake(&mut self, account: Account, amount: Amount, at: Moment) -> Option<Amount> {
        self.staking.delegate(account, OPERATOR, amount, self.block(at)).ok()?;
        Some(amount)
    }

    fn worth(&self, account: Account, at: Moment) -> Option<Amount> {
        if let Some(paid) = self.paid.get(&account) {
            return Some(*paid);
        }
        if self.staking.delegation(account, OPERATOR).is_none() {
            let state = self.staking.state();
            let waiting = state.unbondings.iter().find(|waiting| waiting.delegator == account)?;
            let entries = waiting.entries.iter();
            return entries.map(|entry| entry.balance).reduce(|a, b| a.checked_add(b).unwrap_or(a));
        }
        let tokens = self.staking.tokens_of(account, OPERATOR).ok()?;
        let rewards = self.staking.rewards_of(account, OPERATOR, self.block(at)).ok()?;
        tokens.checked_add(rewards.whole())
    }

    /// Rewards are paid when unbonding begins; they are staked on and come back with the rest.
    fn unbond(&mut self, account: Account, at: Moment) -> Option<Timestamp> {
        let mut after = self.clone();
        after.compound(account, at)?;
        let block = after.block(at);
        let all = after.staking.tokens_of(account, OPERATOR).ok()?;
        let undelegated = after.staking.undelegate(account, OPERATOR, all, block).ok()?;
        *self = after;
        Some(undelegated.completes_at)
    }

    fn withdraw(&mut self, account: Account, at: Moment) -> Option<Amount> {
        self.end_block(at)?;
        self.paid.remove(&account)
    }

    fn compound(&mut self, account: Account, at: Moment) -> Option<Amount> {
        let mut staking = self.staking.clone();
        let block = self.block(at);
        let paid = staking.withdraw_rewards(account, OPERATOR, block).ok()?;
        if !paid.is_zero() {
            staking.delegate(account, OPERATOR, paid, block).ok()?;
        }
        self.staking = staking;
        Some(paid)
    }

    fn report(&mut self, seconds: u64, at: Moment) -> Option<()> {
        self.slash_due(at)?;
        let tokens = self.staking.validator(OPERATOR)?.tokens;
        let fees = earned(tokens, self.yearly_ppm, seconds)?;
        let vote = Vote { validator: OPERATOR, power: self.power()?, has_signed: true };
        self.staking.allocate(fees, &[vote], None).ok()?;
        self.end_block(at)
    }
}
