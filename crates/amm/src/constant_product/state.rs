use std::collections::BTreeMap;

use tidemill_units::{Amount, Amounts, U256};

use super::{Holder, Pair, PairFee, PairParameters, ProtocolShare, Reserves};
use crate::StateError;

/// Everything that determines what a pair does.
///
/// [`Default`] is an empty pair of Uniswap's, the protocol fee off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairState {
    /// The fee on the input of a swap, in the units of `fee_scale`.
    pub fee: u32,
    /// 1000 or 10,000: the units in which the pair checks its product.
    pub fee_scale: u32,
    /// Numerator of the protocol's share of the fees.
    pub protocol_share_numerator: u32,
    /// Denominator of the protocol's share of the fees.
    pub protocol_share_denominator: u32,
    /// Who gets the protocol's share; `None` while it is off.
    pub fee_to: Option<[u8; 20]>,
    /// What the pair trades with of token0 (`reserve0`), below 2^112.
    pub reserve0: Amount,
    /// What the pair trades with of token1 (`reserve1`), below 2^112.
    pub reserve1: Amount,
    /// What the pair really has of token0, its reserve or more.
    pub balance0: Amount,
    /// What the pair really has of token1, its reserve or more.
    pub balance1: Amount,
    /// When the reserves were last written, in seconds modulo 2^32 (`blockTimestampLast`).
    pub block_timestamp_last: u32,
    /// Sum of token1 per token0, as UQ112.112, times seconds, modulo 2^256.
    pub price0_cumulative_last: U256,
    /// Sum of token0 per token1, as UQ112.112, times seconds, modulo 2^256.
    pub price1_cumulative_last: U256,
    /// Product of the reserves after the last deposit or withdrawal with the protocol fee on, else
    /// zero; below 2^224.
    pub k_last: U256,
    /// All shares.
    pub total_supply: Amount,
    /// Shares of the zero address, which can never be burned: 1000 in pairs whose first deposit
    /// was an ordinary one.
    pub locked_shares: Amount,
    /// Shares that were sent to the pair and not burned yet.
    pub unburned_shares: Amount,
    /// Shares of the holders that are told apart. All others share the rest of the total.
    pub shares: BTreeMap<[u8; 20], Amount>,
}

impl Default for PairState {
    fn default() -> Self {
        Pair::default().state()
    }
}

impl Pair {
    /// Returns the pair in this state.
    ///
    /// Errors: the field that no pair can have.
    pub fn new(state: &PairState) -> Result<Self, StateError> {
        let parameters = parameters(state)?;
        for (name, reserve) in [("reserve0", state.reserve0), ("reserve1", state.reserve1)] {
            if reserve.0.bit_len() > 112 {
                return Err(StateError::of(name, "0 to 2^112 - 1"));
            }
        }
        let amounts = Amounts { amount0: state.reserve0, amount1: state.reserve1 };
        let holdings = Amounts { amount0: state.balance0, amount1: state.balance1 };
        for (name, balance, reserve) in [
            ("balance0", state.balance0, state.reserve0),
            ("balance1", state.balance1, state.reserve1),
        ] {
            if balance < reserve {
                return Err(StateError::of(name, "the reserve or more"));
            }
        }
        if state.k_last.bit_len() > 224 {
            return Err(StateError::of("k_last", "0 to 2^224 - 1"));
        }
        if state.fee_to == Some([0; 20]) {
            return Err(StateError::of("fee_to", "no address, or one that is not zero"));
        }
        Ok(Self {
            parameters,
            reserves: Reserves {
                amounts,
                updated_at: state.block_timestamp_last,
                price0_cumulative: state.price0_cumulative_last,
                price1_cumulative: state.price1_cumulative_last,
            },
            holdings,
            k_last: state.k_last,
            total_supply: state.total_supply,
            shares: shares(state)?,
            fee_to: state.fee_to,
        })
    }

    /// Returns everything that determines what the pair does.
    pub fn state(&self) -> PairState {
        let (fee, fee_scale) = self.parameters.fee.parts();
        let (numerator, denominator) = self.parameters.protocol_share.parts();
        let named = self.shares.iter().filter_map(|(holder, shares)| match holder {
            Holder::Account(account) if !shares.is_zero() => Some((*account, *shares)),
            Holder::Account(_) | Holder::Zero | Holder::Pair | Holder::Others => None,
        });
        PairState {
            fee,
            fee_scale,
            protocol_share_numerator: numerator,
            protocol_share_denominator: denominator,
            fee_to: self.fee_to,
            reserve0: self.reserves.amounts.amount0,
            reserve1: self.reserves.amounts.amount1,
            balance0: self.holdings.amount0,
            balance1: self.holdings.amount1,
            block_timestamp_last: self.reserves.updated_at,
            price0_cumulative_last: self.reserves.price0_cumulative,
            price1_cumulative_last: self.reserves.price1_cumulative,
            k_last: self.k_last,
            total_supply: self.total_supply,
            locked_shares: self.shares_of(Holder::Zero),
            unburned_shares: self.shares_of(Holder::Pair),
            shares: named.collect(),
        }
    }
}

fn parameters(state: &PairState) -> Result<PairParameters, StateError> {
    if !PairFee::is_scale(state.fee_scale) {
        return Err(StateError::of("fee_scale", "1000 or 10000"));
    }
    let fee = PairFee::new(state.fee, state.fee_scale);
    let fee = fee.ok_or(StateError::of("fee", "below fee_scale"))?;
    if !(2..=10_000).contains(&state.protocol_share_denominator) {
        return Err(StateError::of("protocol_share_denominator", "2 to 10000"));
    }
    let share =
        ProtocolShare::new(state.protocol_share_numerator, state.protocol_share_denominator);
    let protocol_share = share.ok_or(StateError::of(
        "protocol_share_numerator",
        "1 or more, and below protocol_share_denominator",
    ))?;
    Ok(PairParameters { fee, protocol_share })
}

/// Everybody's shares, those of nobody in particular included, which add up to the total.
fn shares(state: &PairState) -> Result<BTreeMap<Holder, Amount>, StateError> {
    let rest = |all: Amount, name: &'static str, part: Amount| {
        all.checked_sub(part).ok_or(StateError::of(name, "no more than total_supply has left"))
    };
    let mut left = rest(state.total_supply, "locked_shares", state.locked_shares)?;
    left = rest(left, "unburned_shares", state.unburned_shares)?;
    let mut shares = BTreeMap::from([
        (Holder::Zero, state.locked_shares),
        (Holder::Pair, state.unburned_shares),
    ]);
    for (account, held) in &state.shares {
        if *account == [0; 20] {
            return Err(StateError::of("shares", "no zero address: locked_shares are its"));
        }
        left = rest(left, "shares", *held)?;
        shares.insert(Holder::Account(*account), *held);
    }
    shares.insert(Holder::Others, left);
    shares.retain(|_, held| !held.is_zero());
    Ok(shares)
}
