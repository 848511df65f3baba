use std::fmt;

use tidemill_units::Bps;

/// The number of a gauge among those that a voting service lets its lockers vote for, from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GaugeNumber(pub u16);

/// What part of a lock's votes goes to a gauge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// The gauge.
    pub gauge: GaugeNumber,
    /// The part of all votes, 1 to 10,000 basis points.
    pub part: Bps,
}

/// How a lock votes: 1 to 30 gauges in order, with at most all of its votes together.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Ballot {
    count: u8,
    /// Zero from `count` on, so that equality can be derived.
    choices: [Choice; Self::MOST],
}

impl Ballot {
    /// The most gauges of one vote, which is what Aerodrome's voter begins with.
    pub const MOST: usize = 30;

    /// Returns the vote for these gauges; `None` for none or too many, gauges that do not rise,
    /// parts of nothing, and more than all votes.
    pub fn new(choices: &[Choice]) -> Option<Self> {
        let count = u8::try_from(choices.len()).ok().filter(|count| *count > 0)?;
        let rises = choices.is_sorted_by(|one, next| one.gauge < next.gauge);
        let parts = choices.iter().try_fold(0_u32, |sum, choice| sum.checked_add(choice.part.0))?;
        let has_parts = choices.iter().all(|choice| choice.part.0 > 0);
        let mut all = [Choice::default(); Self::MOST];
        all.get_mut(..choices.len())?.copy_from_slice(choices);
        (rises && has_parts && parts <= Bps::ONE.0).then_some(Self { count, choices: all })
    }

    /// Returns the gauges voted for, in order.
    pub fn choices(&self) -> &[Choice] {
        self.choices.get(..usize::from(self.count)).unwrap_or_default()
    }
}

impl fmt::Debug for Ballot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Ballot").field(&self.choices()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{Ballot, Bps, Choice, GaugeNumber};

    fn ballot(choices: &[(u16, u32)]) -> Option<Ballot> {
        let choice =
            |(gauge, part): &(u16, u32)| Choice { gauge: GaugeNumber(*gauge), part: Bps(*part) };
        Ballot::new(&choices.iter().map(choice).collect::<Vec<_>>())
    }

    #[test]
    fn a_ballot_names_each_gauge_once_and_at_most_all_votes() {
        let kept = ballot(&[(0, 9_999), (7, 1)]).expect("all votes");
        let gauges: Vec<_> = kept.choices().iter().map(|choice| choice.gauge.0).collect();
        assert_eq!(gauges, [0, 7]);
        assert!(ballot(&[(3, 1)]).is_some(), "not all votes have to be used");
        for bad in [&[][..], &[(1, 5), (1, 5)], &[(2, 5), (1, 5)], &[(1, 0)]] {
            assert_eq!(ballot(bad), None, "{bad:?}");
        }
        assert_eq!(ballot(&[(0, 10_000), (7, 1)]), None, "more than all");
        assert_eq!(ballot(&[(0, u32::MAX), (7, u32::MAX)]), None, "past any sum");
        let many: Vec<_> = (0..31).map(|gauge| (gauge, 1)).collect();
        assert!(ballot(&many[..30]).is_some());
        assert_eq!(ballot(&many), None, "31 gauges");
    }
}
