use tidemill_units::U256;

/// How a pool takes an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It refuses it for being too much.
    TooMuch,
    /// It gives less than wanted, or refuses it for being too little.
    TooLittle,
    /// It gives what is wanted, or more.
    Enough,
}

/// Returns the least input that is enough, as far as halving finds it: where the output falls with
/// the input by a wei of rounding, one a little below may be enough too.
///
/// The input sought is at most 2^128.
pub(super) fn least_input(take: impl Fn(U256) -> Taken) -> Option<U256> {
    // Refusals of either side are told apart by whether a smaller input is accepted; from the
    // bottom up, doubling passes the small refusals first.
    let mut low = U256::ZERO;
    let mut high = U256::ONE;
    loop {
        match take(high) {
            Taken::Enough => break,
            Taken::TooLittle => {
                low = high;
                if high.bit_len() > 128 {
                    return None;
                }
                high = high.wrapping_shl(1);
            }
            Taken::TooMuch => {
                high = between_refusals(low, high, &take)?;
                break;
            }
        }
    }
    while high.wrapping_sub(low) > U256::ONE {
        let middle = middle(low, high);
        if take(middle) == Taken::Enough { high = middle } else { low = middle }
    }
    Some(high)
}

/// An input that is enough between one that is too little and one that is too much.
fn between_refusals(low: U256, high: U256, take: &impl Fn(U256) -> Taken) -> Option<U256> {
    let (mut low, mut high) = (low, high);
    while high.wrapping_sub(low) > U256::ONE {
        let middle = middle(low, high);
        match take(middle) {
            Taken::Enough => return Some(middle),
            Taken::TooLittle => low = middle,
            Taken::TooMuch => high = middle,
        }
    }
    None
}

fn middle(low: U256, high: U256) -> U256 {
    low.wrapping_add(high.wrapping_sub(low).wrapping_shr(1))
}
