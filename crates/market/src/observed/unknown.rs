//! What can be said of a swap on whose way the liquidity is not known everywhere.
//!
//! Growth of fees over a stretch that a swap passed from end to end is the fee rate times the move
//! of the price, whatever the liquidity: only rounding depends on that. So the bounds are close
//! wherever there certainly was some liquidity, and begin at zero where there may have been none.

use tidemill_amm::concentrated::Rounding;
use tidemill_units::{Amount, FeeGrowth, FeePips, SqrtPrice, U256, mul_div, mul_div_rounding_up};

use super::bounds::GrowthBounds;
use super::passage::{Earned, Passage, Q128, Recorded, Stretch};

/// Liquidity of 2^127: what a span takes in for one is 2^-127 of what it takes in for so much.
const HALF_RANGE: u128 = 1 << 127;

const PER_MILLION: U256 = U256::from_limbs([1_000_000, 0, 0, 0]);

/// Room for bits behind the point where an amount is divided by a span of prices.
const FRACTION: usize = 64;

impl Passage<'_> {
    fn fee_pips(&self) -> U256 {
        U256::from(self.terms.fee.fee().0)
    }

    /// What is kept of a million; above zero, as every fee is below a million pips.
    fn kept(&self) -> U256 {
        let fee = self.terms.fee.fee().0;
        U256::from(FeePips::ONE.0.saturating_sub(fee).max(1))
    }

    /// Returns an amount with the fee that goes on top of it, rounded up.
    fn with_fee(&self, amount: U256) -> Option<U256> {
        mul_div_rounding_up(amount, PER_MILLION, self.kept())
    }

    /// Returns the price next to the last one, in the swap's direction.
    fn next_price(&self) -> Option<SqrtPrice> {
        let (after, beyond) = (self.recorded.after, self.recorded.beyond);
        let after = after.to_x96();
        let next = if beyond.to_x96() < after {
            after.checked_sub(U256::ONE)?
        } else {
            after.checked_add(U256::ONE)?
        };
        SqrtPrice::from_x96(next)
    }

    /// Returns how much more than its rate the last step can have taken as fee: an exact input is
    /// spent even where what is left of it moves the price by less than its smallest unit.
    fn spare_fee(&self) -> Option<U256> {
        let [_, liquidity] = self.stretches.last()?.liquidity;
        let unit = [self.recorded.after, self.next_price()?];
        let unit = Self::amount_over(self.recorded.input, unit, liquidity, Rounding::Up)?;
        self.with_fee(unit.checked_add(U256::ONE)?)
    }

    /// Returns bounds of the fees, stretch by stretch; `None` only past 2^256.
    pub(super) fn bound(&self) -> Option<Earned> {
        let spare = self.spare_fee()?;
        let mut earned = Earned::default();
        for stretch in self.stretches {
            let growth = self.bound_stretch(stretch, spare)?;
            earned.growth.add(&growth);
            earned.by_stretch.push(growth);
        }
        let fee = mul_div_rounding_up(self.recorded.paid.0, self.fee_pips(), PER_MILLION)?;
        earned.fee = Amount(fee);
        Some(earned)
    }

    fn bound_stretch(&self, stretch: &Stretch, spare: U256) -> Option<GrowthBounds> {
        let [least, most] = stretch.liquidity;
        if most == 0 {
            return Some(GrowthBounds::default());
        }
        let span = [stretch.from, stretch.to];
        let rate = self.fee_pips().checked_mul(U256::from(2_u8))?;
        let low = Self::amount_over(self.recorded.input, span, HALF_RANGE, Rounding::Down)?;
        let low = mul_div(low, rate, self.kept())?;
        let high = Self::amount_over(self.recorded.input, span, HALF_RANGE, Rounding::Up)?;
        let high = mul_div_rounding_up(high, rate, self.kept())?;
        let [low, high] = match self.terms.protocol_share {
            0 => [low, high],
            share => {
                let (part, whole) = (U256::from(share.saturating_sub(1)), U256::from(share));
                [mul_div(low, part, whole)?, mul_div_rounding_up(high, part, whole)?]
            }
        };
        // The input is rounded up, then the fee on it, and the protocol's part down.
        let rounding = self.with_fee(U256::ONE)?.checked_add(U256::from(3_u8))?;
        let rounding = rounding.checked_add(spare)?;
        let per_liquidity = mul_div_rounding_up(rounding, Q128, U256::from(least.max(1)))?;
        // Where a step went through several buckets its growth is divided, rounding twice.
        let low = low.saturating_sub(U256::from(2_u8));
        Some(GrowthBounds {
            least: FeeGrowth(if least == 0 { U256::ZERO } else { low }),
            most: FeeGrowth(high.checked_add(per_liquidity)?),
            unresolved: 0,
        })
    }

    /// Whether the least liquidity there can be takes and gives more than the swap paid and
    /// received in all.
    pub(super) fn is_too_much(&self) -> bool {
        let is_too_much = || {
            let (mut paid, mut received) = (U256::ZERO, U256::ZERO);
            for stretch in self.stretches {
                let step = self.whole_step(stretch.from, stretch.to, stretch.liquidity)?;
                paid = paid.checked_add(step.amount_in.0)?.checked_add(step.fee.0)?;
                received = received.checked_add(step.amount_out.0)?;
            }
            let Recorded { paid: all_paid, received: all_received, .. } = self.recorded;
            let count = U256::from(self.stretches.len());
            let rounding = self.with_fee(U256::ONE)?.checked_add(U256::from(3_u8))?;
            let is_paid = all_paid.0.checked_add(rounding.checked_mul(count)?)? >= paid;
            let spare = self.spare_output()?.checked_add(count)?;
            let is_received = all_received.0.checked_add(spare)? >= received;
            Some(!is_paid || !is_received)
        };
        is_too_much().unwrap_or(true)
    }

    /// Returns how much less than its price the last step can have paid out: an exact output is
    /// paid out although the price goes on to its next unit.
    fn spare_output(&self) -> Option<U256> {
        let unit = [self.recorded.after, self.next_price()?];
        let [_, liquidity] = self.stretches.last()?.liquidity;
        Self::amount_over(self.recorded.input.other(), unit, liquidity, Rounding::Up)
    }

    /// Narrows the liquidity of the only stretch where it is not known, by what the swap paid and
    /// received in all. `None` where there is not just one, or nothing went through it; crossed
    /// bounds where no liquidity explains the swap.
    pub(super) fn narrow(&self) -> Option<(usize, [u128; 2])> {
        let mut unknown = (0_usize..).zip(self.stretches).filter(|(_, stretch)| {
            let [least, most] = stretch.liquidity;
            least != most
        });
        let (place, stretch) = unknown.next()?;
        if unknown.next().is_some() || stretch.from == stretch.to {
            return None;
        }
        let count = U256::from(self.stretches.len());
        let (mut paid, mut received) = (U256::ZERO, U256::ZERO);
        for (_, known) in (0_usize..).zip(self.stretches).filter(|(index, _)| *index != place) {
            let step = self.whole_step(known.from, known.to, known.liquidity)?;
            paid = paid.checked_add(step.amount_in.0)?.checked_add(step.fee.0)?;
            received = received.checked_add(step.amount_out.0)?;
        }
        let [least, most] = stretch.liquidity;
        let (mut least, mut most) = (U256::from(least), U256::from(most));
        let span = [stretch.from, stretch.to];
        // Each stretch's output was rounded down by less than one.
        let other = self.recorded.input.other();
        let unit = self.spare_output()?;
        let out = self.recorded.received.0;
        let out_most = out.checked_add(count)?.checked_add(unit)?.checked_sub(received)?;
        let out_least = out.saturating_sub(received.checked_add(count)?);
        least = least.max(liquidity_over(other.index().place(), span, out_least, false)?);
        most = most.min(liquidity_over(other.index().place(), span, out_most, true)?);
        // Each stretch's input was rounded up, and so was its fee.
        let rounding = self.with_fee(U256::ONE)?.checked_add(U256::from(3_u8))?;
        let rounding = rounding.checked_mul(count)?;
        let whole = self.recorded.paid.0;
        let in_most = whole.checked_add(rounding)?.checked_sub(paid)?;
        let spare = rounding.checked_add(self.spare_fee()?)?;
        let in_least = whole.saturating_sub(paid.checked_add(spare)?);
        let input = self.recorded.input.index().place();
        let in_most = mul_div_rounding_up(in_most, self.kept(), PER_MILLION)?;
        let in_least = mul_div(in_least, self.kept(), PER_MILLION)?;
        least = least.max(liquidity_over(input, span, in_least, false)?);
        most = most.min(liquidity_over(input, span, in_most, true)?);
        let [least, most] = [least, most].map(|bound| u128::try_from(bound).unwrap_or(u128::MAX));
        Some((place, [least, most]))
    }
}

/// Returns the liquidity of which an amount of a token (0 or 1) lies over a span of prices, rounded
/// down, or up by at most two.
fn liquidity_over(
    token: usize,
    [from, to]: [SqrtPrice; 2],
    amount: U256,
    is_up: bool,
) -> Option<U256> {
    let div = if is_up { mul_div_rounding_up } else { mul_div };
    let (low, high) = (from.min(to).to_x96(), from.max(to).to_x96());
    let width = high.checked_sub(low)?;
    let q96 = U256::from_limbs([0, 1 << 32, 0, 0]);
    if token == 1 {
        return div(amount, q96, width);
    }
    let scaled = if amount.bit_len() > 190 { return None } else { amount.checked_shl(FRACTION)? };
    let width = if width.bit_len() > 190 { return None } else { width.checked_shl(FRACTION)? };
    div(div(scaled, low, q96)?, high, width)
}
