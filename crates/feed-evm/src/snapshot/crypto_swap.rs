use tidemill_amm::StateError;
use tidemill_amm::crypto_swap::{
    AGamma, CryptoGeneration, CryptoSwap, CryptoSwapParameters, CryptoSwapState, TwoCryptoBuild,
};
use tidemill_model::Address;
use tidemill_units::{Amount, Timestamp, TokenAmounts, U256};

use super::abi::{ContractCall, Words, address_word};
use super::at_block::AtBlock;
use super::error::SnapshotError;
use super::storage_words::{Beside, StorageWords};

/// One of Curve's crypto pools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CryptoSwapPool {
    /// The pool. Its share token it tells, or is itself.
    pub address: Address,
    /// Which contracts it runs.
    pub generation: CryptoGeneration,
}

const SECONDS: &str = "a time in 64 bits";
const U64: &str = "64 bits";
const MOST_DECIMALS: u8 = 18;
const ZERO: Address = Address([0; 20]);
/// The second generation's `ADMIN_FEE`, a constant.
const NG_ADMIN_FEE: u64 = 5_000_000_000;
const ANY: Beside = Beside::UpTo(U256::MAX);
const FLAG: Beside = Beside::UpTo(U256::ONE);
const ORACLE: &str = "its price oracle as last written (between `price_scale` and `last_prices`, \
                      before `last_prices_timestamp`)";
const NOT_ADJUSTED: &str = "whether its price scale is on its way (`not_adjusted`, after \
                            `xcp_profit`, `xcp_profit_a` and `virtual_price`)";
const CLAIMS: &str = "when it last paid its administrators and what it owes them (after \
                      `virtual_price`, `packed_rebalancing_params` and `packed_fee_params`)";

/// Reads a pool. What private variables keep is found beside what functions tell: the price oracle
/// as last written, where the function averages up to now; whether the price scale is on its way,
/// before the ng generation; and what twocrypto-ng owes its administrators.
///
/// Errors: `Reverted` and `Answer` for another contract or generation, `Untold` for one whose
/// storage is laid out otherwise, `State` for values that do not go together.
pub async fn crypto_swap_state(
    at: &AtBlock<'_>,
    pool: CryptoSwapPool,
) -> Result<CryptoSwapState, SnapshotError> {
    let storage = StorageWords::read(at, pool.address).await?;
    let plain = |signature| ContractCall::new(pool.address, signature, &[]);
    let names = [
        "D()",
        "xcp_profit()",
        "xcp_profit_a()",
        "virtual_price()",
        "initial_A_gamma()",
        "future_A_gamma()",
        "initial_A_gamma_time()",
        "future_A_gamma_time()",
    ];
    let answers = at.calls(&names.map(plain)).await?;
    let [invariant, profit, profit_a, virtual_price, from, to, starts, ends] = answers.as_slice()
    else {
        return Err(plain("D()").reverted("no answer".to_owned()));
    };
    let told = [profit.word(0)?, profit_a.word(0)?, virtual_price.word(0)?];
    let coins = coins(at, pool).await?;
    let prices = prices(at, pool, &storage).await?;
    let claims = claims(at, pool, &storage, told[2]).await?;
    let state = CryptoSwapState {
        generation: pool.generation,
        decimals: coins.decimals,
        balances: amounts("balances", &coins.balances)?,
        holdings: amounts("holdings", &coins.held)?,
        total_supply: supply(at, pool).await?,
        initial_a_gamma: a_gamma(from)?,
        initial_a_gamma_time: Timestamp(starts.number(0, SECONDS)?),
        future_a_gamma: a_gamma(to)?,
        future_a_gamma_time: Timestamp(ends.number(0, SECONDS)?),
        parameters: parameters(at, pool).await?,
        price_scale: prices.scale,
        price_oracle: prices.oracle,
        last_prices: prices.last,
        last_prices_timestamp: prices.written,
        invariant: invariant.word(0)?,
        xcp_profit: told[0],
        xcp_profit_a: told[1],
        virtual_price: told[2],
        not_adjusted: not_adjusted(pool, &storage, told)?,
        has_fee_receiver: has_fee_receiver(at, pool).await?,
        last_admin_fee_claim_timestamp: claims.last,
        admin_lp_virtual_balance: claims.owed,
    };
    CryptoSwap::new(&state)?;
    Ok(state)
}

fn amounts(name: &'static str, amounts: &[Amount]) -> Result<TokenAmounts, SnapshotError> {
    Ok(TokenAmounts::new(amounts).ok_or(StateError::of(name, "2 or 3 coins"))?)
}

/// Amplification stands in the high half, gamma in the low one.
fn a_gamma(words: &Words) -> Result<AGamma, SnapshotError> {
    let packed = words.word(0)?;
    let part = |part: U256| u64::try_from(part).map_err(|_| words.value("A and gamma", U64));
    Ok(AGamma { a: part(packed >> 128)?, gamma: part(packed & U256::from(u128::MAX))? })
}

struct Coins {
    decimals: Vec<u8>,
    balances: Vec<Amount>,
    held: Vec<Amount>,
}

async fn coins(at: &AtBlock<'_>, pool: CryptoSwapPool) -> Result<Coins, SnapshotError> {
    let places = (0_u64..).take(pool.generation.coins()).map(U256::from);
    let names = ["coins(uint256)", "balances(uint256)"];
    let ask = |place: U256| names.map(|name| ContractCall::new(pool.address, name, &[place]));
    let answers = at.calls(&places.flat_map(ask).collect::<Vec<_>>()).await?;
    let mut calls = Vec::new();
    for coin in answers.chunks_exact(names.len()) {
        let [coin, ..] = coin else { continue };
        let own = [address_word(pool.address)];
        calls.push(ContractCall::new(coin.address(0)?, "balanceOf(address)", &own));
        calls.push(ContractCall::new(coin.address(0)?, "decimals()", &[]));
    }
    let tokens = at.calls(&calls).await?;
    let mut coins = Coins { decimals: Vec::new(), balances: Vec::new(), held: Vec::new() };
    for (coin, token) in answers.chunks_exact(names.len()).zip(tokens.chunks_exact(2)) {
        let ([_, balance], [held, decimals]) = (coin, token) else { continue };
        coins.balances.push(Amount(balance.word(0)?));
        coins.held.push(Amount(held.word(0)?));
        let count: u8 = decimals.number(0, "0 to 18")?;
        if count > MOST_DECIMALS {
            return Err(decimals.value("number of decimals", "0 to 18"));
        }
        coins.decimals.push(count);
    }
    Ok(coins)
}

async fn supply(at: &AtBlock<'_>, pool: CryptoSwapPool) -> Result<Amount, SnapshotError> {
    let shares = if is_ng(pool.generation) {
        pool.address
    } else {
        at.call(&ContractCall::new(pool.address, "token()", &[])).await?.address(0)?
    };
    let supply = at.call(&ContractCall::new(shares, "totalSupply()", &[])).await?;
    Ok(Amount(supply.word(0)?))
}

fn is_ng(generation: CryptoGeneration) -> bool {
    match generation {
        CryptoGeneration::TwoCrypto(_) | CryptoGeneration::Tricrypto2 => false,
        CryptoGeneration::TricryptoNg | CryptoGeneration::TwocryptoNg(_) => true,
    }
}

struct Prices {
    scale: Vec<U256>,
    oracle: Vec<U256>,
    last: Vec<U256>,
    written: Timestamp,
}

async fn prices(
    at: &AtBlock<'_>,
    pool: CryptoSwapPool,
    storage: &StorageWords,
) -> Result<Prices, SnapshotError> {
    let (time, names) = match pool.generation {
        CryptoGeneration::TwoCrypto(_) => {
            ("last_prices_timestamp()", ["price_scale()", "last_prices()", "price_oracle()"])
        }
        CryptoGeneration::TwocryptoNg(_) => {
            ("last_timestamp()", ["price_scale()", "last_prices()", "price_oracle()"])
        }
        CryptoGeneration::Tricrypto2 | CryptoGeneration::TricryptoNg => (
            "last_prices_timestamp()",
            ["price_scale(uint256)", "last_prices(uint256)", "price_oracle(uint256)"],
        ),
    };
    let mut calls = vec![ContractCall::new(pool.address, time, &[])];
    let count = pool.generation.coins().saturating_sub(1);
    for place in (0_u64..).take(count) {
        let of = if count > 1 { vec![U256::from(place)] } else { Vec::new() };
        calls.extend(names.map(|name| ContractCall::new(pool.address, name, &of)));
    }
    let answers = at.calls(&calls).await?;
    let [written, told @ ..] = answers.as_slice() else {
        return Err(ContractCall::new(pool.address, time, &[]).reverted("no answer".to_owned()));
    };
    let column = |index: usize| -> Result<Vec<U256>, SnapshotError> {
        let column = told.iter().skip(index).step_by(names.len());
        column.map(|words| words.word(0)).collect()
    };
    let (scale, last, shown) = (column(0)?, column(1)?, column(2)?);
    let time = written.word(0)?;
    let oracle = if shows_average(pool.generation) {
        let neighbours =
            [Beside::Told(packed(&scale)), ANY, Beside::Told(packed(&last)), Beside::Told(time)];
        let found = storage.find(ORACLE, &neighbours)?;
        unpacked(found.get(1).copied().unwrap_or_default(), count)
    } else {
        shown
    };
    // The first twocrypto-ng has a second time in the high half.
    let seconds = time & U256::from(u128::MAX);
    let seconds = u64::try_from(seconds).map_err(|_| written.value("time", SECONDS))?;
    Ok(Prices { scale, oracle, last, written: Timestamp(seconds) })
}

/// Whether `price_oracle` averages up to now instead of telling what was last written.
fn shows_average(generation: CryptoGeneration) -> bool {
    match generation {
        CryptoGeneration::TwoCrypto(TwoCryptoBuild::Euroc | TwoCryptoBuild::Factory)
        | CryptoGeneration::TricryptoNg
        | CryptoGeneration::TwocryptoNg(_) => true,
        CryptoGeneration::TwoCrypto(
            TwoCryptoBuild::Eurt | TwoCryptoBuild::Crv | TwoCryptoBuild::Cvx,
        )
        | CryptoGeneration::Tricrypto2 => false,
    }
}

/// One price has a word of its own; two share one, the first in its low half.
fn packed(prices: &[U256]) -> U256 {
    match prices {
        [first, second] => *first | *second << 128,
        [first] | [first, ..] => *first,
        [] => U256::ZERO,
    }
}

fn unpacked(word: U256, count: usize) -> Vec<U256> {
    if count == 1 { vec![word] } else { vec![word & U256::from(u128::MAX), word >> 128] }
}

fn not_adjusted(
    pool: CryptoSwapPool,
    storage: &StorageWords,
    told: [U256; 3],
) -> Result<bool, SnapshotError> {
    if is_ng(pool.generation) {
        return Ok(false);
    }
    let [profit, profit_a, virtual_price] = told.map(Beside::Told);
    let found = storage.find(NOT_ADJUSTED, &[profit, profit_a, virtual_price, FLAG])?;
    Ok(found.last() == Some(&U256::ONE))
}

struct Claims {
    last: Timestamp,
    owed: Amount,
}

async fn claims(
    at: &AtBlock<'_>,
    pool: CryptoSwapPool,
    storage: &StorageWords,
    virtual_price: U256,
) -> Result<Claims, SnapshotError> {
    if !matches!(pool.generation, CryptoGeneration::TwocryptoNg(_)) {
        return Ok(Claims { last: Timestamp(0), owed: Amount::ZERO });
    }
    let names = ["packed_rebalancing_params()", "packed_fee_params()"];
    let answers = at.calls(&names.map(|name| ContractCall::new(pool.address, name, &[]))).await?;
    let mut neighbours = vec![Beside::Told(virtual_price)];
    for answer in &answers {
        neighbours.push(Beside::Told(answer.word(0)?));
    }
    neighbours.extend([Beside::UpTo(U256::from(u64::MAX)), ANY]);
    let untold = || SnapshotError::Untold { contract: pool.address, what: CLAIMS };
    match storage.find(CLAIMS, &neighbours)?.as_slice() {
        [.., last, owed] => {
            let last = u64::try_from(*last).map_err(|_| untold())?;
            Ok(Claims { last: Timestamp(last), owed: Amount(*owed) })
        }
        _ => Err(untold()),
    }
}

async fn parameters(
    at: &AtBlock<'_>,
    pool: CryptoSwapPool,
) -> Result<CryptoSwapParameters, SnapshotError> {
    if is_ng(pool.generation) {
        return ng_parameters(at, pool).await;
    }
    let names = [
        "mid_fee()",
        "out_fee()",
        "fee_gamma()",
        "admin_fee()",
        "allowed_extra_profit()",
        "adjustment_step()",
        "ma_half_time()",
    ];
    let answers = at.calls(&names.map(|name| ContractCall::new(pool.address, name, &[]))).await?;
    let numbers = answers.iter().map(|answer| answer.number(0, U64));
    let numbers = numbers.collect::<Result<Vec<u64>, _>>()?;
    let [mid_fee, out_fee, fee_gamma, admin_fee, allowed_extra_profit, adjustment_step, ma_time] =
        numbers.as_slice()
    else {
        return Err(
            ContractCall::new(pool.address, "fee_gamma()", &[]).reverted("no answer".to_owned())
        );
    };
    Ok(CryptoSwapParameters {
        mid_fee: *mid_fee,
        out_fee: *out_fee,
        fee_gamma: *fee_gamma,
        admin_fee: *admin_fee,
        allowed_extra_profit: *allowed_extra_profit,
        adjustment_step: *adjustment_step,
        ma_time: *ma_time,
    })
}

/// Three numbers of 64 bits share a word; the function for the window rounds it.
async fn ng_parameters(
    at: &AtBlock<'_>,
    pool: CryptoSwapPool,
) -> Result<CryptoSwapParameters, SnapshotError> {
    let names = ["packed_fee_params()", "packed_rebalancing_params()"];
    let answers = at.calls(&names.map(|name| ContractCall::new(pool.address, name, &[]))).await?;
    let [fees, rebalancing] = answers.as_slice() else {
        return Err(ContractCall::new(pool.address, "packed_fee_params()", &[])
            .reverted("no answer".to_owned()));
    };
    let part = |words: &Words, shift: usize| {
        let part = (words.word(0)? >> shift) & U256::from(u64::MAX);
        u64::try_from(part).map_err(|_| words.value("part", U64))
    };
    Ok(CryptoSwapParameters {
        mid_fee: part(fees, 128)?,
        out_fee: part(fees, 64)?,
        fee_gamma: part(fees, 0)?,
        admin_fee: NG_ADMIN_FEE,
        allowed_extra_profit: part(rebalancing, 128)?,
        adjustment_step: part(rebalancing, 64)?,
        ma_time: part(rebalancing, 0)?,
    })
}

/// A pool names whom it pays, or its factory does.
async fn has_fee_receiver(at: &AtBlock<'_>, pool: CryptoSwapPool) -> Result<bool, SnapshotError> {
    if pool.generation == CryptoGeneration::Tricrypto2 {
        return Ok(true);
    }
    let names = ["admin_fee_receiver()", "factory()"];
    let answers =
        at.try_calls(&names.map(|name| ContractCall::new(pool.address, name, &[]))).await?;
    let receiver = match answers.as_slice() {
        [Ok(receiver), _] if !receiver.bytes().is_empty() => receiver.address(0)?,
        [_, Ok(factory)] => {
            let factory = factory.address(0)?;
            at.call(&ContractCall::new(factory, "fee_receiver()", &[])).await?.address(0)?
        }
        _ => {
            let what = "who gets the administrators' part (`admin_fee_receiver`, or `factory`)";
            return Err(SnapshotError::Untold { contract: pool.address, what });
        }
    };
    Ok(receiver != ZERO)
}

#[cfg(test)]
mod tests;
