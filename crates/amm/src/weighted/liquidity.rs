use tidemill_units::{Amount, TokenAmounts, U256};

use super::maths::{self, Terms};
use super::{
    MINIMUM_SHARES, Rounding, Upscaled, Weighted, WeightedBuild, WeightedChange, WeightedError,
    WeightedExit, WeightedJoin, grown, shrunk,
};
use crate::balancer_fixed_point::{add, div_down, mul, sub};

/// A join or exit, ready to be made.
struct Plan {
    change: WeightedChange,
    balances: TokenAmounts,
    total_supply: Amount,
    last_invariant: U256,
    highest_rate_product: Option<U256>,
}

/// A join or exit as the pool's formulas give it, with 18 decimals.
struct Moved {
    amounts: Upscaled,
    shares: U256,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    In,
    Out,
}

impl Weighted {
    /// Returns what a join would move; errors as [`join`](Self::join).
    pub fn quote_join(&self, join: &WeightedJoin) -> Result<WeightedChange, WeightedError> {
        Ok(self.plan_join(join)?.change)
    }

    /// Adds tokens: amounts in rounded up, shares out down, so that the pool gains.
    ///
    /// Errors: `Uninitialized`, `UnhandledJoin`, `UnknownJoin`, `WrongTokenCount`, `NoSuchToken`,
    /// `BelowMinimumShares`, `BelowWantedShares`, `AboveMaximumInvariantRatio`, `ZeroInvariant`,
    /// `BalanceOverflow`, `Maths`. Source: `Vault.joinPool` with the pool's `onJoinPool`.
    pub fn join(&mut self, join: &WeightedJoin) -> Result<WeightedChange, WeightedError> {
        let plan = self.plan_join(join)?;
        Ok(self.carry_out(&plan))
    }

    /// Returns what an exit would move; errors as [`exit`](Self::exit).
    pub fn quote_exit(&self, exit: &WeightedExit) -> Result<WeightedChange, WeightedError> {
        Ok(self.plan_exit(exit)?.change)
    }

    /// Takes tokens out: amounts out rounded down, shares in up, so that the pool gains. The shares
    /// are taken to be one holder's, who can have all but the locked ones.
    ///
    /// Errors: `WrongTokenCount`, `NoSuchToken`, `AboveMaximumShares`, `InsufficientShares`,
    /// `BelowMinimumInvariantRatio`, `ZeroInvariant`, `Maths`. Source: `Vault.exitPool` with the
    /// pool's `onExitPool`.
    pub fn exit(&mut self, exit: &WeightedExit) -> Result<WeightedChange, WeightedError> {
        let plan = self.plan_exit(exit)?;
        Ok(self.carry_out(&plan))
    }

    fn carry_out(&mut self, plan: &Plan) -> WeightedChange {
        self.balances = plan.balances;
        self.total_supply = plan.total_supply;
        self.last_invariant = plan.last_invariant;
        if let Some(product) = plan.highest_rate_product {
            self.highest_rate_product = product;
        }
        plan.change
    }

    fn plan_join(&self, join: &WeightedJoin) -> Result<Plan, WeightedError> {
        if let (WeightedJoin::AllTokens { .. }, WeightedBuild::April2021) = (join, self.build) {
            return Err(WeightedError::UnknownJoin);
        }
        if self.total_supply.is_zero() {
            return self.plan_first(join);
        }
        let balances = self.upscaled(&self.balances)?;
        match self.build {
            WeightedBuild::April2021 => {
                self.plan_2021(balances, Direction::In, |terms| self.joined(terms, join))
            }
            WeightedBuild::September2022 => {
                self.plan_2022(&balances, Direction::In, |terms| self.joined(terms, join))
            }
        }
    }

    fn plan_exit(&self, exit: &WeightedExit) -> Result<Plan, WeightedError> {
        let balances = self.upscaled(&self.balances)?;
        match self.build {
            WeightedBuild::April2021 => {
                self.plan_2021(balances, Direction::Out, |terms| self.exited(terms, exit))
            }
            WeightedBuild::September2022 => {
                self.plan_2022(&balances, Direction::Out, |terms| self.exited(terms, exit))
            }
        }
    }

    /// Source: `_onInitializePool`: as many times the invariant as there are tokens.
    fn plan_first(&self, join: &WeightedJoin) -> Result<Plan, WeightedError> {
        let highest_rate_product = self.rate_product()?;
        let amounts = match join {
            WeightedJoin::Initial { amounts } => amounts,
            WeightedJoin::ExactTokens { .. }
            | WeightedJoin::OneToken { .. }
            | WeightedJoin::AllTokens { .. } => return Err(WeightedError::Uninitialized),
        };
        let upscaled = self.checked_upscaled(amounts)?;
        let invariant = maths::invariant(&upscaled, self.live_weights(), self.build.shortcuts())?;
        let shares = mul(invariant, U256::from(self.count()))?;
        match self.build {
            WeightedBuild::April2021 => {}
            WeightedBuild::September2022 => {
                stored(invariant)?;
            }
        }
        if shares < MINIMUM_SHARES.0 {
            return Err(WeightedError::BelowMinimumShares);
        }
        let plan = Plan {
            change: self.change(&Moved { amounts: upscaled, shares }, Direction::In)?,
            balances: self.balances,
            total_supply: Amount(shares),
            last_invariant: invariant,
            highest_rate_product,
        };
        settle(plan, Direction::In)
    }

    /// The protocol's tokens leave first, then the rest is shared.
    fn plan_2021(
        &self,
        mut balances: Upscaled,
        direction: Direction,
        moved: impl Fn(&Terms<'_>) -> Result<Moved, WeightedError>,
    ) -> Result<Plan, WeightedError> {
        let (weights, shortcuts) = (self.live_weights(), self.build.shortcuts());
        let invariant = maths::invariant(&balances, weights, shortcuts)?;
        let due = self.tokens_due(&balances, invariant)?;
        apply(&mut balances, &due, Direction::Out)?;
        let moved = moved(&self.terms(&balances, self.total_supply.0))?;
        apply(&mut balances, &moved.amounts, direction)?;
        let last_invariant = maths::invariant(&balances, weights, shortcuts)?;
        let total_supply = self.supply_after(self.total_supply.0, moved.shares, direction)?;
        let mut change = self.change(&moved, direction)?;
        change.protocol_amounts = self.downscaled(&due, Rounding::Down)?;
        let plan = Plan {
            change,
            balances: self.balances,
            total_supply: Amount(total_supply),
            last_invariant,
            highest_rate_product: None,
        };
        settle(plan, direction)
    }

    /// The protocol's shares are minted before and, for the fees of the operation itself, after.
    fn plan_2022(
        &self,
        balances: &Upscaled,
        direction: Direction,
        moved: impl Fn(&Terms<'_>) -> Result<Moved, WeightedError>,
    ) -> Result<Plan, WeightedError> {
        let (weights, shortcuts) = (self.live_weights(), self.build.shortcuts());
        let invariant = maths::invariant(balances, weights, shortcuts)?;
        let due = self.shares_due(invariant)?;
        let supply = add(self.total_supply.0, due.shares)?;
        let moved = moved(&self.terms(balances, supply))?;
        let supply_after = match direction {
            Direction::In => add(supply, moved.shares)?,
            Direction::Out => sub(supply, moved.shares)?,
        };
        let mut after = *balances;
        // An exit that burns nothing counts as a join here: what it takes out is added.
        let counted = if supply_after >= supply { Direction::In } else { Direction::Out };
        apply(&mut after, &moved.amounts, counted)?;
        let last_invariant = stored(maths::invariant(&after, weights, shortcuts)?)?;
        let growth = || div_down(last_invariant, invariant);
        let due_after = if self.protocol_swap_fee.is_zero() {
            U256::ZERO
        } else {
            self.shares_due_after(growth()?, supply, supply_after)?
        };
        let supply = add(supply, due_after)?;
        let total_supply = self.supply_after(supply, moved.shares, direction)?;
        let mut change = self.change(&moved, direction)?;
        change.protocol_shares = Amount(add(due.shares, due_after)?);
        let plan = Plan {
            change,
            balances: self.balances,
            total_supply: Amount(total_supply),
            last_invariant,
            highest_rate_product: due.highest_rate_product,
        };
        settle(plan, direction)
    }

    fn terms<'a>(&'a self, balances: &'a Upscaled, total_supply: U256) -> Terms<'a> {
        Terms {
            balances,
            weights: self.live_weights(),
            swap_fee: self.swap_fee,
            total_supply,
            build: self.build,
        }
    }

    fn joined(&self, terms: &Terms<'_>, join: &WeightedJoin) -> Result<Moved, WeightedError> {
        match join {
            WeightedJoin::Initial { .. } => Err(WeightedError::UnhandledJoin),
            WeightedJoin::ExactTokens { amounts, least_shares } => {
                let amounts = self.checked_upscaled(amounts)?;
                let shares = terms.shares_for(&amounts)?;
                if shares < least_shares.0 {
                    return Err(WeightedError::BelowWantedShares);
                }
                Ok(Moved { amounts, shares })
            }
            WeightedJoin::OneToken { token, shares } => {
                let amount = terms.one_in_for(token.place(), shares.0)?;
                Ok(Moved { amounts: only(token.place(), amount), shares: shares.0 })
            }
            WeightedJoin::AllTokens { shares } => {
                Ok(Moved { amounts: terms.all_in_for(shares.0)?, shares: shares.0 })
            }
        }
    }

    fn exited(&self, terms: &Terms<'_>, exit: &WeightedExit) -> Result<Moved, WeightedError> {
        match exit {
            WeightedExit::OneToken { shares, token } => {
                let amount = terms.one_out_for(token.place(), shares.0)?;
                Ok(Moved { amounts: only(token.place(), amount), shares: shares.0 })
            }
            WeightedExit::AllTokens { shares } => {
                Ok(Moved { amounts: terms.all_out_for(shares.0)?, shares: shares.0 })
            }
            WeightedExit::ExactTokens { amounts, most_shares } => {
                let amounts = self.checked_upscaled(amounts)?;
                let shares = terms.shares_against(&amounts)?;
                if shares > most_shares.0 {
                    return Err(WeightedError::AboveMaximumShares);
                }
                Ok(Moved { amounts, shares })
            }
        }
    }

    fn checked_upscaled(&self, amounts: &TokenAmounts) -> Result<Upscaled, WeightedError> {
        if amounts.len() == self.count() {
            self.upscaled(amounts)
        } else {
            Err(WeightedError::WrongTokenCount)
        }
    }

    fn change(&self, moved: &Moved, direction: Direction) -> Result<WeightedChange, WeightedError> {
        let rounding = match direction {
            Direction::In => Rounding::Up,
            Direction::Out => Rounding::Down,
        };
        let amounts = self.downscaled(&moved.amounts, rounding)?;
        let protocol_amounts = self.downscaled(&Upscaled::default(), Rounding::Down)?;
        let shares = Amount(moved.shares);
        Ok(WeightedChange { amounts, shares, protocol_amounts, protocol_shares: Amount::ZERO })
    }

    fn supply_after(
        &self,
        supply: U256,
        shares: U256,
        direction: Direction,
    ) -> Result<U256, WeightedError> {
        let left = match direction {
            Direction::In => return Ok(add(supply, shares)?),
            Direction::Out => supply.checked_sub(shares),
        };
        let left = left.filter(|left| *left >= MINIMUM_SHARES.0);
        left.ok_or(WeightedError::InsufficientShares(self.build))
    }
}

/// The build of 2022 keeps the invariant in 192 bits.
fn stored(invariant: U256) -> Result<U256, WeightedError> {
    if invariant.bit_len() > INVARIANT_BITS {
        return Err(WeightedError::InvariantOverflow);
    }
    Ok(invariant)
}

const INVARIANT_BITS: usize = 192;

fn only(place: usize, amount: U256) -> Upscaled {
    let mut amounts = Upscaled::default();
    if let Some(only) = amounts.get_mut(place) {
        *only = amount;
    }
    amounts
}

fn apply(
    balances: &mut Upscaled,
    amounts: &Upscaled,
    direction: Direction,
) -> Result<(), WeightedError> {
    for (balance, amount) in balances.iter_mut().zip(amounts) {
        *balance = match direction {
            Direction::In => add(*balance, *amount)?,
            Direction::Out => sub(*balance, *amount)?,
        };
    }
    Ok(())
}

/// What the vault holds afterwards: in a join, first the difference of amount and fee is built.
fn settle(mut plan: Plan, direction: Direction) -> Result<Plan, WeightedError> {
    let change = &plan.change;
    let moved = change.amounts.as_slice().iter().zip(change.protocol_amounts.as_slice());
    for (held, (amount, fee)) in plan.balances.as_mut_slice().iter_mut().zip(moved) {
        *held = match direction {
            Direction::In => match amount.checked_sub(*fee) {
                Some(more) => grown(*held, more)?,
                None => shrunk(*held, fee.checked_sub(*amount).unwrap_or_default())?,
            },
            Direction::Out => {
                let out = amount.checked_add(*fee).ok_or(WeightedError::ADD_OVERFLOW)?;
                shrunk(*held, out)?
            }
        };
    }
    Ok(plan)
}
