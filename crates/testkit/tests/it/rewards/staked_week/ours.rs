//! What we do in the week, to the market and the model of the staker and to the contracts.

use std::collections::BTreeMap;

use tidemill_amm::concentrated::{Owner, PositionKey, liquidity_for_amounts};
use tidemill_market::{ConcentratedMarket, Footprint, Market, OwnWorth, PoolMarket};
use tidemill_model::{
    Event, EventBody, GasPaid, Holding, OrderKey, Outcome, OutcomeKind, PoolId, PoolStart,
    PositionId, Sequence, Tape, TapeEvent,
};
use tidemill_rewards::Account;
use tidemill_rewards::v3_staker::{
    DepositCall, IncentiveKey, ManagedPosition, PoolReader, StakeCall, TokenId, V3Staker,
    V3StakerError, V3StakerState,
};
use tidemill_testkit::{
    Address, Call, IncentiveWords, MintCall, Outcome as Sent, Revert, V3StakerOracle, address_word,
    encode_incentives,
};
use tidemill_units::{Amount, Amounts, Liquidity, Tick, TickRange, Timestamp, TokenAmounts, U256};

use super::chain;

pub(super) const ALICE: Address = Address::repeat_byte(0xa1);
pub(super) const BOB: Address = Address::repeat_byte(0xb0);
pub(super) const CAROL: Address = Address::repeat_byte(0xca);
const REFUNDEE: Address = Address::repeat_byte(0x4e);

/// The market and the staker's model on one side, the contracts on the other.
pub(super) struct Week {
    market: Market,
    pool: PoolId,
    staker: V3Staker,
    oracle: V3StakerOracle,
    keys: [IncentiveKey; 2],
    /// The liquidity that the manager has on its books, token ids from one.
    tokens: Vec<(TickRange, u128)>,
    claimed: BTreeMap<(Address, usize), Amount>,
    now: Timestamp,
    sequence: u64,
    /// How often everything was compared.
    pub(super) compared: u64,
}

/// What the market answers the staker: our positions, and the pool with us in it.
struct Reader<'a> {
    market: &'a ConcentratedMarket,
    tokens: &'a [(TickRange, u128)],
    address: Account,
    now: Timestamp,
}

impl PoolReader for Reader<'_> {
    fn position(&self, TokenId(id): TokenId) -> Option<ManagedPosition> {
        let index = usize::try_from(id).ok()?.checked_sub(1)?;
        let (range, liquidity) = *self.tokens.get(index)?;
        Some(ManagedPosition { pool: self.address, range, liquidity: Liquidity(liquidity) })
    }

    fn seconds_per_liquidity_inside(&self, _: Account, range: TickRange) -> Option<U256> {
        let own = self.market.own().find(|own| own.range == range)?;
        self.market.seconds_per_liquidity_inside(own.id, self.now)
    }
}

fn account(address: Address) -> Account {
    Account(address.0.0)
}

fn token(id: u64) -> TokenId {
    TokenId(U256::from(id))
}

/// Each token of the manager is one position of ours, and what is added to it another of the same
/// range.
fn position_id(token_id: u64, part: u16) -> PositionId {
    PositionId(OrderKey { sequence: Sequence(token_id), intent: part })
}

impl Week {
    pub(super) fn new(tape: &Tape) -> Self {
        let PoolStart::Snapshot { sqrt_price, .. } = tape.header.start else {
            panic!("the week starts in the middle of the pool's life")
        };
        let mut oracle = chain::at_start(tape, sqrt_price);
        for user in [ALICE, BOB, CAROL] {
            oracle.pool.endow(user, [U256::ONE << 200; 2]).unwrap();
        }
        for reward_token in oracle.reward_tokens {
            oracle.endow(reward_token, ALICE, U256::ONE << 200).unwrap();
        }
        let mut market = Market::new(Footprint::ReExecuted);
        let pool = market.add_pool(tape).unwrap();
        let now = tape.events[0].time;
        let key = |index: usize, days: [u64; 2]| IncentiveKey {
            reward_token: account(oracle.reward_tokens[index]),
            pool: account(oracle.pool.pool),
            start_time: Timestamp(now.0 + days[0] * super::DAY),
            end_time: Timestamp(now.0 + days[1] * super::DAY),
            refundee: account(REFUNDEE),
        };
        let state = V3StakerState {
            staker: account(oracle.staker),
            position_manager: account(oracle.manager.address),
            ..V3StakerState::default()
        };
        Self {
            market,
            pool,
            staker: V3Staker::new(&state).unwrap(),
            keys: [key(0, [1, 5]), key(1, [2, 6])],
            oracle,
            tokens: Vec::new(),
            claimed: BTreeMap::new(),
            now,
            sequence: 0,
            compared: 0,
        }
    }

    pub(super) fn set_time(&mut self, now: Timestamp) {
        assert!(self.now <= now);
        self.now = now;
        self.oracle.pool.evm.set_timestamp(U256::from(now.0));
    }

    fn concentrated(&self) -> &ConcentratedMarket {
        self.market.pool(self.pool).and_then(PoolMarket::concentrated).unwrap()
    }

    fn apply(&mut self, body: EventBody) {
        self.sequence += 1;
        let (sequence, now) = (Sequence(self.sequence), self.now);
        let event = Event::at(sequence, now, body);
        self.market.apply(&event).unwrap();
    }

    fn outcome(&mut self, PositionId(order): PositionId, kind: OutcomeKind) {
        let block = self.market.block();
        let outcome = Outcome { order, block, gas: GasPaid::default(), kind };
        self.apply(EventBody::Outcome(Box::new(outcome)));
    }

    /// Executes a recorded event on both sides; price and liquidity come out the same, and so does
    /// a refusal.
    pub(super) fn replay(&mut self, recorded: &TapeEvent) {
        let refused = self.concentrated().counts().reverted_with_us;
        self.apply(EventBody::Chain(recorded.in_pool(self.pool)));
        let market = self.market.pool(self.pool).and_then(PoolMarket::concentrated).unwrap();
        let is_taken = chain::send(&mut self.oracle, &recorded.event, market.last_request());
        assert_eq!(is_taken, market.counts().reverted_with_us == refused, "{recorded:?}");
        let expected =
            (market.pool().sqrt_price().to_x96(), U256::from(market.pool().liquidity().0));
        assert_eq!(expected, chain::price_and_liquidity(&self.oracle), "{recorded:?}");
    }

    fn words(&self, incentive: usize) -> IncentiveWords {
        let key = &self.keys[incentive];
        let address = |account: Account| address_word(Address::from(account.0));
        let [start, end] = [key.start_time, key.end_time].map(|time| U256::from(time.0));
        let [token, pool] = [key.reward_token, key.pool].map(address);
        IncentiveWords([token, pool, start, end, address(key.refundee)])
    }

    fn on_staker<T>(
        &mut self,
        operation: impl FnOnce(&mut V3Staker, Timestamp, &Reader<'_>) -> Result<T, V3StakerError>,
    ) -> Result<T, V3StakerError> {
        let Self { market, pool, staker, oracle, tokens, now, .. } = self;
        let market = market.pool(*pool).and_then(PoolMarket::concentrated).unwrap();
        let address = account(oracle.pool.pool);
        let reader = Reader { market, tokens, address, now: *now };
        operation(staker, *now, &reader)
    }

    pub(super) fn create(&mut self, incentive: usize, reward: u128) {
        let (key, words) = (self.keys[incentive], self.words(incentive));
        let amount = Amount(U256::from(reward));
        self.on_staker(|staker, now, _| staker.create_incentive(key, amount, now)).unwrap();
        done(&self.oracle.create_incentive(ALICE, words, amount.0).unwrap());
    }

    /// Opens what amounts buy in the market; returns liquidity and cost.
    fn provide(
        &mut self,
        id: PositionId,
        range: TickRange,
        desired: [u128; 2],
    ) -> (Liquidity, Amounts) {
        let pool = self.concentrated().pool();
        let [amount0, amount1] = desired.map(|amount| Amount(U256::from(amount)));
        let desired = Amounts { amount0, amount1 };
        let liquidity = liquidity_for_amounts(pool.sqrt_price(), range, desired).unwrap();
        let key = PositionKey { owner: Owner([0xff; 20]), range };
        let cost = pool.quote_mint(key, liquidity).unwrap();
        let opened = OutcomeKind::Opened {
            position: id,
            pool: self.pool,
            holding: Holding::Range { range, liquidity },
            deposited: cost.into(),
        };
        self.outcome(id, opened);
        (liquidity, cost)
    }

    /// Mints a position of the manager's.
    pub(super) fn open(&mut self, owner: Address, ticks: (i32, i32), desired: [u128; 2]) {
        let range = TickRange { lower: Tick(ticks.0), upper: Tick(ticks.1) };
        let number = self.tokens.len() as u64 + 1;
        let (liquidity, cost) = self.provide(position_id(number, 0), range, desired);
        let desired = desired.map(U256::from);
        let call = MintCall { lower: ticks.0, upper: ticks.1, desired };
        let minted = self.oracle.manager.mint(&mut self.oracle.pool, owner, call).unwrap();
        let number = U256::from(number);
        let words = [number, U256::from(liquidity.0), cost.amount0.0, cost.amount1.0];
        assert_eq!(minted.result.unwrap().words(), words);
        self.tokens.push((range, liquidity.0));
    }

    /// Adds to a position, which its stakes do not notice.
    pub(super) fn grow(&mut self, token_id: u64, desired: [u128; 2]) {
        let index = token_id as usize - 1;
        let range = self.tokens[index].0;
        let (liquidity, cost) = self.provide(position_id(token_id, 1), range, desired);
        let (payer, number) = (CAROL, U256::from(token_id));
        let desired = desired.map(U256::from);
        let manager = self.oracle.manager;
        let grown = manager.increase(&mut self.oracle.pool, payer, number, desired).unwrap();
        let words = [U256::from(liquidity.0), cost.amount0.0, cost.amount1.0];
        assert_eq!(grown.result.unwrap().words(), words);
        self.tokens[index].1 += liquidity.0;
    }

    pub(super) fn deposit(&mut self, owner: Address, token_id: u64, incentives: &[usize]) {
        let keys: Vec<_> = incentives.iter().map(|incentive| self.keys[*incentive]).collect();
        let words: Vec<_> = incentives.iter().map(|incentive| self.words(*incentive)).collect();
        let sender = account(self.oracle.manager.address);
        let call = DepositCall { sender, from: account(owner), token_id: token(token_id) };
        self.on_staker(|staker, now, reader| staker.deposit(call, &keys, now, reader)).unwrap();
        let data = encode_incentives(&words);
        done(&self.oracle.deposit(owner, owner, U256::from(token_id), &data).unwrap());
    }

    fn call(&self, sender: Address, incentive: usize, token_id: u64) -> StakeCall {
        let key = self.keys[incentive];
        StakeCall { sender: account(sender), key, token_id: token(token_id) }
    }

    pub(super) fn stake(&mut self, sender: Address, incentive: usize, token_id: u64) {
        let (call, words) = (self.call(sender, incentive, token_id), self.words(incentive));
        self.on_staker(|staker, now, reader| staker.stake(call, now, reader)).unwrap();
        done(&self.oracle.stake(sender, words, U256::from(token_id)).unwrap());
    }

    pub(super) fn unstake(&mut self, sender: Address, incentive: usize, token_id: u64) {
        let (call, words) = (self.call(sender, incentive, token_id), self.words(incentive));
        let ended = self.on_staker(|staker, now, reader| staker.unstake(call, now, reader));
        assert!(!ended.unwrap().earned.reward.is_zero());
        done(&self.oracle.unstake(sender, words, U256::from(token_id)).unwrap());
    }

    pub(super) fn refused_stake(&mut self, sender: Address, incentive: usize, token_id: u64) {
        let (call, words) = (self.call(sender, incentive, token_id), self.words(incentive));
        let refused = self.on_staker(|staker, now, reader| staker.stake(call, now, reader));
        let real = self.oracle.stake(sender, words, U256::from(token_id)).unwrap();
        refused_alike(refused.unwrap_err(), &real);
    }

    pub(super) fn refused_unstake(&mut self, sender: Address, incentive: usize, token_id: u64) {
        let (call, words) = (self.call(sender, incentive, token_id), self.words(incentive));
        let refused = self.on_staker(|staker, now, reader| staker.unstake(call, now, reader));
        let real = self.oracle.unstake(sender, words, U256::from(token_id)).unwrap();
        refused_alike(refused.unwrap_err(), &real);
    }

    pub(super) fn give(&mut self, sender: Address, token_id: u64, to: Address) {
        let (from, receiver) = (account(sender), account(to));
        let given = self.staker.transfer_deposit(from, token(token_id), receiver);
        given.unwrap();
        done(&self.oracle.transfer_deposit(sender, U256::from(token_id), to).unwrap());
    }

    pub(super) fn withdraw(&mut self, sender: Address, token_id: u64) {
        let owner = account(sender);
        self.staker.withdraw(owner, token(token_id), owner).unwrap();
        done(&self.oracle.withdraw(sender, U256::from(token_id), sender).unwrap());
    }

    pub(super) fn end(&mut self, incentive: usize) {
        let (key, words) = (self.keys[incentive], self.words(incentive));
        let refund = self.staker.end_incentive(key, self.now).unwrap().amount;
        let real = self.oracle.end_incentive(BOB, words).unwrap().result.unwrap();
        assert_eq!(real.words(), [refund.0]);
    }

    pub(super) fn claim(&mut self, user: Address, incentive: usize, requested: u128) {
        let reward_token = self.oracle.reward_tokens[incentive];
        let (who, requested) = (account(user), U256::from(requested));
        let paid = self.staker.claim(who, account(reward_token), who, Amount(requested)).amount;
        let real = self.oracle.claim(user, reward_token, user, requested).unwrap();
        assert_eq!(real.result.unwrap().words(), [paid.0]);
        let claimed = self.claimed.entry((user, incentive)).or_default();
        *claimed = claimed.checked_add(paid).unwrap();
    }

    pub(super) fn paid(&self, who: (Address, usize)) -> Amount {
        self.claimed.get(&who).copied().unwrap_or_default()
    }

    /// Takes a withdrawn position out of the pool, with its fees.
    pub(super) fn close(&mut self, owner: Address, token_id: u64) {
        let (_, liquidity) = self.tokens[token_id as usize - 1];
        let own = |id: &PositionId| id.0.sequence == Sequence(token_id);
        let ids: Vec<_> = self.concentrated().own().map(|own| own.id).filter(own).collect();
        let mut paid = TokenAmounts::from(Amounts::ZERO);
        for id in &ids {
            let OwnWorth { principal: withdrawn, fees } = self.market.worth(*id).unwrap();
            self.outcome(*id, OutcomeKind::Closed { position: *id, withdrawn, fees });
            paid = paid.checked_add(&withdrawn).and_then(|paid| paid.checked_add(&fees)).unwrap();
        }
        let (manager, number) = (self.oracle.manager, U256::from(token_id));
        done(&manager.decrease(&mut self.oracle.pool, owner, number, liquidity).unwrap());
        let most = [u128::MAX; 2];
        let collected = manager.collect(&mut self.oracle.pool, owner, number, most).unwrap();
        let collected = collected.result.unwrap().words();
        let paid: Vec<U256> = paid.as_slice().iter().map(|amount| amount.0).collect();
        // Each of several parts is rounded down by itself, its principal and its fees.
        let dust = U256::from(2 * (ids.len() - 1));
        let off = collected.iter().zip(&paid).map(|(collected, paid)| collected.abs_diff(*paid));
        assert!(off.max().unwrap() <= dust, "collected {collected:?}, worth {paid:?}");
    }

    /// Compares incentives, what can be claimed, and what every stake would be paid now.
    pub(super) fn compare(&mut self) {
        self.compared += 1;
        for incentive in [0, 1] {
            let info = self.staker.incentive(&self.keys[incentive]);
            let count = U256::from(info.number_of_stakes);
            let words = [info.total_reward_unclaimed.0, info.total_seconds_claimed_x128, count];
            let call = Call::new("incentives(bytes32)", 1).word(self.words(incentive).id());
            assert_eq!(self.oracle.view(call).unwrap().unwrap().words(), words);
            let reward_token = self.oracle.reward_tokens[incentive];
            for user in [ALICE, BOB, CAROL] {
                let claimable = self.staker.claimable(account(reward_token), account(user));
                let call = Call::new("rewards(address,address)", 2);
                let call = call.address(reward_token).address(user);
                assert_eq!(self.oracle.view(call).unwrap().unwrap().words(), [claimable.0]);
            }
        }
        for stake in self.staker.state().stakes {
            let info = self.on_staker(|staker, now, reader| {
                staker.reward_info(stake.key, stake.token_id, now, reader)
            });
            let info = info.unwrap();
            let incentive = self.keys.iter().position(|key| *key == stake.key).unwrap();
            let words = self.words(incentive);
            let real = self.oracle.reward_info(words, stake.token_id.0).unwrap().unwrap();
            assert_eq!(real.words(), [info.reward.0, info.seconds_inside_x128]);
        }
    }
}

fn done(sent: &Sent) {
    assert!(sent.result.is_ok(), "{:?}", sent.result);
}

fn refused_alike(error: V3StakerError, sent: &Sent) {
    let reason = Revert::Reason(error.reason().unwrap().to_owned());
    assert_eq!(sent.result.as_ref().unwrap_err(), &reason);
}
