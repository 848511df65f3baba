use tidemill_model::{Holding, PositionId};
use tidemill_strategy::View;
use tidemill_units::{Amounts, Tick, TickRange, Timestamp};

use super::scale::QuoteScale;

/// The most positions of which it is remembered whose they are.
const MOST_OWNED: usize = 4_096;

/// The positions that rules tell apart, and what is remembered of each.
#[derive(Clone, Debug)]
pub(super) struct Places {
    places: Vec<Place>,
    /// Which place each position belongs to, the latest last.
    owned: Vec<(PositionId, usize)>,
    /// The place that a position was last asked for.
    asked: usize,
}

/// One of the positions that rules tell apart.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    /// What is open there.
    pub(super) open: Option<Open>,
    /// The tick around which the position was asked for; none once it was asked to be closed.
    pub(super) centre: Option<Tick>,
    /// The rule that is to open a position anew once this one is closed.
    pub(super) reopening: Option<(usize, PositionId)>,
    /// The wallet when a swap for a position was last asked for.
    pub(super) swapped: Option<Swapped>,
    /// Whether what is open was found this time.
    is_found: bool,
}

/// A wallet from which a swap was asked for, and the part of it that is meant for a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Swapped {
    pub(super) wallet: Amounts,
    pub(super) part: Amounts,
}

/// A position that is open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    pub(super) id: PositionId,
    /// Its range; none of shares.
    pub(super) range: Option<TickRange>,
    pub(super) is_staked: bool,
    /// When it was first seen open.
    pub(super) since: Timestamp,
    /// The price then, quote per base.
    pub(super) price: Option<f64>,
    /// What it was worth then, in whole quote tokens.
    pub(super) value: Option<f64>,
    /// When the price was first seen outside of it, since it was last seen inside.
    pub(super) outside_since: Option<Timestamp>,
}

impl Places {
    pub(super) fn new(count: usize) -> Self {
        Self { places: vec![Place::default(); count], owned: Vec::new(), asked: 0 }
    }

    pub(super) fn get(&self, place: usize) -> &Place {
        &self.places[place]
    }

    pub(super) fn get_mut(&mut self, place: usize) -> &mut Place {
        &mut self.places[place]
    }

    /// Returns the places, by their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &Place)> {
        self.places.iter().enumerate()
    }

    /// Notes that the next new position belongs to a place.
    pub(super) fn ask(&mut self, place: usize) {
        self.asked = place;
    }

    /// Finds out what is open now. The first open position of a place counts.
    pub(super) fn update(&mut self, view: &View<'_>, scale: QuoteScale) {
        for place in &mut self.places {
            place.is_found = false;
        }
        for (id, position) in view.positions() {
            let range = match position.holding {
                Holding::Range { range, .. } => Some(range),
                Holding::Shares(_) => None,
                Holding::Stake { .. } | Holding::Lock { .. } => continue,
            };
            let owner = self.owner(id);
            let place = &mut self.places[owner];
            if !std::mem::replace(&mut place.is_found, true) {
                place.see(Seen { id, range, is_staked: position.staked.is_some() }, view, scale);
            }
        }
        for place in self.places.iter_mut().filter(|place| !place.is_found) {
            place.open = None;
        }
    }

    fn owner(&mut self, id: PositionId) -> usize {
        let known = self.owned.iter().rev().find(|(owned, _)| *owned == id);
        if let Some((_, place)) = known {
            return *place;
        }
        if self.owned.len() == MOST_OWNED {
            self.owned.remove(0);
        }
        self.owned.push((id, self.asked));
        self.asked
    }
}

/// What the ledger says of an open position.
#[derive(Clone, Copy, Debug)]
struct Seen {
    id: PositionId,
    range: Option<TickRange>,
    is_staked: bool,
}

impl Place {
    fn see(&mut self, seen: Seen, view: &View<'_>, scale: QuoteScale) {
        let Seen { id, range, is_staked } = seen;
        let known = self.open.filter(|open| open.id == id);
        let mut open = known.unwrap_or_else(|| Open {
            id,
            range,
            is_staked,
            since: view.now(),
            price: scale.price(view),
            value: view.position_value(id).map(|value| scale.quote(value)),
            outside_since: None,
        });
        open.is_staked = is_staked;
        let is_inside = range.is_none_or(|range| range.contains(view.tick()));
        open.outside_since = if is_inside { None } else { open.outside_since.or(Some(view.now())) };
        self.open = Some(open);
    }
}
