use tidemill_amm::composable_stable::{
    ComposableStable, ComposableStableBuild, ComposableStableState, TokenRate,
};
use tidemill_model::Address;
use tidemill_units::{Amount, Timestamp, TokenAmounts, U256};

use super::abi::{ContractCall, Words, address_word};
use super::at_block::AtBlock;
use super::error::SnapshotError;
use super::storage_words::StorageWords;

/// A composable stable pool of Balancer's second vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ComposableStablePool {
    /// The pool's contract; vault and id it tells itself.
    pub address: Address,
    /// Which contract it is.
    pub build: ComposableStableBuild,
}

/// `ProtocolFeeType` of the provider of percentages.
const SWAP_FEE: u64 = 0;
const YIELD_FEE: u64 = 2;
/// Tokens of a pool with its own shares among them.
const MOST_TOKENS: usize = TokenAmounts::MOST;
const ZERO: Address = Address([0; 20]);
const U64: &str = "64 bits";
const RECOVERY: &str = "the protocol's percentages while it is in recovery mode";
const RAMP: &str = "where its amplification comes from and goes to (`_packedAmplificationData`)";

/// Reads a pool, and the vault's balances of it. A ramp's ends have no function: they are read
/// from the pool's storage, where they give the amplification that the pool answers.
///
/// Errors: `Reverted` and `Answer` for another contract or build, `Untold` for one whose storage is
/// laid out otherwise and for one in recovery mode, in which the pool answers zero for the
/// percentages that it will reckon with again, `State` for values that do not go together.
pub async fn composable_stable_state(
    at: &AtBlock<'_>,
    pool: ComposableStablePool,
) -> Result<ComposableStableState, SnapshotError> {
    let plain = |signature| ContractCall::new(pool.address, signature, &[]);
    let cached = |kind: u64| {
        let of = [U256::from(kind)];
        ContractCall::new(pool.address, "getProtocolFeePercentageCache(uint256)", &of)
    };
    let answers = at
        .calls(&[
            plain("getSwapFeePercentage()"),
            plain("getAmplificationParameter()"),
            plain("getLastJoinExitData()"),
            plain("totalSupply()"),
            plain("inRecoveryMode()"),
            cached(SWAP_FEE),
            cached(YIELD_FEE),
        ])
        .await?;
    let [swap_fee, amplification, last, supply, recovery, swap_part, yield_part] =
        answers.as_slice()
    else {
        return Err(plain("getSwapFeePercentage()").reverted("no answer".to_owned()));
    };
    if recovery.flag(0)? {
        return Err(SnapshotError::Untold { contract: pool.address, what: RECOVERY });
    }
    let tokens = tokens(at, pool.address).await?;
    let storage = StorageWords::read(at, pool.address).await?;
    let ramp = ramp(&storage, amplification, at.block().time)?;
    let state = ComposableStableState {
        build: pool.build,
        balances: tokens.balances,
        decimals: tokens.decimals,
        rates: tokens.rates,
        swap_fee: swap_fee.word(0)?,
        amplification_start: ramp.from,
        amplification_end: ramp.to,
        amplification_start_time: Timestamp(ramp.starts),
        amplification_end_time: Timestamp(ramp.ends),
        total_supply: Amount(supply.word(0)?),
        vault_shares: tokens.vault_shares,
        last_invariant: last.word(1)?,
        last_amplification: last.number(0, U64)?,
        protocol_swap_fee: swap_part.word(0)?,
        protocol_yield_fee: yield_part.word(0)?,
        in_recovery_mode: false,
    };
    ComposableStable::new(&state)?;
    Ok(state)
}

/// What is kept token by token, the pool's own shares left out.
struct Tokens {
    balances: Vec<Amount>,
    decimals: Vec<u8>,
    rates: Vec<Option<TokenRate>>,
    vault_shares: Amount,
}

async fn tokens(at: &AtBlock<'_>, pool: Address) -> Result<Tokens, SnapshotError> {
    let plain = |signature| ContractCall::new(pool, signature, &[]);
    let names = ["getVault()", "getPoolId()", "getBptIndex()", "getRateProviders()"];
    let answers = at.calls(&names.map(plain)).await?;
    let [vault, id, shares, providers] = answers.as_slice() else {
        return Err(plain("getVault()").reverted("no answer".to_owned()));
    };
    let shares: usize = shares.number(0, "a place among the tokens")?;
    let held = [id.word(0)?];
    let held = ContractCall::new(vault.address(0)?, "getPoolTokens(bytes32)", &held);
    let held = at.call(&held).await?;
    let (addresses, amounts) = (held.addresses(0, MOST_TOKENS)?, held.list(1, MOST_TOKENS)?);
    let providers_of = providers.addresses(0, MOST_TOKENS)?;
    if addresses.len() != amounts.len() || addresses.len() != providers_of.len() {
        return Err(providers.value("list", "one for each of the vault's tokens"));
    }
    let mut tokens = Tokens {
        balances: Vec::new(),
        decimals: Vec::new(),
        rates: Vec::new(),
        vault_shares: Amount::ZERO,
    };
    let decimals = addresses.iter().map(|token| ContractCall::new(*token, "decimals()", &[]));
    let decimals = at.calls(&decimals.collect::<Vec<_>>()).await?;
    let each = addresses.iter().zip(amounts).zip(providers_of).zip(&decimals).enumerate();
    for (place, (((token, amount), provider), decimals)) in each {
        if place == shares {
            tokens.vault_shares = Amount(amount);
            continue;
        }
        tokens.balances.push(Amount(amount));
        tokens.decimals.push(decimals.number(0, "0 to 18")?);
        let rate =
            if provider == ZERO { None } else { Some(rate(at, pool, *token, provider).await?) };
        tokens.rates.push(rate);
    }
    Ok(tokens)
}

async fn rate(
    at: &AtBlock<'_>,
    pool: Address,
    token: Address,
    provider: Address,
) -> Result<TokenRate, SnapshotError> {
    let of = [address_word(token)];
    let exempt = "isTokenExemptFromYieldProtocolFee(address)";
    let answers = at
        .calls(&[
            ContractCall::new(provider, "getRate()", &[]),
            ContractCall::new(pool, "getTokenRateCache(address)", &of),
            ContractCall::new(pool, exempt, &of),
        ])
        .await?;
    let [provided, cache, exempt] = answers.as_slice() else {
        return Err(ContractCall::new(pool, "getTokenRateCache(address)", &of)
            .reverted("no answer".to_owned()));
    };
    Ok(TokenRate {
        provided: provided.word(0)?,
        current: cache.word(0)?,
        old: cache.word(1)?,
        duration: cache.number(2, U64)?,
        expires: Timestamp(cache.number(3, U64)?),
        is_exempt: exempt.flag(0)?,
    })
}

/// A ramp's ends and their times, four numbers of 64 bits in a word, the lowest first.
#[derive(Clone, Copy)]
struct Ramp {
    from: u64,
    to: u64,
    starts: u64,
    ends: u64,
}

impl Ramp {
    fn of(word: U256) -> Self {
        let [from, to, starts, ends] = word.into_limbs();
        Self { from, to, starts, ends }
    }

    /// What the contract answers at a time (`_getAmplificationParameter`): a straight line, the
    /// way gone rounded down; `None` for a word that is no ramp.
    fn at(self, now: Timestamp) -> Option<(u64, bool)> {
        let is_ramp = self.from > 0 && self.to > 0 && self.starts <= self.ends;
        if !is_ramp || self.starts > now.0 {
            return None;
        }
        if now.0 >= self.ends {
            return Some((self.to, false));
        }
        let part = |way: u64| {
            let gone = now.0.checked_sub(self.starts)?;
            let product = u128::from(way).checked_mul(u128::from(gone))?;
            let whole = self.ends.checked_sub(self.starts)?;
            u64::try_from(product.checked_div(u128::from(whole))?).ok()
        };
        let now = match self.to.checked_sub(self.from) {
            Some(way) => self.from.checked_add(part(way)?)?,
            None => self.from.checked_sub(part(self.from.checked_sub(self.to)?)?)?,
        };
        Some((now, true))
    }
}

fn ramp(storage: &StorageWords, told: &Words, now: Timestamp) -> Result<Ramp, SnapshotError> {
    let told = (told.number(0, U64)?, told.flag(1)?);
    let is_ramp = |word: U256| Ramp::of(word).at(now) == Some(told);
    let word = storage.find_one(RAMP, is_ramp)?;
    Ok(Ramp::of(word))
}
