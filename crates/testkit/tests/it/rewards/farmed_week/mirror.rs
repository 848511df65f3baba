//! The contracts beside a run: a market that takes in the journal, and every call of it sent.

use std::collections::BTreeMap;

use tidemill_amm::concentrated::{SwapAmount, SwapRequest};
use tidemill_market::{
    ConcentratedMarket, FoldedProgramme, Market, PoolMarket, ProgrammeMarket, Seat,
};
use tidemill_model::{
    ChainEvent, Event, Holding, Outcome, OutcomeKind, PoolId, PoolStart, PositionId, ProgrammeId,
    Reward, Tape,
};
use tidemill_replay::{RewardSetup, Setup};
use tidemill_rewards::v3_staker::{IncentiveKey, V3Staker};
use tidemill_testkit::{
    Address, Call, IncentiveWords, MintCall, Outcome as Sent, V3StakerOracle, address_word,
    encode_incentives,
};
use tidemill_units::{Amount, Amounts, Liquidity, Side, Timestamp, TokenAmounts, TokenPair, U256};

use crate::rewards::staked_week::chain;

const FARMER: Address = Address::repeat_byte(0xfa);
const SPONSOR: Address = Address::repeat_byte(0x5f);
const POOL: PoolId = PoolId(0);

/// How often which answer of ours was one of the contracts'.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Compared {
    pub(super) recorded: u64,
    pub(super) opened: u64,
    pub(super) swapped: u64,
    pub(super) closed: u64,
    pub(super) staked: u64,
    pub(super) claimed: u64,
    pub(super) unstaked: u64,
    /// Sales, which no contract of these makes.
    pub(super) sold: u64,
    /// Running rewards, asked for between the calls.
    pub(super) reward_infos: u64,
    /// Raw units of all reward tokens that were paid.
    pub(super) rewards: Amount,
}

/// A position of ours, as the manager numbers it.
struct Minted {
    token_id: U256,
    liquidity: Liquidity,
}

/// One incentive, by its place among the programmes of the run.
struct Incentive {
    key: IncentiveKey,
    words: IncentiveWords,
    token: Address,
}

pub(super) struct Mirror {
    market: Market,
    oracle: V3StakerOracle,
    incentives: Vec<Incentive>,
    minted: BTreeMap<PositionId, Minted>,
    count: u64,
    /// What the strategy has at hand: all of it is offered to every opening.
    wallet: TokenAmounts,
    /// What every incentive has paid us.
    paid: Vec<Amount>,
    compared: Compared,
}

fn incentive_of(reward: &RewardSetup) -> (IncentiveKey, Amount) {
    let Seat::V3Staker(key) = reward.seat else { panic!("a v3-staker") };
    (key, staker(&reward.start).incentive(&key).total_reward_unclaimed)
}

fn staker(programme: &FoldedProgramme) -> &V3Staker {
    let FoldedProgramme::V3Staker(fold) = programme else { panic!("a v3-staker") };
    fold.staker()
}

impl Mirror {
    /// Pool, staker and incentives on both sides, as the run has them before the first event.
    pub(super) fn new(tape: &Tape, setup: &Setup) -> Self {
        let PoolStart::Snapshot { sqrt_price, .. } = tape.header.start else {
            panic!("the week starts in the middle of the pool's life")
        };
        let mut oracle = chain::at_start(tape, sqrt_price);
        oracle.pool.endow(FARMER, [U256::ONE << 200; 2]).unwrap();
        let mut market = Market::new(setup.footprint);
        assert_eq!(market.add_pool(tape).unwrap(), POOL);
        let mut incentives = Vec::new();
        for (reward, token) in setup.rewards.iter().zip(oracle.reward_tokens) {
            let (asset, seat, start) = (reward.asset, reward.seat, reward.start.clone());
            market.add_programme(ProgrammeMarket::new(POOL, asset, start, seat)).unwrap();
            let (key, amount) = incentive_of(reward);
            let [start, end] = [key.start_time, key.end_time].map(|time| U256::from(time.0));
            let (pool, refundee) = (address_word(oracle.pool.pool), address_word(SPONSOR));
            let words = IncentiveWords([address_word(token), pool, start, end, refundee]);
            oracle.endow(token, SPONSOR, amount.0).unwrap();
            done(&oracle.create_incentive(SPONSOR, words, amount.0).unwrap());
            incentives.push(Incentive { key, words, token });
        }
        assert_eq!(incentives.len(), setup.rewards.len(), "a token for each programme");
        let paid = vec![Amount::ZERO; incentives.len()];
        let (wallet, compared) = (setup.deposit, Compared::default());
        let minted = BTreeMap::new();
        Self { market, oracle, incentives, minted, count: 0, wallet, paid, compared }
    }

    fn pool(&self) -> &ConcentratedMarket {
        self.market.pool(POOL).and_then(PoolMarket::concentrated).unwrap()
    }

    fn set_time(&mut self, Timestamp(now): Timestamp) {
        self.oracle.pool.evm.set_timestamp(U256::from(now));
    }

    fn compare_pools(&self) {
        let pool = self.pool().pool();
        let ours = (pool.sqrt_price().to_x96(), U256::from(pool.liquidity().0));
        assert_eq!(ours, chain::price_and_liquidity(&self.oracle));
    }

    /// Sends what others did, which we may have made impossible.
    pub(super) fn chain(&mut self, event: &Event, chain: &ChainEvent) {
        self.set_time(event.second());
        let refused = self.pool().counts().reverted_with_us;
        self.market.apply(event).unwrap();
        let request = self.pool().last_request();
        let is_taken = chain::send(&mut self.oracle, &chain.event, request);
        assert_eq!(is_taken, self.pool().counts().reverted_with_us == refused, "{event:?}");
        self.compare_pools();
        self.compared.recorded += 1;
        if self.compared.recorded.is_multiple_of(100) {
            self.compare_programmes();
        }
    }

    pub(super) fn price(&mut self, event: &Event) {
        self.market.apply(event).unwrap();
    }

    /// Sends what we did; the answers are the outcome's.
    pub(super) fn outcome(&mut self, event: &Event, outcome: &Outcome) {
        self.compare_programmes();
        self.set_time(event.second());
        match outcome.kind {
            OutcomeKind::Opened { position, holding, deposited, .. } => {
                self.open(position, holding, deposited);
            }
            OutcomeKind::Closed { position, withdrawn, fees } => {
                self.close(position, withdrawn, fees);
            }
            OutcomeKind::Swapped { pair, amount_in, amount_out, .. } => {
                self.swap(pair, amount_in, amount_out);
            }
            OutcomeKind::Staked { position, programme, fees } => {
                assert!(fees.is_zero(), "a staked position keeps its fees");
                self.stake(position, programme);
            }
            OutcomeKind::Claimed { position, reward } => self.claim(position, reward),
            OutcomeKind::Unstaked { position, reward } => self.unstake(position, reward),
            OutcomeKind::Sold { into, amount_out, .. } => {
                let received = TokenAmounts::of(2, into, amount_out).unwrap();
                self.wallet = self.wallet.checked_add(&received).unwrap();
                self.compared.sold += 1;
            }
            OutcomeKind::Unbonding { .. }
            | OutcomeKind::Traded { .. }
            | OutcomeKind::Compounded { .. }
            | OutcomeKind::Voted { .. }
            | OutcomeKind::Extended { .. } => {
                panic!("nothing is staked outside the pool")
            }
            OutcomeKind::Arbitraged { .. } => panic!("there is one pool"),
            OutcomeKind::Rejected(_) | OutcomeKind::Expired => {}
        }
        self.market.apply(event).unwrap();
        self.compare_pools();
        self.compare_programmes();
    }

    fn open(&mut self, id: PositionId, holding: Holding, deposited: TokenAmounts) {
        let Holding::Range { range, liquidity } = holding else { panic!("a concentrated pool") };
        let desired = words(&self.wallet);
        let call = MintCall { lower: range.lower.0, upper: range.upper.0, desired };
        let minted = self.oracle.manager.mint(&mut self.oracle.pool, FARMER, call).unwrap();
        self.count += 1;
        let token_id = U256::from(self.count);
        let [amount0, amount1] = words(&deposited);
        let answer = [token_id, U256::from(liquidity.0), amount0, amount1];
        assert_eq!(minted.result.unwrap().words(), answer);
        self.wallet = self.wallet.checked_sub(&deposited).unwrap();
        self.minted.insert(id, Minted { token_id, liquidity });
        self.compared.opened += 1;
    }

    fn close(&mut self, id: PositionId, withdrawn: TokenAmounts, fees: TokenAmounts) {
        let Minted { token_id, liquidity } = self.minted.remove(&id).unwrap();
        let (manager, pool) = (self.oracle.manager, &mut self.oracle.pool);
        let released = manager.decrease(pool, FARMER, token_id, liquidity.0).unwrap();
        assert_eq!(released.result.unwrap().words(), words(&withdrawn));
        let all = withdrawn.checked_add(&fees).unwrap();
        let collected = manager.collect(pool, FARMER, token_id, [u128::MAX; 2]).unwrap();
        assert_eq!(collected.result.unwrap().words(), words(&all));
        self.wallet = self.wallet.checked_add(&all).unwrap();
        self.compared.closed += 1;
    }

    fn swap(&mut self, pair: TokenPair, amount_in: Amount, amount_out: Amount) {
        let input = pair.input_of_two().unwrap();
        let request =
            SwapRequest { input, amount: SwapAmount::ExactIn(amount_in), price_limit: None };
        let answer = chain::call_swap(&mut self.oracle, request).result.unwrap().words();
        let negative = amount_out.0.wrapping_neg();
        let expected = match input {
            Side::Token0 => [amount_in.0, negative],
            Side::Token1 => [negative, amount_in.0],
        };
        assert_eq!(answer, expected);
        let of = |side, amount| TokenAmounts::from(Amounts::of(side, amount));
        let left = self.wallet.checked_sub(&of(input, amount_in)).unwrap();
        self.wallet = left.checked_add(&of(input.other(), amount_out)).unwrap();
        self.compared.swapped += 1;
    }

    fn stake(&mut self, id: PositionId, programme: ProgrammeId) {
        let data = encode_incentives(&[self.incentives[usize::from(programme.0)].words]);
        let token_id = self.minted[&id].token_id;
        done(&self.oracle.deposit(FARMER, FARMER, token_id, &data).unwrap());
        self.compared.staked += 1;
    }

    /// Takes the stake out of its incentive, and pays for it.
    fn pay(&mut self, id: PositionId, reward: Reward) -> (usize, U256) {
        let place = usize::from(self.market.programme_of(id).unwrap().0);
        let Incentive { words, token, .. } = self.incentives[place];
        let token_id = self.minted[&id].token_id;
        done(&self.oracle.unstake(FARMER, words, token_id).unwrap());
        let paid = self.oracle.claim(FARMER, token, FARMER, U256::ZERO).unwrap();
        assert_eq!(paid.result.unwrap().words(), [reward.amount.0]);
        self.paid[place] = self.paid[place].checked_add(reward.amount).unwrap();
        self.compared.rewards = self.compared.rewards.checked_add(reward.amount).unwrap();
        (place, token_id)
    }

    fn claim(&mut self, id: PositionId, reward: Reward) {
        let (place, token_id) = self.pay(id, reward);
        done(&self.oracle.stake(FARMER, self.incentives[place].words, token_id).unwrap());
        self.compared.claimed += 1;
    }

    fn unstake(&mut self, id: PositionId, reward: Reward) {
        let (_, token_id) = self.pay(id, reward);
        done(&self.oracle.withdraw(FARMER, token_id, FARMER).unwrap());
        self.compared.unstaked += 1;
    }

    /// What the incentives still have, what they have counted, and what our stakes would be paid.
    fn compare_programmes(&mut self) {
        self.set_time(self.market.now());
        for (place, incentive) in self.incentives.iter().enumerate() {
            let id = ProgrammeId(place as u16);
            let programme = self.market.programme(id).unwrap();
            let info = staker(programme.programme()).incentive(&incentive.key);
            let count = U256::from(info.number_of_stakes);
            let expected = [info.total_reward_unclaimed.0, info.total_seconds_claimed_x128, count];
            let call = Call::new("incentives(bytes32)", 1).word(incentive.words.id());
            assert_eq!(self.oracle.view(call).unwrap().unwrap().words(), expected);
            for staked in programme.staked() {
                let reward = self.market.reward(staked).unwrap();
                let token_id = self.minted[&staked].token_id;
                let real = self.oracle.reward_info(incentive.words, token_id).unwrap().unwrap();
                assert_eq!(real.words()[0], reward.amount.0);
                self.compared.reward_infos += 1;
            }
        }
    }

    /// The reward tokens that the farmer holds in the end are what the run was paid.
    pub(super) fn finish(mut self) -> Compared {
        self.compare_programmes();
        for (incentive, paid) in self.incentives.iter().zip(&self.paid) {
            let call = Call::new("balanceOf(address)", 1).address(FARMER);
            let held = self.oracle.pool.evm.view(incentive.token, call).unwrap().unwrap();
            assert_eq!(held.words(), [paid.0]);
        }
        self.compared
    }
}

fn words(amounts: &TokenAmounts) -> [U256; 2] {
    let Amounts { amount0, amount1 } = amounts.two().unwrap();
    [amount0.0, amount1.0]
}

fn done(sent: &Sent) {
    assert!(sent.result.is_ok(), "{:?}", sent.result);
}
