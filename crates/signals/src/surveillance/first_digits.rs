/// Returns the share of numbers that begin with a digit, in series that span several powers of ten:
/// `log10(1 + 1 / digit)`; `None` unless the digit is 1 to 9. Source: Benford 1938.
pub fn benford_share(digit: u8) -> Option<f64> {
    (1..=9).contains(&digit).then(|| libm::log10(1.0 + 1.0 / f64::from(digit)))
}

/// How the first digits of a series of sizes are spread, against Benford's law.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FirstDigits {
    counts: [u64; 9],
}

impl FirstDigits {
    /// Takes in a size in raw units; none has no first digit and is left out.
    pub fn update(&mut self, raw: u128) {
        let Some(power) = raw.checked_ilog10() else { return };
        let digit = raw / 10_u128.pow(power);
        if let Some(count) = self.counts.get_mut(digit as usize - 1) {
            *count = count.saturating_add(1);
        }
    }

    /// Returns how many began with each digit, from 1 to 9.
    pub const fn counts(&self) -> [u64; 9] {
        self.counts
    }

    /// Returns Pearson's statistic of the counts against Benford's law: chi-squared with 8 degrees,
    /// refused at 5 % above 15.507; `None` without sizes.
    pub fn chi_squared(&self) -> Option<f64> {
        let total: u64 = self.counts.iter().sum();
        let term = |(count, digit): (&u64, u8)| {
            let expected = total as f64 * benford_share(digit)?;
            let off = *count as f64 - expected;
            Some(off * off / expected)
        };
        (total > 0).then(|| self.counts.iter().zip(1..).filter_map(term).sum())
    }
}
