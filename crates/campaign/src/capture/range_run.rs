//! The cast in a concentrated pool, beside every recorded call made again.

use std::collections::BTreeMap;

use tidemill_amm::SwapAmount;
use tidemill_amm::concentrated::{Pool, SwapRequest, SwapStep};
use tidemill_units::{Amount, Liquidity, Side, TickRange, Timestamp, U256};

use super::book::Book;
use super::{Campaign, Capture, Clock, Group, RangeProgramme, RunError, Seen, Stake, Tally};
use crate::config::Placement;
use crate::depth::{DepthError, part_of_capital, scaled};
use crate::number::{from_amount, to_amount};
use crate::position::{add, band, bought, parked, positions_by_range, remove, tight, value_of};
use crate::recording::{Call, RangeRecording, Recorded};

/// How far to either side those reach who come and go within a block.
const SAME_BLOCK_BAND: f64 = 0.1;

struct Run<'a> {
    campaign: Campaign<'a>,
    clock: Clock,
    pool: Pool,
    programme: Box<dyn RangeProgramme>,
    /// By the groups' numbers.
    books: Vec<Book>,
    stakes: BTreeMap<(Group, TickRange), Stake>,
    next_id: u64,
    /// Those who come have this part of each present range; of other placements none.
    follows: U256,
    /// What is staked of the present capital, and of what came.
    staked_part: U256,
    came_staked_part: U256,
    swaps: u64,
    refused_calls: u64,
    steps: Vec<SwapStep>,
}

/// Makes every recorded call again with the cast in the pool.
pub(crate) fn run(
    campaign: Campaign<'_>,
    recording: &RangeRecording,
    clock: Clock,
    programme: Box<dyn RangeProgramme>,
) -> Result<Capture, RunError> {
    let supply = campaign.plan.supply;
    let placed = campaign.added * (1.0 - supply.wide_part);
    let follows = match supply.placement {
        Placement::Present => placed / campaign.flow.capital,
        Placement::Band(_) | Placement::Full => 0.0,
    };
    let part = |part| part_of_capital(part).ok_or(RunError::Pool(DepthError::TooMuch));
    let mut run = Run {
        campaign,
        clock,
        pool: recording.start.clone(),
        programme,
        books: vec![Book::default(); Group::ALL.len()],
        stakes: BTreeMap::new(),
        next_id: 1,
        follows: part(follows)?,
        staked_part: part(supply.staked_part)?,
        came_staked_part: part(campaign.staked_part())?,
        swaps: 0,
        refused_calls: 0,
        steps: Vec::new(),
    };
    run.begin(placed)?;
    for recorded in &recording.calls {
        run.follow(recorded, placed)?;
    }
    run.finish()
}

impl Run<'_> {
    fn advance(&mut self, at: Timestamp) -> Result<(), RunError> {
        let Self { programme, pool, .. } = self;
        Ok(programme.advance(Seen { pool, at })?)
    }

    fn begin(&mut self, placed: f64) -> Result<(), RunError> {
        let at = self.clock.start;
        self.advance(at)?;
        for (range, liquidity) in positions_by_range(&self.pool) {
            let tick = self.pool.tick();
            self.book(Group::Present).set(range, liquidity, tick);
            self.restake(Group::Present, range, at)?;
            self.shadow(range, at)?;
        }
        let plan = self.campaign.plan;
        self.place(placed, at)?;
        if let Some(everywhere) = TickRange::full(self.pool.tick_spacing()) {
            let wide = to_amount(self.campaign.added * plan.supply.wide_part);
            self.buy(Group::Wide, everywhere, wide, at)?;
        }
        let capital = to_amount(self.campaign.added * plan.supply.parked_part);
        if let Some(range) = parked(&self.pool, plan.cast.parked_distance, self.campaign.side()) {
            self.buy(Group::Parked, range, capital, at)?;
        }
        Ok(())
    }

    /// Puts the capital that follows the price where the configuration says.
    fn place(&mut self, placed: f64, at: Timestamp) -> Result<(), RunError> {
        let range = match self.campaign.plan.supply.placement {
            Placement::Present => None,
            Placement::Band(half_width) => band(&self.pool, half_width),
            Placement::Full => TickRange::full(self.pool.tick_spacing()),
        };
        range.map_or(Ok(()), |range| self.buy(Group::Added, range, to_amount(placed), at))
    }

    /// Keeps what came in proportion to a present range, where that is how it is placed.
    fn shadow(&mut self, range: TickRange, at: Timestamp) -> Result<(), RunError> {
        if self.follows.is_zero() {
            return Ok(());
        }
        let present = self.book(Group::Present).liquidity(range);
        let liquidity = scaled(present, self.follows).ok_or(DepthError::TooMuch)?;
        self.change((Group::Added, range), liquidity.0, at)
    }

    fn book(&mut self, group: Group) -> &mut Book {
        // There is a book for each number.
        let place = usize::from(group.number()).min(self.books.len() - 1);
        &mut self.books[place]
    }

    fn buy(
        &mut self,
        group: Group,
        range: TickRange,
        capital: Amount,
        at: Timestamp,
    ) -> Result<(), RunError> {
        let liquidity = bought(&self.pool, range, capital, self.campaign.side());
        self.change((group, range), liquidity.0, at)
    }

    /// Sets the liquidity of a group in a range: ends its stake, changes the pool, stakes anew.
    fn change(
        &mut self,
        (group, range): (Group, TickRange),
        liquidity: u128,
        at: Timestamp,
    ) -> Result<(), RunError> {
        let before = self.book(group).liquidity(range);
        if before == liquidity {
            return Ok(());
        }
        if let Some(stake) = self.stakes.remove(&(group, range)) {
            let Self { programme, pool, .. } = self;
            programme.leave(&stake, Seen { pool, at })?;
        }
        let place = (group.number(), range);
        match liquidity.checked_sub(before) {
            Some(more) => add(&mut self.pool, place, Liquidity(more), at)?,
            None => remove(&mut self.pool, place, before.saturating_sub(liquidity), at)?,
        }
        let tick = self.pool.tick();
        self.book(group).set(range, liquidity, tick);
        self.restake(group, range, at)
    }

    /// Stakes what a group has in a range.
    fn restake(&mut self, group: Group, range: TickRange, at: Timestamp) -> Result<(), RunError> {
        let held = self.book(group).liquidity(range);
        let liquidity = match group {
            Group::Present => scaled(held, self.staked_part).unwrap_or_default(),
            Group::Added | Group::Wide => scaled(held, self.came_staked_part).unwrap_or_default(),
            Group::Parked | Group::JustInTime | Group::SameBlock => Liquidity(held),
        };
        if liquidity.is_zero() {
            return Ok(());
        }
        let value = value_of(&self.pool, range, liquidity, self.campaign.side());
        let id = self.next_id;
        self.next_id += 1;
        let stake = Stake { id, group, range, liquidity, value: value.unwrap_or_default() };
        let Self { programme, pool, .. } = self;
        programme.enter(&stake, Seen { pool, at })?;
        self.stakes.insert((group, range), stake);
        Ok(())
    }

    fn follow(&mut self, recorded: &Recorded, placed: f64) -> Result<(), RunError> {
        let at = self.clock.at(recorded.at);
        self.advance(at)?;
        match recorded.call {
            Call::Add(range, liquidity) => {
                let held = self.book(Group::Present).liquidity(range);
                self.present(range, held.saturating_add(liquidity.0), at)
            }
            Call::Remove(range, liquidity) => {
                let held = self.book(Group::Present).liquidity(range);
                self.present(range, held.saturating_sub(liquidity.0), at)
            }
            Call::Swap(request) => {
                self.swaps += 1;
                let guests = self.invite(request, at)?;
                self.swap(request, at)?;
                for place in guests {
                    self.change(place, 0, at)?;
                }
                self.recentre(placed, at)
            }
        }
    }

    /// Changes what the recorded providers have in a range, and what follows them.
    fn present(
        &mut self,
        range: TickRange,
        liquidity: u128,
        at: Timestamp,
    ) -> Result<(), RunError> {
        match self.change((Group::Present, range), liquidity, at) {
            Ok(()) => self.shadow(range, at),
            Err(RunError::Pool(_)) => {
                // Beside the cast the pool takes no more here: the call would have reverted.
                self.refused_calls += 1;
                self.restake(Group::Present, range, at)
            }
            Err(error) => Err(error),
        }
    }

    /// Lets those in who are there for this swap alone.
    fn invite(
        &mut self,
        request: SwapRequest,
        at: Timestamp,
    ) -> Result<Vec<(Group, TickRange)>, RunError> {
        let cast = self.campaign.plan.cast;
        let mut guests = Vec::new();
        if self.size(request) >= from_amount(cast.jit_trade)
            && let Some(range) = tight(&self.pool)
        {
            self.buy(Group::JustInTime, range, cast.jit, at)?;
            guests.push((Group::JustInTime, range));
        }
        if self.swaps.is_multiple_of(cast.same_block_every)
            && let Some(range) = band(&self.pool, SAME_BLOCK_BAND)
        {
            self.buy(Group::SameBlock, range, cast.same_block, at)?;
            guests.push((Group::SameBlock, range));
        }
        Ok(guests)
    }

    /// Returns what a swap asks for, raw units of the quote token.
    fn size(&self, request: SwapRequest) -> f64 {
        let (side, amount) = match request.amount {
            SwapAmount::ExactIn(amount) => (request.input, amount),
            SwapAmount::ExactOut(amount) => (request.input.other(), amount),
        };
        from_amount(self.quoted(amount, side))
    }

    fn quoted(&self, amount: Amount, of: Side) -> Amount {
        if of == self.campaign.side() {
            return amount;
        }
        self.pool.sqrt_price().convert(amount, of).unwrap_or_default()
    }

    fn swap(&mut self, request: SwapRequest, at: Timestamp) -> Result<(), RunError> {
        self.steps.clear();
        let Ok(staged) = self.pool.stage_swap(request, &mut self.steps) else {
            self.refused_calls += 1;
            return Ok(());
        };
        self.pool.commit_swap(&staged, at);
        let tally = self.tally();
        let Self { programme, pool, .. } = self;
        Ok(programme.swapped(&tally, Seen { pool, at })?)
    }

    fn tally(&mut self) -> Tally {
        let steps = std::mem::take(&mut self.steps);
        let moves = steps.iter().map(|step| (step.tick[0], step.tick[1])).collect();
        let mut tally = Tally { moves, groups: Vec::new() };
        if self.programme.counts_fees() {
            let mut paid = vec![Amount::ZERO; self.books.len()];
            for step in &steps {
                for (book, paid) in self.books.iter().zip(&mut paid) {
                    let fees = self.quoted(book.fees(step), step.input);
                    *paid = paid.checked_add(fees).unwrap_or(*paid);
                }
                for book in &mut self.books {
                    book.follow(step.tick[0], step.tick[1]);
                }
            }
            let price = self.pool.sqrt_price();
            for ((group, book), paid) in Group::ALL.into_iter().zip(&self.books).zip(paid) {
                tally.groups.push((group, paid, book.holdings(price)));
            }
        }
        self.steps = steps;
        tally
    }

    /// Moves the band of those who follow the price, once the price has left it; at no cost.
    fn recentre(&mut self, placed: f64, at: Timestamp) -> Result<(), RunError> {
        if !matches!(self.campaign.plan.supply.placement, Placement::Band(_)) {
            return Ok(());
        }
        let tick = self.pool.tick();
        let left = self.book(Group::Added).ranges().find(|(range, _)| !range.contains(tick));
        let Some((range, _)) = left else { return Ok(()) };
        self.change((Group::Added, range), 0, at)?;
        self.place(placed, at)
    }

    fn finish(mut self) -> Result<Capture, RunError> {
        let at = self.clock.end();
        self.advance(at)?;
        for stake in std::mem::take(&mut self.stakes).into_values() {
            let Self { programme, pool, .. } = &mut self;
            programme.leave(&stake, Seen { pool, at })?;
        }
        let Self { programme, pool, refused_calls, .. } = &mut self;
        let capture = programme.finish(Seen { pool, at })?;
        Ok(Capture { refused_calls: *refused_calls, ..capture })
    }
}
