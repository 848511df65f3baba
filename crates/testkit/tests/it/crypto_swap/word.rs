//! Vyper's 256-bit numbers on big integers: every operation checked against its type's ends, and
//! the `unsafe_` ones reduced modulo 2^256.

use std::cmp::Ordering;
use std::ops::{Add, Div, Mul, Sub};

use num_bigint::{BigInt, Sign};

pub(crate) type Answer<T> = Result<T, &'static str>;
pub(crate) const ARITHMETIC: &str = "arithmetic";

/// `uint256`, or `int256`; nothing once an operation has failed.
#[derive(Clone, Debug)]
pub(crate) struct Word<const SIGNED: bool>(Option<BigInt>);
pub(crate) type Uint = Word<false>;
pub(crate) type Int = Word<true>;

fn modulus() -> BigInt {
    BigInt::from(1) << 256
}

impl<const SIGNED: bool> Word<SIGNED> {
    pub(crate) fn new(value: BigInt) -> Self {
        let is_least = || value == -(BigInt::from(1) << 255_u32);
        let fits = if SIGNED {
            value.bits() <= 255 || is_least()
        } else {
            value.sign() != Sign::Minus && value.bits() <= 256
        };
        Self(fits.then_some(value))
    }

    /// The end of a statement: fails if anything in it has.
    pub(crate) fn end(self) -> Answer<Self> {
        if self.0.is_some() { Ok(self) } else { Err(ARITHMETIC) }
    }

    pub(crate) fn value(&self) -> &BigInt {
        self.0.as_ref().expect("a failed number is never looked at")
    }

    fn both(&self, other: &Self, with: impl Fn(&BigInt, &BigInt) -> Option<BigInt>) -> Self {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) => with(a, b).map_or(Self(None), Self::new),
            _ => Self(None),
        }
    }

    fn wrapping(&self, other: &Self, with: impl Fn(&BigInt, &BigInt) -> BigInt) -> Self {
        let (a, b) = (self.value(), other.value());
        let mut rest = with(a, b);
        if rest.sign() != Sign::Minus && rest.bits() < 255 {
            return Self(Some(rest));
        }
        rest %= modulus();
        if rest < BigInt::from(0) {
            rest += modulus();
        }
        if SIGNED && rest >= BigInt::from(1) << 255 {
            rest -= modulus();
        }
        Self(Some(rest))
    }

    pub(crate) fn unsafe_add(&self, other: impl Into<Self>) -> Self {
        self.wrapping(&other.into(), |a, b| a + b)
    }

    pub(crate) fn unsafe_sub(&self, other: impl Into<Self>) -> Self {
        self.wrapping(&other.into(), |a, b| a - b)
    }

    pub(crate) fn unsafe_mul(&self, other: impl Into<Self>) -> Self {
        self.wrapping(&other.into(), |a, b| a * b)
    }

    pub(crate) fn unsafe_div(&self, other: impl Into<Self>) -> Self {
        let zero = BigInt::from(0);
        self.wrapping(&other.into(), |a, b| if *b == zero { zero.clone() } else { a / b })
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.value().sign() == Sign::NoSign
    }
}

impl Int {
    pub(crate) fn abs(&self) -> Self {
        if self.value().sign() == Sign::Minus { Self::from(0) - self.clone() } else { self.clone() }
    }

    pub(crate) fn to_uint(&self) -> Uint {
        self.0.as_ref().map_or(Word(None), |value| Uint::new(value.clone()))
    }
}

impl Uint {
    pub(crate) fn to_int(&self) -> Int {
        self.0.as_ref().map_or(Word(None), |value| Int::new(value.clone()))
    }
}

impl<const SIGNED: bool> From<i128> for Word<SIGNED> {
    fn from(value: i128) -> Self {
        Self::new(BigInt::from(value))
    }
}

impl<const SIGNED: bool> From<&Self> for Word<SIGNED> {
    fn from(value: &Self) -> Self {
        value.clone()
    }
}

impl<const SIGNED: bool> PartialEq for Word<SIGNED> {
    fn eq(&self, other: &Self) -> bool {
        self.value() == other.value()
    }
}

impl<const SIGNED: bool> Eq for Word<SIGNED> {}

impl<const SIGNED: bool> PartialOrd for Word<SIGNED> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<const SIGNED: bool> Ord for Word<SIGNED> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.value().cmp(other.value())
    }
}

impl<const SIGNED: bool> PartialEq<i128> for Word<SIGNED> {
    fn eq(&self, other: &i128) -> bool {
        *self.value() == BigInt::from(*other)
    }
}

impl<const SIGNED: bool> PartialOrd<i128> for Word<SIGNED> {
    fn partial_cmp(&self, other: &i128) -> Option<Ordering> {
        self.value().partial_cmp(&BigInt::from(*other))
    }
}

impl<const SIGNED: bool, Other: Into<Word<SIGNED>>> Add<Other> for Word<SIGNED> {
    type Output = Self;
    fn add(self, other: Other) -> Self {
        self.both(&other.into(), |a, b| Some(a + b))
    }
}

impl<const SIGNED: bool, Other: Into<Word<SIGNED>>> Sub<Other> for Word<SIGNED> {
    type Output = Self;
    fn sub(self, other: Other) -> Self {
        self.both(&other.into(), |a, b| Some(a - b))
    }
}

impl<const SIGNED: bool, Other: Into<Word<SIGNED>>> Mul<Other> for Word<SIGNED> {
    type Output = Self;
    fn mul(self, other: Other) -> Self {
        self.both(&other.into(), |a, b| Some(a * b))
    }
}

impl<const SIGNED: bool, Other: Into<Word<SIGNED>>> Div<Other> for Word<SIGNED> {
    type Output = Self;
    fn div(self, other: Other) -> Self {
        self.both(&other.into(), |a, b| (*b != BigInt::from(0)).then(|| a / b))
    }
}
