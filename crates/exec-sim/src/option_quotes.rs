use std::collections::VecDeque;

use tidemill_market::Market;
use tidemill_model::{EventBody, FeedChange, FeedData, FeedEvent, FeedItem};
use tidemill_units::InstantUs;

use crate::models::option::{OptionModel, Quoted};

/// The quotes that exchanges make of options by a model, at whole multiples of their interval and
/// from what can be known then.
#[derive(Clone, Debug, Default)]
pub(crate) struct OptionQuotes {
    quoted: Vec<Quoting>,
    /// When the first of them is due, once time has begun.
    next_at: Option<InstantUs>,
    has_begun: bool,
    /// What is said at the same instant and was not told yet.
    waiting: VecDeque<(InstantUs, EventBody)>,
    told: u64,
}

/// One option's quotes.
#[derive(Clone, Debug)]
struct Quoting {
    model: OptionModel,
    /// When it is quoted next; never again without.
    due: Option<InstantUs>,
    /// When it was quoted last.
    last: Option<InstantUs>,
    is_in_gap: bool,
}

impl OptionQuotes {
    /// Returns the quotes of these models.
    pub(crate) fn new(models: Vec<OptionModel>) -> Self {
        let quoting = |model| Quoting { model, due: None, last: None, is_in_gap: false };
        Self { quoted: models.into_iter().map(quoting).collect(), ..Self::default() }
    }

    /// Returns when something is said next; `now` is when the latest event was seen.
    pub(crate) fn due(&mut self, now: InstantUs) -> Option<InstantUs> {
        if let Some((at, _)) = self.waiting.front() {
            return Some(*at);
        }
        if !self.has_begun && now > InstantUs(i64::MIN) {
            self.has_begun = true;
            for quoting in &mut self.quoted {
                quoting.due = quoting.from(now);
            }
            self.note_next();
        }
        self.next_at
    }

    fn note_next(&mut self) {
        self.next_at = self.quoted.iter().filter_map(|quoting| quoting.due).min();
    }

    /// Says the next thing, which is due then.
    pub(crate) fn tell(&mut self, at: InstantUs, market: &Market) -> Option<EventBody> {
        if self.waiting.is_empty() {
            for quoting in self.quoted.iter_mut().filter(|it| it.due.is_some_and(|due| due <= at)) {
                self.told += 1;
                let said = quoting.say(at, market, self.told);
                self.waiting.extend(said.into_iter().map(|body| (at, body)));
                quoting.due = at.checked_add_us(1).and_then(|next| quoting.from(next));
            }
            self.note_next();
        }
        self.waiting.pop_front().map(|(_, body)| body)
    }
}

impl Quoting {
    /// The first instant from then on at which it is quoted; none from its end on.
    fn from(&self, instant: InstantUs) -> Option<InstantUs> {
        let start = self.model.every.start_of(instant)?;
        let at = if start == instant { start } else { self.model.every.end_of(start)? };
        (!self.model.contract.has_ended(at)).then_some(at)
    }

    fn say(&mut self, at: InstantUs, market: &Market, update_id: u64) -> Vec<EventBody> {
        let feed = self.model.quotes;
        let changed = |change| EventBody::Feed(FeedEvent { feed, change });
        match self.model.quoted(market.feeds(), at, update_id) {
            Quoted::Nothing => Vec::new(),
            Quoted::Gap(cause) => {
                let since = self.last.filter(|_| !self.is_in_gap);
                self.is_in_gap |= since.is_some();
                since.map(|since| changed(FeedChange::Gap { since, cause })).into_iter().collect()
            }
            Quoted::At(quote) => {
                let item = FeedItem::Quote(quote);
                let mut said = vec![EventBody::Data(Box::new(FeedData { feed, item }))];
                if std::mem::take(&mut self.is_in_gap) {
                    said.push(changed(FeedChange::Restored));
                }
                self.last = Some(at);
                said
            }
        }
    }
}
