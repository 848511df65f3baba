//! Numbers as people read them. Raw amounts are turned into decimals by integer arithmetic alone.

use tidemill_units::{Amount, SignedAmount, U256};

use crate::TearSheet;

/// What is printed where there is no number.
pub(crate) const MISSING: &str = "n/a";

/// How a report prints money: the quote token's decimals, and how many of them tables show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MoneyFormat {
    pub(crate) decimals: u8,
    pub(crate) shown: u8,
}

impl MoneyFormat {
    /// Chooses the digits that give the largest deposit about seven significant ones, so that a
    /// deposit of 100,000 USDC shows cents and one of 10 WETH shows five decimals.
    pub(crate) fn of(sheet: &TearSheet) -> Self {
        let decimals = sheet.pool.quote_decimals;
        let largest = sheet.strategies.iter().map(|each| each.deposit_quote.magnitude()).max();
        let text = largest.unwrap_or_default().to_decimal_string(decimals);
        let whole_digits = text.split('.').next().unwrap_or_default().trim_start_matches('0').len();
        let wanted = 7_usize.saturating_sub(whole_digits).clamp(2, 8);
        let shown = u8::try_from(wanted).unwrap_or(2).min(decimals);
        Self { decimals, shown }
    }

    /// Writes an amount with every digit the token has.
    pub(crate) fn exact(self, amount: SignedAmount) -> String {
        grouped(&amount.to_decimal_string(self.decimals))
    }

    /// Writes an amount rounded to the shown digits, halves away from zero.
    pub(crate) fn rounded(self, amount: SignedAmount) -> String {
        let cut = self.decimals.saturating_sub(self.shown);
        let rounded = round_off(amount.magnitude(), cut);
        let signed = if amount.is_negative() {
            SignedAmount::negative(rounded)
        } else {
            SignedAmount::positive(rounded)
        };
        // Rounding can only leave the range when no digit is cut, and then it changes nothing.
        let signed = signed.unwrap_or(amount);
        grouped(&signed.to_decimal_string(self.decimals.min(self.shown)))
    }

    /// Writes an amount as [`Self::rounded`] does, with a `+` if it is above zero.
    pub(crate) fn rounded_signed(self, amount: SignedAmount) -> String {
        let text = self.rounded(amount);
        if amount.is_negative() || is_zero(&text) { text } else { format!("+{text}") }
    }

    /// Returns the amount in whole tokens to draw with; the nearest float, never printed.
    pub(crate) fn to_chart(self, amount: SignedAmount) -> f64 {
        amount.to_decimal_string(self.decimals).parse().unwrap_or(f64::NAN)
    }
}

/// Divides by 10^`digits`, rounding halves up.
fn round_off(magnitude: Amount, digits: u8) -> Amount {
    // Past 10^77 the divisor exceeds twice any amount's largest value: what is left is zero.
    let Some(scale) = U256::from(10).checked_pow(U256::from(digits)) else {
        return Amount::ZERO;
    };
    let (quotient, remainder) = magnitude.0.div_rem(scale);
    let up = digits > 0 && remainder >= scale.div_ceil(U256::from(2));
    Amount(quotient.saturating_add(U256::from(up)))
}

/// Puts a comma between thousands before the point.
pub(crate) fn grouped(number: &str) -> String {
    let (sign, unsigned) = match number.strip_prefix(['-', '+']) {
        Some(rest) => number.split_at(number.len() - rest.len()),
        None => ("", number),
    };
    let (whole, fraction) = match unsigned.find('.') {
        Some(point) => unsigned.split_at(point),
        None => (unsigned, ""),
    };
    let mut text = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + fraction
}

/// Writes a ratio as a percentage with two decimals; `signed` puts a `+` on a gain.
pub(crate) fn percent(ratio: f64, signed: bool) -> String {
    let text = decimal(ratio * 100.0, 2);
    match text.as_str() {
        MISSING => text,
        gain if signed && ratio > 0.0 && !is_zero(gain) => format!("+{gain} %"),
        other => format!("{other} %"),
    }
}

/// Writes a float with so many decimals and thousands separators; zero has no sign.
pub(crate) fn decimal(value: f64, places: usize) -> String {
    if !value.is_finite() {
        return MISSING.to_owned();
    }
    let text = format!("{value:.places$}");
    if is_zero(&text) { text.trim_start_matches('-').to_owned() } else { grouped(&text) }
}

/// Writes a count with thousands separators.
pub(crate) fn count(value: u64) -> String {
    grouped(&value.to_string())
}

/// Writes an instant as `2024-12-01 00:00` in UTC; one past the year 9999 stays in seconds.
pub(crate) fn utc_minute(unix: u64) -> String {
    let instant = i64::try_from(unix).ok().and_then(|s| jiff::Timestamp::from_second(s).ok());
    match instant {
        Some(instant) => instant.strftime("%Y-%m-%d %H:%M").to_string(),
        None => format!("{unix} s"),
    }
}

/// Writes the length of a period in days, with one decimal unless it is whole.
pub(crate) fn days(seconds: u64) -> String {
    let tenths = seconds.saturating_add(4_320) / 8_640;
    let (whole, rest) = (tenths / 10, tenths % 10);
    let number = if rest == 0 { count(whole) } else { format!("{}.{rest}", count(whole)) };
    if number == "1" { "1 day".to_owned() } else { format!("{number} days") }
}

fn is_zero(number: &str) -> bool {
    number.bytes().all(|byte| matches!(byte, b'0' | b'.' | b'-' | b'+' | b','))
}

#[cfg(test)]
mod tests;
