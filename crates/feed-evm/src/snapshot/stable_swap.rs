use tidemill_amm::stable_swap::{Generation, StableSwap, StableSwapState};
use tidemill_model::Address;
use tidemill_units::{Amount, Timestamp, TokenAmounts, U256};

use super::abi::{ContractCall, Words, address_word};
use super::at_block::AtBlock;
use super::error::SnapshotError;

/// One of Curve's plain pools of the first generations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StableSwapPool {
    /// The pool.
    pub address: Address,
    /// Its share token, which the older pools do not tell; of later ones perhaps the pool itself.
    pub shares: Address,
    /// How many coins it has, 2 to 4; no function tells it.
    pub coins: u8,
    /// The generation.
    pub generation: Generation,
}

/// Slots of the first generation's `kill_deadline` and `is_killed`, for which it has no function
/// (`StableSwapSUSD.vy`, in the order of its declarations).
const KILL_DEADLINE_SLOT: u64 = 14;
const IS_KILLED_SLOT: u64 = 15;
const SECONDS: &str = "a time in 64 bits";
const U64: &str = "64 bits";

/// Reads a pool. In the generations with a ramp, whether the pool is killed has no function and no
/// known slot: a killed pool reads as one that is not, and its first swap does not reproduce.
///
/// Errors: `Reverted` and `Answer` for another contract or generation, `State` for values that do
/// not go together.
pub async fn stable_swap_state(
    at: &AtBlock<'_>,
    pool: StableSwapPool,
) -> Result<StableSwapState, SnapshotError> {
    let coins = coins(at, pool).await?;
    let mut holdings = Vec::new();
    for coin in &coins.addresses {
        let own = [address_word(pool.address)];
        holdings.push(ContractCall::new(*coin, "balanceOf(address)", &own));
        holdings.push(ContractCall::new(*coin, "decimals()", &[]));
    }
    let answers = at.calls(&holdings).await?;
    let (mut precisions, mut beyond) = (Vec::new(), Vec::new());
    for (pair, balance) in answers.chunks_exact(2).zip(&coins.balances) {
        let [held, decimals] = pair else { continue };
        let excess = Amount(held.word(0)?).checked_sub(*balance);
        beyond.push(excess.ok_or_else(|| held.value("balance", "what the pool counts, or more"))?);
        precisions.push(precision(decimals)?);
    }
    let amounts = |amounts: &[Amount]| {
        let bad = || tidemill_amm::StateError::of("balances", "2 to 4 coins");
        TokenAmounts::new(amounts).ok_or_else(bad)
    };
    let supply = at.call(&ContractCall::new(pool.shares, "totalSupply()", &[])).await?;
    let mut state = StableSwapState {
        generation: pool.generation,
        balances: amounts(&coins.balances)?,
        precisions,
        admin_balances: amounts(&beyond)?,
        total_supply: Amount(supply.word(0)?),
        initial_a: 0,
        future_a: 0,
        initial_a_time: Timestamp(0),
        future_a_time: Timestamp(0),
        fee: 0,
        admin_fee: 0,
        future_fee: 0,
        future_admin_fee: 0,
        admin_actions_deadline: Timestamp(0),
        is_killed: false,
        kill_deadline: Timestamp(0),
    };
    read_fees(at, pool, &mut state).await?;
    match pool.generation {
        Generation::V0 => read_first_generation(at, pool, &mut state).await?,
        Generation::V1 | Generation::V2 => read_ramp(at, pool, &mut state).await?,
    }
    StableSwap::new(&state)?;
    Ok(state)
}

struct Coins {
    addresses: Vec<Address>,
    balances: Vec<Amount>,
}

async fn coins(at: &AtBlock<'_>, pool: StableSwapPool) -> Result<Coins, SnapshotError> {
    // Vyper's first contracts number coins with a sign.
    let (coin, balance) = match pool.generation {
        Generation::V0 => ("coins(int128)", "balances(int128)"),
        Generation::V1 | Generation::V2 => ("coins(uint256)", "balances(uint256)"),
    };
    let numbers = 0..pool.coins;
    let calls = numbers.flat_map(|number| {
        [coin, balance]
            .map(|signature| ContractCall::new(pool.address, signature, &[U256::from(number)]))
    });
    let answers = at.calls(&calls.collect::<Vec<_>>()).await?;
    let mut coins = Coins { addresses: Vec::new(), balances: Vec::new() };
    for pair in answers.chunks_exact(2) {
        let [coin, balance] = pair else { continue };
        coins.addresses.push(coin.address(0)?);
        coins.balances.push(Amount(balance.word(0)?));
    }
    Ok(coins)
}

/// What one raw unit counts for, so that all coins have 18 decimals.
fn precision(decimals: &Words) -> Result<u64, SnapshotError> {
    let allowed = "0 to 18 decimals";
    let decimals: u32 = decimals.number(0, allowed)?;
    let digits = 18_u32.checked_sub(decimals).and_then(|digits| 10_u64.checked_pow(digits));
    digits.ok_or(SnapshotError::State(tidemill_amm::StateError::of("precisions", allowed)))
}

async fn read_fees(
    at: &AtBlock<'_>,
    pool: StableSwapPool,
    state: &mut StableSwapState,
) -> Result<(), SnapshotError> {
    let plain = |signature| ContractCall::new(pool.address, signature, &[]);
    let answers = at.calls(&[plain("fee()"), plain("admin_fee()")]).await?;
    if let [fee, admin_fee] = answers.as_slice() {
        (state.fee, state.admin_fee) = (fee.number(0, U64)?, admin_fee.number(0, U64)?);
    }
    // The last templates fix the administrator's part and have nothing that waits.
    let waiting = ["future_fee()", "future_admin_fee()", "admin_actions_deadline()"].map(plain);
    let answers = match pool.generation {
        Generation::V0 | Generation::V1 => at.calls(&waiting).await?,
        Generation::V2 => {
            let answers = at.try_calls(&waiting).await?;
            answers.into_iter().filter_map(Result::ok).collect()
        }
    };
    if let [fee, admin_fee, deadline] = answers.as_slice() {
        state.future_fee = fee.number(0, U64)?;
        state.future_admin_fee = admin_fee.number(0, U64)?;
        state.admin_actions_deadline = Timestamp(deadline.number(0, SECONDS)?);
    }
    Ok(())
}

async fn read_first_generation(
    at: &AtBlock<'_>,
    pool: StableSwapPool,
    state: &mut StableSwapState,
) -> Result<(), SnapshotError> {
    let plain = |signature| ContractCall::new(pool.address, signature, &[]);
    let answers = at.calls(&[plain("A()"), plain("future_A()")]).await?;
    if let [now, later] = answers.as_slice() {
        (state.initial_a, state.future_a) = (now.number(0, U64)?, later.number(0, U64)?);
    }
    let deadline = at.storage(pool.address, KILL_DEADLINE_SLOT).await?;
    let killed = at.storage(pool.address, IS_KILLED_SLOT).await?;
    let bad = |name| tidemill_amm::StateError::of(name, "what `StableSwapSUSD.vy` stores");
    let deadline = u64::try_from(deadline).map_err(|_| bad("kill_deadline"))?;
    state.kill_deadline = Timestamp(deadline);
    state.is_killed = match u8::try_from(killed) {
        Ok(0) => false,
        Ok(1) => true,
        Ok(_) | Err(_) => return Err(bad("is_killed").into()),
    };
    Ok(())
}

async fn read_ramp(
    at: &AtBlock<'_>,
    pool: StableSwapPool,
    state: &mut StableSwapState,
) -> Result<(), SnapshotError> {
    let plain = |signature| ContractCall::new(pool.address, signature, &[]);
    let names = ["initial_A()", "future_A()", "initial_A_time()", "future_A_time()"];
    let answers = at.calls(&names.map(plain)).await?;
    if let [from, to, starts, ends] = answers.as_slice() {
        (state.initial_a, state.future_a) = (from.number(0, U64)?, to.number(0, U64)?);
        state.initial_a_time = Timestamp(starts.number(0, SECONDS)?);
        state.future_a_time = Timestamp(ends.number(0, SECONDS)?);
    }
    Ok(())
}
