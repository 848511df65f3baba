//! Powers, exponentials and logarithms beside the contract's formulas in signed big integers, taken
//! from `LogExpMath.sol` term by term and without a thought for speed.

use num_bigint::BigInt;
use tidemill_amm::balancer_fixed_point::{FixedPointError, exp, ln, pow};
use tidemill_testkit::{Random, Run};
use tidemill_units::U256;

/// The exponents 2^7 to 2^-4 with 18 and, from the third on, 20 decimals, and their powers of e.
const STEPS: [(&str, &str); 12] = [
    ("128000000000000000000", "38877084059945950922200000000000000000000000000000000000"),
    ("64000000000000000000", "6235149080811616882910000000"),
    ("3200000000000000000000", "7896296018268069516100000000000000"),
    ("1600000000000000000000", "888611052050787263676000000"),
    ("800000000000000000000", "298095798704172827474000"),
    ("400000000000000000000", "5459815003314423907810"),
    ("200000000000000000000", "738905609893065022723"),
    ("100000000000000000000", "271828182845904523536"),
    ("50000000000000000000", "164872127070012814685"),
    ("25000000000000000000", "128402541668774148407"),
    ("12500000000000000000", "113314845306682631683"),
    ("6250000000000000000", "106449445891785942956"),
];

struct Naive {
    steps: Vec<(BigInt, BigInt)>,
    e18: BigInt,
    e20: BigInt,
    e36: BigInt,
}

impl Naive {
    fn new() -> Self {
        let ten = BigInt::from(10);
        let steps = STEPS.iter().map(|(x, a)| (x.parse().unwrap(), a.parse().unwrap())).collect();
        Self { steps, e18: ten.pow(18), e20: ten.pow(20), e36: ten.pow(36) }
    }

    fn exp(&self, x: &BigInt) -> BigInt {
        if *x < BigInt::ZERO {
            return &self.e36 / self.exp(&-x);
        }
        let mut x = x.clone();
        let mut first = BigInt::from(1);
        for (exponent, power) in &self.steps[..2] {
            if x >= *exponent && first == BigInt::from(1) {
                x -= exponent;
                first.clone_from(power);
            }
        }
        x *= 100;
        let mut product = self.e20.clone();
        for (exponent, power) in &self.steps[2..10] {
            if x >= *exponent {
                x -= exponent;
                product = product * power / &self.e20;
            }
        }
        let (mut sum, mut term) = (&self.e20 + &x, x.clone());
        for divisor in 2..=12 {
            term = term * &x / &self.e20 / divisor;
            sum += &term;
        }
        product * sum / &self.e20 * first / 100
    }

    fn is_near_one(&self, a: &BigInt) -> bool {
        let tenth = &self.e18 / 10;
        *a > &self.e18 - &tenth && *a < &self.e18 + &tenth
    }

    fn ln(&self, a: &BigInt) -> BigInt {
        if self.is_near_one(a) { self.ln_36(a) / &self.e18 } else { self.ln_18(a) }
    }

    fn ln_18(&self, a: &BigInt) -> BigInt {
        if *a < self.e18 {
            return -self.ln_18(&(&self.e36 / a));
        }
        let mut a = a.clone();
        let mut sum = BigInt::ZERO;
        for (exponent, power) in &self.steps[..2] {
            if a >= power * &self.e18 {
                a /= power;
                sum += exponent;
            }
        }
        sum *= 100;
        a *= 100;
        for (exponent, power) in &self.steps[2..] {
            if a >= *power {
                a = a * &self.e20 / power;
                sum += exponent;
            }
        }
        let z = (&a - &self.e20) * &self.e20 / (&a + &self.e20);
        (sum + self.series(&z, &self.e20, 11)) / 100
    }

    fn ln_36(&self, x: &BigInt) -> BigInt {
        let x = x * &self.e18;
        let z = (&x - &self.e36) * &self.e36 / (&x + &self.e36);
        self.series(&z, &self.e36, 15)
    }

    fn series(&self, z: &BigInt, one: &BigInt, last: u32) -> BigInt {
        let squared = z * z / one;
        let (mut numerator, mut sum) = (z.clone(), z.clone());
        for odd in (3..=last).step_by(2) {
            numerator = numerator * &squared / one;
            sum += &numerator / odd;
        }
        sum * 2
    }

    fn pow(&self, x: &BigInt, y: &BigInt) -> Result<BigInt, FixedPointError> {
        if *y == BigInt::ZERO {
            return Ok(self.e18.clone());
        }
        if *x == BigInt::ZERO {
            return Ok(BigInt::ZERO);
        }
        if x.bits() > 255 {
            return Err(FixedPointError::BaseOutOfBounds);
        }
        if *y >= (BigInt::from(1) << 254) / &self.e20 {
            return Err(FixedPointError::ExponentOutOfBounds);
        }
        let product = if self.is_near_one(x) {
            let exact = self.ln_36(x);
            &exact / &self.e18 * y + &exact % &self.e18 * y / &self.e18
        } else {
            self.ln_18(x) * y
        };
        let product = product / &self.e18;
        if product < &self.e18 * -41 || product > &self.e18 * 130 {
            return Err(FixedPointError::ProductOutOfBounds);
        }
        Ok(self.exp(&product))
    }
}

fn big(word: U256) -> BigInt {
    BigInt::from_bytes_le(num_bigint::Sign::Plus, &word.to_le_bytes::<32>())
}

#[test]
fn powers_equal_the_formulas_in_big_integers() {
    let run = Run::from_environment();
    println!("TIDEMILL_SEED={}", run.seed);
    let mut random = Random::new(run.seed);
    let naive = Naive::new();
    let one = U256::from(1_000_000_000_000_000_000_u64);
    let mut refused = 0;
    // Each takes a hundred divisions of big integers, and is one of three comparisons.
    let powers = run.operations / 10;
    for _ in 0..powers {
        let near = one * U256::from(88) / U256::from(100) + random.up_to(one / U256::from(4));
        let x = match random.below(8) {
            0 => random.wide(256),
            1 => one + random.wide(50) - random.wide(50),
            2 => random.wide(90),
            3 => edge(&mut random),
            _ => near,
        };
        let y = match random.below(8) {
            0 => random.wide(190),
            1 => random.wide(70),
            2 => one * U256::from(1 + random.below(5)),
            _ => random.up_to(one * U256::from(100)),
        };
        let ours = pow(x, y);
        refused += u64::from(ours.is_err());
        assert_eq!(ours.map(big), naive.pow(&big(x), &big(y)), "{x} ^ {y}");
        if !x.is_zero() && !x.bit(255) {
            assert_eq!(ln(x).map(BigInt::from), Ok(naive.ln(&big(x))), "ln {x}");
        }
        let exponent = random.up_to(one * U256::from(171));
        let exponent = i128::try_from(exponent).unwrap() - 41_000_000_000_000_000_000;
        let exponent = if random.once_in(3) { exponent / 1_000 } else { exponent };
        assert_eq!(exp(exponent).map(big), Ok(naive.exp(&BigInt::from(exponent))), "e^{exponent}");
    }
    println!("{refused} of {powers} powers refused");
}

/// A number at or beside one of the table's, with 18 decimals.
fn edge(random: &mut Random) -> U256 {
    let index = random.below(12) as usize;
    let power: U256 = STEPS[index].1.parse().unwrap();
    let scaled = if index < 2 {
        power * U256::from(1_000_000_000_000_000_000_u64)
    } else {
        power / U256::from(100)
    };
    scaled + U256::from(random.below(3)) - U256::ONE
}
