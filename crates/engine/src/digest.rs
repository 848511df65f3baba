mod builds;
mod exchange;
mod feeds;
mod shares;

use tidemill_model::{
    AssetId, Ballot, ChainEvent, Event, EventBody, Holding, Intent, MinedBlock, Order, OrderKey,
    Outcome, OutcomeKind, Placement, PoolEvent, PoolPair, PositionId, RecordedAfter, Reward,
    Sequence, VotingId,
};
use tidemill_risk::Refusal;
use tidemill_units::{Amount, Amounts, SignedAmount, TickRange, Timestamp, TokenPair, U256};

use crate::StopCause;

/// A running BLAKE3 hash over all events and decisions in a fixed binary form.
///
/// Every field is written with its full width, little-endian, behind a tag for its variant, so that
/// two different logs have different bytes.
#[derive(Clone, Debug, Default)]
pub struct Digest {
    hasher: blake3::Hasher,
    buffer: Vec<u8>,
}

/// Bytes gathered before they are hashed: large enough that hashing runs at full width.
const BUFFER: usize = 16 * 1024;

impl Digest {
    /// Returns the digest of what was taken in so far, in hexadecimal.
    pub fn to_hex(&self) -> String {
        let mut hasher = self.hasher.clone();
        hasher.update(&self.buffer);
        hasher.finalize().to_hex().to_string()
    }

    fn flush(&mut self) {
        if self.buffer.len() >= BUFFER {
            self.hasher.update(&self.buffer);
            self.buffer.clear();
        }
    }

    /// Takes in what a run was set up with.
    pub(crate) fn setup(&mut self, setup: &str) {
        self.tag(3);
        self.text(setup);
    }

    /// Takes in an event.
    pub(crate) fn event(&mut self, event: &Event) {
        self.flush();
        self.tag(0);
        self.u64(event.sequence.0);
        self.i64(event.happened_at.0);
        self.i64(event.seen_at.0);
        match &event.body {
            EventBody::Chain(chain) => self.chain(chain),
            EventBody::Outcome(outcome) => self.outcome(outcome),
            EventBody::Account(event) => {
                self.tag(8);
                self.account(event);
            }
            EventBody::Programme(event) => {
                self.tag(3);
                self.buffer.extend_from_slice(&event.programme.0.to_le_bytes());
                self.u64(event.block.0);
                self.buffer.extend_from_slice(&event.log_index.0.to_le_bytes());
                self.optional(event.gas_price, |digest, price| digest.u128(price.0));
                // Programmes have many kinds of logs, and each has all its fields in this text.
                self.text(&format!("{:?}", event.log));
            }
            EventBody::Price(priced) => {
                self.tag(2);
                self.asset(priced.asset);
                self.u256(priced.price.quote.0);
                self.u256(priced.price.of.0);
            }
            EventBody::Block(mined) => self.mined(mined),
            EventBody::Reverted(reverted) => {
                self.tag(5);
                self.u64(reverted.chain.0);
                self.u64(reverted.number.0);
                self.optional(reverted.hash, |digest, hash| {
                    digest.buffer.extend_from_slice(&hash.0);
                });
            }
            EventBody::Data(data) => {
                self.tag(6);
                self.data(data);
            }
            EventBody::Feed(event) => {
                self.tag(7);
                self.feed(event);
            }
        }
    }

    fn mined(&mut self, mined: &MinedBlock) {
        let MinedBlock { chain, number, hash, parent, base_fee } = *mined;
        self.tag(4);
        self.u64(chain.0);
        self.u64(number.0);
        self.buffer.extend_from_slice(&hash.0);
        self.buffer.extend_from_slice(&parent.0);
        self.optional(base_fee, |digest, price| digest.u128(price.0));
    }

    /// Takes in an approval.
    pub(crate) fn approved(&mut self, order: &Order) {
        self.tag(1);
        self.order(order);
    }

    /// Takes in a refusal.
    pub(crate) fn refused(&mut self, order: &Order, refusal: &Refusal) {
        self.tag(2);
        self.order(order);
        self.text(&refusal.to_string());
    }

    /// Takes in that the strategy was stopped.
    pub(crate) fn stopped(&mut self, at: Sequence, cause: &StopCause) {
        self.tag(4);
        self.u64(at.0);
        self.text(&cause.to_string());
    }

    fn chain(&mut self, chain: &ChainEvent) {
        self.tag(0);
        self.buffer.extend_from_slice(&chain.pool.0.to_le_bytes());
        self.u64(chain.block.0);
        self.buffer.extend_from_slice(&chain.log_index.0.to_le_bytes());
        self.optional(chain.gas_price, |digest, price| digest.u128(price.0));
        match chain.event {
            PoolEvent::Initialize { sqrt_price, tick } => {
                self.tag(0);
                self.u256(sqrt_price.to_x96());
                self.optional(tick, |digest, tick| digest.i32(tick.0));
            }
            PoolEvent::Swap { amounts, after } => {
                self.tag(1);
                self.signed(amounts.amount0);
                self.signed(amounts.amount1);
                self.after(&after);
            }
            PoolEvent::Mint { owner, range, liquidity, amounts } => {
                self.tag(2);
                self.optional(owner, |digest, owner| digest.buffer.extend_from_slice(&owner.0));
                self.position(range, liquidity.0, amounts);
            }
            PoolEvent::Burn { owner, range, liquidity, amounts } => {
                self.tag(3);
                self.optional(owner, |digest, owner| digest.buffer.extend_from_slice(&owner.0));
                self.position(range, liquidity.0, amounts);
            }
            PoolEvent::Collect { owner, range, amounts } => {
                self.tag(4);
                self.optional(owner, |digest, owner| digest.buffer.extend_from_slice(&owner.0));
                self.position(range, 0, amounts);
            }
            PoolEvent::Flash { paid } => {
                self.tag(5);
                self.amounts(paid);
            }
            PoolEvent::SetFeeProtocol { fee_protocol0, fee_protocol1 } => {
                self.buffer.extend_from_slice(&[6, fee_protocol0, fee_protocol1]);
            }
            PoolEvent::Shares(ref event) => {
                self.tag(7);
                self.shares(event);
            }
            PoolEvent::Build(ref event) => {
                self.tag(8);
                self.build(event);
            }
        }
    }

    fn after(&mut self, after: &RecordedAfter) {
        self.optional(after.sqrt_price, |digest, price| digest.u256(price.to_x96()));
        self.optional(after.liquidity, |digest, liquidity| digest.u128(liquidity.0));
        self.optional(after.tick, |digest, tick| digest.i32(tick.0));
    }

    fn outcome(&mut self, outcome: &Outcome) {
        self.tag(1);
        self.key(outcome.order);
        self.u64(outcome.block.0);
        self.u64(outcome.gas.gas.0);
        self.u128(outcome.gas.price.0);
        match outcome.kind {
            OutcomeKind::Opened { position, pool, holding, deposited } => {
                self.about(0, position);
                self.buffer.extend_from_slice(&pool.0.to_le_bytes());
                self.holding(holding);
                self.tokens(&deposited);
            }
            OutcomeKind::Closed { position, withdrawn, fees } => {
                self.about(1, position);
                self.tokens(&withdrawn);
                self.tokens(&fees);
            }
            OutcomeKind::Swapped { pool, pair, amount_in, amount_out } => {
                let legs = [PoolPair { pool, pair }];
                self.swapped(2, &legs, &[amount_in, amount_out]);
            }
            OutcomeKind::Arbitraged { legs, amount_in, between, amount_out } => {
                self.swapped(20, &legs, &[amount_in, between, amount_out]);
            }
            OutcomeKind::Rejected(rejection) => {
                self.tag(3);
                self.text(rejection.describe());
            }
            OutcomeKind::Expired => self.tag(4),
            OutcomeKind::Staked { position, programme, fees } => {
                self.about(5, position);
                self.buffer.extend_from_slice(&programme.0.to_le_bytes());
                self.tokens(&fees);
            }
            OutcomeKind::Claimed { position, reward } => {
                self.about(6, position);
                self.reward(reward);
            }
            OutcomeKind::Unstaked { position, reward } => {
                self.about(7, position);
                self.reward(reward);
            }
            OutcomeKind::Unbonding { position, ready_at } => {
                self.about(9, position);
                self.u64(ready_at.0);
            }
            OutcomeKind::Compounded { position, amount } => {
                self.about(10, position);
                self.u256(amount.0);
            }
            OutcomeKind::Voted { position, ballot } => {
                self.about(11, position);
                self.ballot(&ballot);
            }
            OutcomeKind::Extended { position, until } => {
                self.about(12, position);
                self.u64(until.0);
            }
            OutcomeKind::Traded { instrument, side, quantity, amount, commission } => {
                self.tag(13);
                self.traded((instrument, side), &[quantity, amount, commission]);
            }
            OutcomeKind::Sold { pool, reward, into, amount_out } => {
                self.tag(8);
                self.buffer.extend_from_slice(&pool.0.to_le_bytes());
                self.reward(reward);
                self.tag(into.0);
                self.u256(amount_out.0);
            }
        }
    }

    fn order(&mut self, order: &Order) {
        self.key(order.key);
        self.u64(order.decided_in.0);
        match order.intent {
            Intent::Open { pool, placement, desired } => {
                self.tag(0);
                self.buffer.extend_from_slice(&pool.0.to_le_bytes());
                match placement {
                    Placement::Range(range) => {
                        self.tag(0);
                        self.range(range);
                    }
                    Placement::Shares => self.tag(1),
                    Placement::Stake(staking) => {
                        self.tag(2);
                        self.buffer.extend_from_slice(&staking.0.to_le_bytes());
                    }
                    Placement::Lock { voting, until } => self.lock(voting, until),
                }
                self.tokens(&desired);
            }
            Intent::Close { position } => self.about(1, position),
            Intent::Swap { pool, pair, amount_in, min_amount_out } => {
                self.tag(2);
                self.buffer.extend_from_slice(&pool.0.to_le_bytes());
                self.pair(pair);
                self.u256(amount_in.0);
                self.u256(min_amount_out.0);
            }
            Intent::Stake { position, programme } => {
                self.about(3, position);
                self.buffer.extend_from_slice(&programme.0.to_le_bytes());
            }
            Intent::Claim { position } => self.about(4, position),
            Intent::Unstake { position } => self.about(5, position),
            Intent::Compound { position } => self.about(7, position),
            Intent::Vote { position, ballot } => {
                self.about(8, position);
                self.ballot(&ballot);
            }
            Intent::Extend { position, until } => {
                self.about(9, position);
                self.u64(until.0);
            }
            Intent::ClaimBribes { position, token } => {
                self.about(10, position);
                self.asset(token);
            }
            Intent::Arbitrage { legs, amount_in, min_amount_out, tip } => {
                self.swapped(20, &legs, &[amount_in, min_amount_out]);
                self.u128(tip.0);
            }
            Intent::Trade { instrument, side, quantity, limit } => {
                self.tag(11);
                self.traded((instrument, side), &[quantity, limit]);
            }
            Intent::Sell { pool, reward, into, amount_in, min_amount_out } => {
                self.tag(6);
                self.buffer.extend_from_slice(&pool.0.to_le_bytes());
                self.asset(reward);
                self.tag(into.0);
                self.u256(amount_in.0);
                self.u256(min_amount_out.0);
            }
        }
    }

    fn swapped(&mut self, tag: u8, legs: &[PoolPair], amounts: &[Amount]) {
        self.tag(tag);
        for PoolPair { pool, pair } in legs {
            self.buffer.extend_from_slice(&pool.0.to_le_bytes());
            self.pair(*pair);
        }
        for amount in amounts {
            self.u256(amount.0);
        }
    }

    fn about(&mut self, tag: u8, position: PositionId) {
        self.tag(tag);
        self.key(position.0);
    }

    fn ballot(&mut self, ballot: &Ballot) {
        let choices = ballot.choices();
        self.u64(u64::try_from(choices.len()).unwrap_or(u64::MAX));
        for choice in choices {
            self.buffer.extend_from_slice(&choice.gauge.0.to_le_bytes());
            self.u64(choice.part.0.into());
        }
    }

    fn lock(&mut self, voting: VotingId, until: Timestamp) {
        self.tag(3);
        self.buffer.extend_from_slice(&voting.0.to_le_bytes());
        self.u64(until.0);
    }

    fn asset(&mut self, asset: AssetId) {
        self.buffer.extend_from_slice(&asset.0.to_le_bytes());
    }

    fn reward(&mut self, reward: Reward) {
        self.asset(reward.asset);
        self.u256(reward.amount.0);
    }

    fn text(&mut self, text: &str) {
        self.u64(u64::try_from(text.len()).unwrap_or(u64::MAX));
        self.buffer.extend_from_slice(text.as_bytes());
    }

    fn tag(&mut self, tag: u8) {
        self.buffer.push(tag);
    }

    fn i32(&mut self, value: i32) {
        self.buffer.extend_from_slice(&value.to_le_bytes());
    }

    fn i64(&mut self, value: i64) {
        self.buffer.extend_from_slice(&value.to_le_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.buffer.extend_from_slice(&value.to_le_bytes());
    }

    fn u128(&mut self, value: u128) {
        self.buffer.extend_from_slice(&value.to_le_bytes());
    }

    fn u256(&mut self, value: U256) {
        for limb in value.as_limbs() {
            self.u64(*limb);
        }
    }

    fn signed(&mut self, value: SignedAmount) {
        self.u256(value.to_twos_complement());
    }

    fn amounts(&mut self, amounts: Amounts) {
        let Amounts { amount0: Amount(amount0), amount1: Amount(amount1) } = amounts;
        self.u256(amount0);
        self.u256(amount1);
    }

    fn holding(&mut self, holding: Holding) {
        match holding {
            Holding::Range { range, liquidity } => {
                self.tag(0);
                self.range(range);
                self.u128(liquidity.0);
            }
            Holding::Shares(shares) => {
                self.tag(1);
                self.u256(shares.0);
            }
            Holding::Stake { staking, shares } => {
                self.tag(2);
                self.buffer.extend_from_slice(&staking.0.to_le_bytes());
                self.u256(shares.0);
            }
            Holding::Lock { voting, until } => self.lock(voting, until),
        }
    }

    fn range(&mut self, range: TickRange) {
        self.i32(range.lower.0);
        self.i32(range.upper.0);
    }

    fn position(&mut self, range: TickRange, liquidity: u128, amounts: Amounts) {
        self.range(range);
        self.u128(liquidity);
        self.amounts(amounts);
    }

    fn key(&mut self, key: OrderKey) {
        self.u64(key.sequence.0);
        self.buffer.extend_from_slice(&key.intent.to_le_bytes());
    }

    fn pair(&mut self, pair: TokenPair) {
        self.buffer.extend_from_slice(&[pair.input.0, pair.output.0]);
    }

    fn optional<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        match value {
            None => self.tag(0),
            Some(value) => {
                self.tag(1);
                write(self, value);
            }
        }
    }
}
