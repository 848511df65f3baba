use tidemill_units::Amount;

use crate::Refusal;
use crate::scene::{Place, Placed};

/// The most value that may be put in one place, in raw quote units: positions with what they have
/// earned, openings on their way and the order itself.
///
/// When an opening is approved, what is there and the most that openings bring is within all four.
/// What passes them later is a price or what positions earn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ValueLimits {
    /// In one pool.
    pub pool: Option<Amount>,
    /// In all pools of one chain.
    pub chain: Option<Amount>,
    /// In all pools of one protocol.
    pub venue: Option<Amount>,
    /// In all pools.
    pub gross: Option<Amount>,
}

impl ValueLimits {
    pub(crate) fn is_set(&self) -> bool {
        [self.pool, self.chain, self.venue, self.gross].iter().any(Option::is_some)
    }

    /// Refuses where more would be in a place than may be; `placed` counts the order that puts
    /// value there.
    pub(crate) fn check(&self, placed: &[Placed], at: &Place) -> Result<(), Refusal> {
        let Place { pool, chain, venue } = *at;
        let over = |limit: Option<Amount>, is_there: &dyn Fn(&Place) -> bool| {
            let Some(limit) = limit else { return Ok(None) };
            let value = sum(placed, is_there)?;
            Ok((value > limit).then_some((value, limit)))
        };
        if let Some((value, limit)) = over(self.pool, &|place| place.pool == pool)? {
            return Err(Refusal::TooMuchInPool { pool, value, limit });
        }
        if let Some((value, limit)) = over(self.chain, &|place| place.chain == chain)? {
            return Err(Refusal::TooMuchOnChain { chain, value, limit });
        }
        if let Some((value, limit)) = over(self.venue, &|place| place.venue == venue)? {
            return Err(Refusal::TooMuchAtVenue { venue, value, limit });
        }
        match over(self.gross, &|_| true)? {
            Some((value, limit)) => Err(Refusal::TooMuchGross { value, limit }),
            None => Ok(()),
        }
    }
}

/// Returns the value in the places that are meant.
pub(crate) fn sum(placed: &[Placed], is_meant: impl Fn(&Place) -> bool) -> Result<Amount, Refusal> {
    let there = placed.iter().filter(|placed| is_meant(&placed.place));
    let sum = there.map(|placed| placed.value).try_fold(Amount::ZERO, Amount::checked_add);
    sum.ok_or(Refusal::NoPrice)
}
