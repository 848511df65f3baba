use tidemill_units::{Amount, U256};

/// Returns the least input whose quote gives at least `wanted`, or `None` where no input does.
///
/// `quote` answers `None` where the pool refuses an input, be it as too small or as too large. It
/// has to be steady: more in gives no less out. Where a contract's rounding makes it waver by a few
/// wei the answer is still an input that gives enough while one less does not, but another, smaller
/// by about as much, may also do.
///
/// `guess` is where the search starts, such as the input that the price at the margin asks for: the
/// quotes that it takes grow with the logarithm of the distance from there.
pub(crate) fn least_input(
    wanted: Amount,
    guess: Amount,
    mut quote: impl FnMut(Amount) -> Option<Amount>,
) -> Option<Amount> {
    let mut gives = |input: U256| match quote(Amount(input)) {
        None => Gives::Nothing,
        Some(output) if output < wanted => Gives::TooLittle,
        Some(_) => Gives::Enough,
    };
    let start = guess.0.max(U256::ONE);
    let bracket = match gives(start) {
        Gives::Enough => descend(start, &mut gives),
        Gives::TooLittle => climb(start, true, &mut gives),
        Gives::Nothing => match below_refused(start, &mut gives) {
            Below::Bracket(bracket) => bracket,
            Below::Nothing => climb(start, false, &mut gives),
        },
    }?;
    Some(Amount(bisect(&bracket, &mut gives)))
}

/// What an input is good for.
enum Gives {
    /// It is refused.
    Nothing,
    TooLittle,
    Enough,
}

/// Two inputs: with the first, if there is one, the pool gives too little; with the other enough.
struct Bracket {
    low: Option<U256>,
    high: U256,
}

/// What there is below an input that is refused.
enum Below {
    /// Inputs that are quoted, and perhaps enough.
    Bracket(Option<Bracket>),
    /// Only inputs that are refused too.
    Nothing,
}

/// How many bits the first step from the guess is smaller than the guess.
const FIRST_STEP: usize = 8;

/// Goes down from an input that is enough, in steps that double.
fn descend(start: U256, gives: &mut impl FnMut(U256) -> Gives) -> Option<Bracket> {
    let mut high = start;
    let mut step = start.wrapping_shr(FIRST_STEP).max(U256::ONE);
    while !high.is_zero() {
        let next = high.saturating_sub(step);
        match gives(next) {
            Gives::Enough => high = next,
            Gives::TooLittle | Gives::Nothing => return Some(Bracket { low: Some(next), high }),
        }
        step = step.saturating_mul(TWO);
    }
    Some(Bracket { low: None, high })
}

/// Goes up from an input that is not enough, in steps that double.
fn climb(start: U256, is_quoted: bool, gives: &mut impl FnMut(U256) -> Gives) -> Option<Bracket> {
    let mut low = start;
    let mut is_quoted = is_quoted;
    let mut step = start.wrapping_shr(FIRST_STEP).max(U256::ONE);
    while low < U256::MAX {
        let next = low.saturating_add(step);
        match gives(next) {
            Gives::Enough => return Some(Bracket { low: Some(low), high: next }),
            Gives::TooLittle => {
                is_quoted = true;
                low = next;
            }
            Gives::Nothing if is_quoted => return reachable(low, next, gives),
            Gives::Nothing => low = next,
        }
        step = step.saturating_mul(TWO);
    }
    None
}

/// Halves an input that is refused until one is not.
fn below_refused(start: U256, gives: &mut impl FnMut(U256) -> Gives) -> Below {
    let mut refused = start;
    while !refused.is_zero() {
        let next = refused.wrapping_shr(1);
        match gives(next) {
            Gives::Enough => return Below::Bracket(descend(next, gives)),
            Gives::TooLittle => return Below::Bracket(reachable(next, refused, gives)),
            Gives::Nothing => refused = next,
        }
    }
    Below::Nothing
}

/// Looks for an input that is enough between one that is too little and one that is refused.
fn reachable(
    too_little: U256,
    refused: U256,
    gives: &mut impl FnMut(U256) -> Gives,
) -> Option<Bracket> {
    let (mut low, mut high) = (too_little, refused);
    while let Some(middle) = between(low, high) {
        match gives(middle) {
            Gives::Enough => return Some(Bracket { low: Some(low), high: middle }),
            Gives::TooLittle => low = middle,
            Gives::Nothing => high = middle,
        }
    }
    None
}

fn bisect(bracket: &Bracket, gives: &mut impl FnMut(U256) -> Gives) -> U256 {
    let &Bracket { low: Some(mut low), mut high } = bracket else {
        return bracket.high;
    };
    while let Some(middle) = between(low, high) {
        match gives(middle) {
            Gives::Enough => high = middle,
            Gives::TooLittle | Gives::Nothing => low = middle,
        }
    }
    high
}

/// The middle of two numbers, if there is one strictly between them.
fn between(low: U256, high: U256) -> Option<U256> {
    let middle = low.checked_add(high.checked_sub(low)?.wrapping_shr(1))?;
    (low < middle).then_some(middle)
}

const TWO: U256 = U256::from_limbs([2, 0, 0, 0]);

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};
    use proptest::prop_assert_eq;

    use super::*;

    /// A pool that refuses inputs outside a range and gives a third of the others.
    fn third_within(low: u64, high: u64) -> impl FnMut(Amount) -> Option<Amount> {
        let range = U256::from(low)..=U256::from(high);
        move |input| range.contains(&input.0).then(|| Amount(input.0 / U256::from(3)))
    }

    fn check(wanted: u64, guess: u64, range: (u64, u64), expected: Option<u64>) {
        let quote = third_within(range.0, range.1);
        let found = least_input(Amount::from_u64(wanted), Amount::from_u64(guess), quote);
        assert_eq!(found, expected.map(Amount::from_u64));
    }

    #[test]
    fn search_finds_the_edge_from_both_sides() {
        for guess in [0, 1, 29, 30, 31, 32, 1_000_000, u64::MAX] {
            check(10, guess, (0, u64::MAX), Some(30));
            check(0, guess, (0, u64::MAX), Some(0));
        }
    }

    #[test]
    fn inputs_refused_as_too_small_or_too_large_are_passed_over() {
        for guess in [0, 5, 30, 50, 99, 100, 101, 1_000, u64::MAX] {
            check(1, guess, (40, 100), Some(40));
            check(33, guess, (40, 100), Some(99));
            check(34, guess, (40, 100), None);
        }
    }

    #[test]
    fn what_no_input_buys_has_no_answer() {
        let all = |_: Amount| Some(Amount::from_u64(7));
        assert_eq!(least_input(Amount::from_u64(8), Amount::from_u64(1), all), None);
        let none = |_: Amount| None;
        assert_eq!(least_input(Amount::ZERO, Amount::from_u64(1), none), None);
        let exact = |input: Amount| (input == Amount::MAX).then_some(input);
        assert_eq!(least_input(Amount::MAX, Amount::from_u64(1), exact), Some(Amount::MAX));
    }

    proptest! {
        #[test]
        fn answer_is_enough_and_one_less_is_not(
            wanted in 0_u64..1 << 40,
            guess in any::<u64>(),
            shift in 0_u32..64,
        ) {
            let quote = third_within(0, u64::MAX);
            let guess = Amount::from_u64(guess >> shift);
            let found = least_input(Amount::from_u64(wanted), guess, quote);
            prop_assert_eq!(found, Some(Amount::from_u64(wanted * 3)));
        }
    }
}
