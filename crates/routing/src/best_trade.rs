use tidemill_units::Amount;

use crate::Hop;
use crate::moebius::{Moebius, Piece};
use crate::number::{floor, real};
use crate::search::searched;

/// A trade around a cycle, in raw units: what executing it would pay and give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BestTrade {
    /// What goes into the first hop.
    pub amount_in: Amount,
    /// What comes out of each hop and goes into the next; the last is what comes back.
    pub amounts: Vec<Amount>,
    /// How much more than what went in comes out of the last.
    pub profit: Amount,
    /// How many initialized ticks each hop crosses.
    pub crossings: Vec<usize>,
}

/// Returns the trade of at most so much that earns the most through hops that end in the token
/// they begin with; `None` where every trade loses or earns nothing.
///
/// The hops are different pools: none sees what another did. Through concentrated and
/// constant-product pools and prices the best real input is exact, and its integer profit is the
/// best there is but for 1e-9 of it and for what rounding takes: a unit of each token that it
/// passes. Through a pool of another kind it is what a search over the integers finds, each step of
/// which asks the pool; the same bounds hold where profit rises to one top.
///
/// Shape: one hop or more. Units: raw, of the first hop's input. Source: Angeris et al. 2019
/// (arXiv 1911.03380); the walk over stretches of liquidity as in CFMMRouter.jl's `UniV3` pool.
pub fn best_trade(hops: &[Hop<'_>], most: Amount) -> Option<BestTrade> {
    let mut rates = hops.iter().map(Hop::best_rate);
    let rate = rates.try_fold(1.0, |product, rate| Some(product * rate?))?;
    if hops.is_empty() || rate <= 1.0 || most.is_zero() {
        return None;
    }
    match pieces_of(hops, most) {
        Some(pieces) => walked(hops, &pieces, most),
        None => searched(hops, most),
    }
}

/// Returns what a cycle pays for an input; `None` where a hop cannot take it, and where less comes
/// back than went in or just as much.
pub fn executed(hops: &[Hop<'_>], amount_in: Amount) -> Option<BestTrade> {
    let (mut amounts, mut crossings) = (Vec::new(), Vec::new());
    let back = hops.iter().try_fold(amount_in, |amount, hop| {
        let quote = hop.quote(amount)?;
        amounts.push(quote.amount_out);
        crossings.push(quote.crossings);
        Some(quote.amount_out)
    })?;
    let profit = back.checked_sub(amount_in).filter(|profit| !profit.is_zero())?;
    Some(BestTrade { amount_in, amounts, profit, crossings })
}

/// The stretches of each hop, as far as the most that can reach it goes.
fn pieces_of(hops: &[Hop<'_>], most: Amount) -> Option<Vec<Vec<Piece>>> {
    let mut reaching = most;
    hops.iter()
        .map(|hop| {
            let pieces = hop.pieces(reaching)?;
            let mut left = real(reaching.0);
            let paid = pieces.iter().fold(0.0, |sum, piece| {
                let input = left.min(piece.capacity);
                left -= input;
                sum + piece.map.output(input)
            });
            // A unit more than rounding could have left out.
            reaching = Amount(floor(paid).0.saturating_add(tidemill_units::U256::ONE));
            Some(pieces)
        })
        .collect()
}

/// A hop on the way: where in its stretches it stands.
struct Cursor<'a> {
    ahead: std::slice::Iter<'a, Piece>,
    now: Piece,
}

impl<'a> Cursor<'a> {
    /// `None` for a hop that takes nothing.
    fn new(pieces: &'a [Piece]) -> Option<Self> {
        let mut ahead = pieces.iter();
        let now = *ahead.next()?;
        Some(Self { ahead, now })
    }

    fn pay(&mut self, input: f64) {
        let Piece { map, capacity } = self.now;
        self.now = Piece { map: map.after(input), capacity: (capacity - input).max(0.0) };
    }

    /// Goes on to the next stretch; `None` behind the last.
    fn advance(&mut self) -> Option<()> {
        self.now = *self.ahead.next()?;
        Some(())
    }
}

/// Follows the price down, stretch by stretch of all hops together, to where a unit more earns
/// nothing.
fn walked(hops: &[Hop<'_>], pieces: &[Vec<Piece>], most: Amount) -> Option<BestTrade> {
    let cursors = pieces.iter().map(|pieces| Cursor::new(pieces));
    let mut cursors = cursors.collect::<Option<Vec<_>>>()?;
    let (mut paid, most_real) = (0.0, real(most.0));
    loop {
        let (mut cycle, mut room, mut shortest) = (Moebius::IDENTITY, f64::INFINITY, 0);
        for (place, cursor) in cursors.iter().enumerate() {
            let fits = cycle.input(cursor.now.capacity);
            if fits < room {
                (room, shortest) = (fits, place);
            }
            cycle = cycle.then(cursor.now.map);
        }
        let best = cycle.best();
        let left = most_real - paid;
        if best <= room || left <= room {
            paid += best.min(left);
            break;
        }
        paid += room;
        let mut input = room;
        for cursor in &mut cursors {
            let output = cursor.now.map.output(input);
            cursor.pay(input);
            input = output;
        }
        if cursors.get_mut(shortest).and_then(Cursor::advance).is_none() {
            break;
        }
    }
    executed(hops, floor(paid).min(most))
}
