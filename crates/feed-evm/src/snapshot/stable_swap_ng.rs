use tidemill_amm::StateError;
use tidemill_amm::stable_swap_meta_ng::{MetaNgBaseState, StableSwapMetaNg, StableSwapMetaNgState};
use tidemill_amm::stable_swap_ng::{StableSwapNg, StableSwapNgState};
use tidemill_model::Address;
use tidemill_units::{Amount, Timestamp, TokenAmounts, U256};

use super::abi::{ContractCall, Words, address_word};
use super::at_block::AtBlock;
use super::error::SnapshotError;
use super::stable_swap::{StableSwapPool, stable_swap_state};
use super::storage_words::{Beside, StorageWords};

/// A pool of stableswap-ng.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StableSwapNgPool {
    /// The pool, which is its share token too.
    pub address: Address,
    /// The factory that made it, which alone tells of what kinds its coins are.
    pub factory: Address,
}

/// The pool whose shares a metapool of stableswap-ng trades.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetaNgBasePool {
    /// An older plain pool.
    Plain(StableSwapPool),
    /// One of stableswap-ng.
    Ng(StableSwapNgPool),
}

const SECONDS: &str = "a time in 64 bits";
const U64: &str = "64 bits";
const MOST_COINS: usize = TokenAmounts::MOST;
/// Kind of a coin whose balances change by themselves.
const REBASING: u8 = 2;
/// Rate of a base pool's shares in a metapool's state: the contract puts the virtual price there.
const RATE_OF_SHARES: Amount = Amount(U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]));
const UNTOLD: &str = "its last invariant (`last_D_packed`, before `ma_exp_time`, `D_ma_time` and \
                      `ma_last_time`)";

/// Reads a pool. The last invariant and its average have no function; they are read from the slot
/// before that of `ma_exp_time`.
///
/// Errors: `Reverted` and `Answer` for another contract, `Untold` for one whose storage is laid
/// out otherwise, `State` for values that do not go together.
pub async fn stable_swap_ng_state(
    at: &AtBlock<'_>,
    pool: StableSwapNgPool,
) -> Result<StableSwapNgState, SnapshotError> {
    let state = own_state(at, pool).await?;
    StableSwapNg::new(&state)?;
    Ok(state)
}

/// Reads a metapool with its base pool.
///
/// Errors: as [`stable_swap_ng_state`]; `Answer` to `BASE_POOL()` where it has another.
pub async fn stable_swap_meta_ng_state(
    at: &AtBlock<'_>,
    pool: StableSwapNgPool,
    base: MetaNgBasePool,
) -> Result<StableSwapMetaNgState, SnapshotError> {
    let told = at.call(&ContractCall::new(pool.address, "BASE_POOL()", &[])).await?;
    let (address, base) = match base {
        MetaNgBasePool::Plain(base) => {
            let state = stable_swap_state(at, base).await?;
            (base.address, MetaNgBaseState::Plain(Box::new(state)))
        }
        MetaNgBasePool::Ng(base) => {
            let state = stable_swap_ng_state(at, base).await?;
            (base.address, MetaNgBaseState::Ng(Box::new(state)))
        }
    };
    if told.address(0)? != address {
        return Err(told.value("base pool", "the one that was named"));
    }
    let mut own = own_state(at, pool).await?;
    if let Some(rate) = own.stored_rates.as_mut_slice().get_mut(1) {
        *rate = RATE_OF_SHARES;
    }
    let state = StableSwapMetaNgState { base, own };
    StableSwapMetaNg::new(&state)?;
    Ok(state)
}

async fn own_state(
    at: &AtBlock<'_>,
    pool: StableSwapNgPool,
) -> Result<StableSwapNgState, SnapshotError> {
    let plain = |signature| ContractCall::new(pool.address, signature, &[]);
    let of_pool = [address_word(pool.address)];
    let kinds = "get_pool_asset_types(address)";
    let answers = at
        .calls(&[
            ContractCall::new(pool.factory, kinds, &of_pool),
            plain("stored_rates()"),
            plain("totalSupply()"),
            plain("fee()"),
            plain("offpeg_fee_multiplier()"),
            plain("admin_fee()"),
            plain("initial_A()"),
            plain("future_A()"),
            plain("initial_A_time()"),
            plain("future_A_time()"),
        ])
        .await?;
    let [kinds, rates, supply, fee, multiplier, admin_fee, from, to, starts, ends] =
        answers.as_slice()
    else {
        return Err(plain("stored_rates()").reverted("no answer".to_owned()));
    };
    let asset_types = asset_types(kinds)?;
    let rates: Vec<Amount> = rates.list(0, MOST_COINS)?.into_iter().map(Amount).collect();
    let coins = coins(at, pool.address, &asset_types).await?;
    let oracles = oracles(at, pool.address, asset_types.len()).await?;
    Ok(StableSwapNgState {
        asset_types,
        stored_rates: amounts("stored_rates", &rates)?,
        token_balances: amounts("token_balances", &coins.held)?,
        stored_balances: amounts("stored_balances", &coins.stored)?,
        admin_balances: amounts("admin_balances", &coins.admin)?,
        total_supply: Amount(supply.word(0)?),
        initial_a: from.number(0, U64)?,
        future_a: to.number(0, U64)?,
        initial_a_time: Timestamp(starts.number(0, SECONDS)?),
        future_a_time: Timestamp(ends.number(0, SECONDS)?),
        fee: fee.number(0, U64)?,
        offpeg_fee_multiplier: multiplier.word(0)?,
        admin_fee: admin_fee.number(0, U64)?,
        ma_exp_time: oracles.ma_exp_time,
        d_ma_time: oracles.d_ma_time,
        last_prices: amounts("last_prices", &oracles.last_prices)?,
        ema_prices: amounts("ema_prices", &oracles.ema_prices)?,
        last_d: oracles.last_d,
        ema_d: oracles.ema_d,
        ma_last_time_p: oracles.prices_written,
        ma_last_time_d: oracles.d_written,
    })
}

fn amounts(name: &'static str, amounts: &[Amount]) -> Result<TokenAmounts, SnapshotError> {
    Ok(TokenAmounts::new(amounts).ok_or(StateError::of(name, "2 to 8 coins"))?)
}

/// A metapool's factory says nothing of the shares, or that they are plain.
fn asset_types(kinds: &Words) -> Result<Vec<u8>, SnapshotError> {
    let kinds_of = kinds.list(0, MOST_COINS)?.into_iter();
    let kind = |kind| u8::try_from(kind).map_err(|_| kinds.value("kind of a coin", "0 to 3"));
    let mut found = kinds_of.map(kind).collect::<Result<Vec<u8>, _>>()?;
    if found.len() == 1 {
        found.push(0);
    }
    Ok(found)
}

struct Coins {
    held: Vec<Amount>,
    stored: Vec<Amount>,
    admin: Vec<Amount>,
}

async fn coins(
    at: &AtBlock<'_>,
    pool: Address,
    asset_types: &[u8],
) -> Result<Coins, SnapshotError> {
    let places = || (0_u64..).take(asset_types.len()).map(U256::from);
    let names = ["coins(uint256)", "balances(uint256)", "admin_balances(uint256)"];
    let calls =
        places().flat_map(|place| names.map(|name| ContractCall::new(pool, name, &[place])));
    let answers = at.calls(&calls.collect::<Vec<_>>()).await?;
    let mut holdings = Vec::new();
    for coin in answers.chunks_exact(names.len()) {
        let [coin, ..] = coin else { continue };
        let own = [address_word(pool)];
        holdings.push(ContractCall::new(coin.address(0)?, "balanceOf(address)", &own));
    }
    let held = at.calls(&holdings).await?;
    let mut coins = Coins { held: Vec::new(), stored: Vec::new(), admin: Vec::new() };
    for (coin, held) in answers.chunks_exact(names.len()).zip(&held) {
        let [_, balance, admin] = coin else { continue };
        // The function tells what is the providers'.
        let (balance, admin_part) = (Amount(balance.word(0)?), Amount(admin.word(0)?));
        let stored = balance.checked_add(admin_part);
        coins.stored.push(stored.ok_or_else(|| admin.value("balance", "below 2^256 in all"))?);
        coins.admin.push(admin_part);
        coins.held.push(Amount(held.word(0)?));
    }
    if asset_types.contains(&REBASING) {
        // Such a pool looks at its tokens' balances alone.
        coins.stored.clone_from(&coins.held);
    }
    Ok(coins)
}

struct Oracles {
    ma_exp_time: U256,
    d_ma_time: U256,
    last_prices: Vec<Amount>,
    ema_prices: Vec<Amount>,
    last_d: Amount,
    ema_d: Amount,
    prices_written: Timestamp,
    d_written: Timestamp,
}

async fn oracles(at: &AtBlock<'_>, pool: Address, coins: usize) -> Result<Oracles, SnapshotError> {
    let plain = |signature| ContractCall::new(pool, signature, &[]);
    let windows = ["ma_exp_time()", "D_ma_time()", "ma_last_time()"];
    let mut calls = windows.map(plain).to_vec();
    for place in (0_u64..).take(coins.saturating_sub(1)) {
        let of = [U256::from(place)];
        calls.push(ContractCall::new(pool, "last_price(uint256)", &of));
        calls.push(ContractCall::new(pool, "ema_price(uint256)", &of));
    }
    let answers = at.calls(&calls).await?;
    let [of_prices, of_d, written, prices @ ..] = answers.as_slice() else {
        return Err(plain("ma_exp_time()").reverted("no answer".to_owned()));
    };
    let neighbours = [of_prices.word(0)?, of_d.word(0)?, written.word(0)?];
    let mut layout = vec![Beside::UpTo(U256::MAX)];
    layout.extend(neighbours.map(Beside::Told));
    let found = StorageWords::read(at, pool).await?.find(UNTOLD, &layout)?;
    let packed = found.first().copied().unwrap_or_default();
    let (last_d, ema_d) = (packed & low(), packed >> 128);
    let [ma_exp_time, d_ma_time, times] = neighbours;
    let time = |time: U256| {
        let time = u64::try_from(time).map_err(|_| written.value("time", SECONDS))?;
        Ok::<_, SnapshotError>(Timestamp(time))
    };
    let mut oracles = Oracles {
        ma_exp_time,
        d_ma_time,
        last_prices: Vec::new(),
        ema_prices: Vec::new(),
        last_d: Amount(last_d),
        ema_d: Amount(ema_d),
        prices_written: time(times & low())?,
        d_written: time(times >> 128)?,
    };
    for pair in prices.chunks_exact(2) {
        let [last, average] = pair else { continue };
        oracles.last_prices.push(Amount(last.word(0)?));
        oracles.ema_prices.push(Amount(average.word(0)?));
    }
    Ok(oracles)
}

/// Two numbers share a word, the first in its low half.
fn low() -> U256 {
    U256::from(u128::MAX)
}

#[cfg(test)]
mod tests;
