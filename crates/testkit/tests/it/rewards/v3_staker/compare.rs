//! The model in the contract's storage layout and in its getters' words.

use std::collections::{BTreeMap, HashMap, HashSet};

use tidemill_rewards::Account;
use tidemill_rewards::v3_staker::{IncentiveKey, TokenId, V3Staker, V3StakerState};
use tidemill_testkit::{Call, SlotChange, StakerSlot, address_word, int_word, mapping_slot};
use tidemill_units::{Tick, U256};

use super::{World, address, words};

/// Something that the staker keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Kept {
    Incentive(IncentiveKey),
    Deposit(TokenId),
    Stake(TokenId, IncentiveKey),
    Reward(Account, Account),
}

/// The slots of everything that the staker ever kept.
#[derive(Default)]
pub(super) struct Slots {
    first: HashMap<Kept, U256>,
    all: HashSet<U256>,
}

impl Kept {
    fn slot(&self) -> U256 {
        match self {
            Self::Incentive(key) => StakerSlot::incentive(words(key)),
            Self::Deposit(TokenId(id)) => StakerSlot::deposit(*id),
            Self::Stake(TokenId(id), key) => StakerSlot::stake(*id, words(key)),
            Self::Reward(token, owner) => StakerSlot::reward(address(*token), address(*owner)),
        }
    }

    fn count(&self) -> usize {
        match self {
            Self::Incentive(_) | Self::Stake(..) => 2,
            Self::Deposit(_) | Self::Reward(..) => 1,
        }
    }
}

impl Slots {
    /// Notes what the model has now.
    pub(super) fn note(&mut self, staker: &V3Staker) {
        for (kept, _) in layout(staker) {
            let all = &mut self.all;
            self.first.entry(kept).or_insert_with(|| {
                let slot = kept.slot();
                all.extend((0..kept.count()).map(|field| slot + U256::from(field)));
                slot
            });
        }
    }

    /// Says which change of the contract nothing in the model stands for.
    pub(super) fn unknown(&self, changes: &[SlotChange]) -> Option<SlotChange> {
        changes.iter().copied().find(|change| !self.all.contains(&change.slot))
    }
}

/// Everything that the model has, in words.
fn layout(staker: &V3Staker) -> BTreeMap<Kept, [U256; 2]> {
    let V3StakerState { incentives, deposits, stakes, rewards, .. } = staker.state();
    let mut layout = BTreeMap::new();
    for incentive in incentives {
        let count = U256::from(staker.incentive(&incentive.key).number_of_stakes);
        let second = incentive.total_seconds_claimed_x128 | (count << 160);
        layout.insert(Kept::Incentive(incentive.key), [incentive.total_reward_unclaimed.0, second]);
    }
    for deposit in deposits {
        let count = U256::from(staker.number_of_stakes(deposit.token_id));
        let word = address_word(address(deposit.owner))
            | (count << 160)
            | (tick_bits(deposit.range.lower) << 208)
            | (tick_bits(deposit.range.upper) << 232);
        layout.insert(Kept::Deposit(deposit.token_id), [word, U256::ZERO]);
    }
    let most = (1 << 96) - 1;
    for stake in stakes {
        let liquidity = stake.liquidity.0;
        let first = stake.seconds_per_liquidity_inside_initial_x128
            | (U256::from(liquidity.min(most)) << 160);
        let second = if liquidity < most { U256::ZERO } else { U256::from(liquidity) };
        layout.insert(Kept::Stake(stake.token_id, stake.key), [first, second]);
    }
    for reward in rewards {
        layout
            .insert(Kept::Reward(reward.reward_token, reward.owner), [reward.amount.0, U256::ZERO]);
    }
    layout
}

/// The 24 bits of a tick.
fn tick_bits(Tick(tick): Tick) -> U256 {
    int_word(i64::from(tick)) & U256::from((1 << 24) - 1)
}

impl World {
    /// Compares all that the staker keeps, and regularly what its getters and the tokens say.
    pub(super) fn compare(&self) {
        let expected = layout(&self.staker);
        for (kept, slot) in &self.slots.first {
            let words = expected.get(kept).copied().unwrap_or_default();
            for (field, word) in words.into_iter().take(kept.count()).enumerate() {
                let real = self.oracle.slot(slot + U256::from(field));
                assert!(
                    word == real,
                    "{kept:?}, word {field}: model {word:#x}, contract {real:#x}, {}",
                    self.context()
                );
            }
        }
        for ((token, holder), balance) in &self.balances {
            let real = self.oracle.pool.evm.storage(*token, mapping_slot(address_word(*holder), 0));
            assert_eq!(*balance, real, "{holder}'s tokens, {}", self.context());
        }
    }

    /// Compares the getters too, and that nothing else is in the contract's storage.
    pub(in crate::rewards) fn compare_everything(&mut self) {
        let occupied = self.oracle.pool.evm.occupied_slots(self.oracle.staker);
        assert_eq!(self.slots.unknown(&occupied), None, "occupied, {}", self.context());
        for (kept, _) in layout(&self.staker) {
            let (call, words) = self.getter(kept);
            let real = self.oracle.view(call).unwrap().unwrap().words();
            assert_eq!(words, real, "{kept:?}: model and contract, {}", self.context());
        }
    }

    fn getter(&self, kept: Kept) -> (Call, Vec<U256>) {
        let state = self.staker.state();
        match kept {
            Kept::Incentive(key) => {
                let info = self.staker.incentive(&key);
                let call = Call::new("incentives(bytes32)", 1).word(words(&key).id());
                let count = U256::from(info.number_of_stakes);
                let claimed = info.total_seconds_claimed_x128;
                (call, vec![info.total_reward_unclaimed.0, claimed, count])
            }
            Kept::Deposit(id) => {
                let deposit = state.deposits.iter().find(|deposit| deposit.token_id == id).unwrap();
                let [lower, upper] =
                    [deposit.range.lower, deposit.range.upper].map(|tick| i64::from(tick.0));
                let count = U256::from(self.staker.number_of_stakes(id));
                let owner = address_word(address(deposit.owner));
                let words = vec![owner, count, int_word(lower), int_word(upper)];
                (Call::new("deposits(uint256)", 1).word(id.0), words)
            }
            Kept::Stake(id, key) => {
                let stake =
                    state.stakes.iter().find(|stake| (stake.token_id, stake.key) == (id, key));
                let stake = stake.unwrap();
                let call = Call::new("stakes(uint256,bytes32)", 2).word(id.0);
                let initial = stake.seconds_per_liquidity_inside_initial_x128;
                (call.word(words(&key).id()), vec![initial, U256::from(stake.liquidity.0)])
            }
            Kept::Reward(token, owner) => {
                let call = Call::new("rewards(address,address)", 2);
                let call = call.address(address(token)).address(address(owner));
                (call, vec![self.staker.claimable(token, owner).0])
            }
        }
    }
}
