use proptest::prelude::{ProptestConfig, Strategy, any, prop, prop_oneof, proptest};
use proptest::prop_assert_eq;
use tidemill_units::U256;

use super::{Rounding, get_d, get_y, wide_d, wide_y};

/// Balances of every width, alike or far apart, some of them zero.
fn balances() -> impl Strategy<Value = Vec<U256>> {
    let one = (any::<u128>(), 0_u32..128).prop_map(|(noise, shift)| U256::from(noise >> shift));
    // The fast forms change their ways at powers of two.
    let edge = (0_u32..=128, 0_u8..=4).prop_map(|(bits, more)| {
        let power = U256::ONE << bits;
        (power + U256::from(more)).saturating_sub(U256::from(2))
    });
    let edges = prop::collection::vec(edge, 2..=8);
    let wild = prop::collection::vec(one, 2..=8);
    let alike = (any::<u128>(), 0_u32..120, prop::collection::vec(1_u8.., 2..=8));
    let alike = alike.prop_map(|(unit, shift, parts)| {
        let unit = U256::from(unit >> shift);
        parts.into_iter().map(|part| unit * U256::from(part)).collect()
    });
    prop_oneof![wild, alike, edges]
}

fn rounding() -> impl Strategy<Value = Rounding> {
    let all = [Rounding::FIRST, Rounding::SECOND, Rounding::THIRD, Rounding::NG];
    prop::sample::select(all.to_vec())
}

/// Balances up to a few thousand times apart, as pools have them.
fn pools() -> impl Strategy<Value = Vec<U256>> {
    let unit = (any::<u128>(), 24_u32..100).prop_map(|(noise, shift)| noise >> shift);
    (unit, prop::collection::vec(1_u16..2_000, 2..=8)).prop_map(|(unit, parts)| {
        parts.into_iter().map(|part| U256::from(unit) * U256::from(part)).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8_192))]

    #[test]
    fn a_trade_leaves_what_the_checked_form_leaves(
        rounding in rounding(),
        amplification in prop_oneof![1_u64..20, 100_u64..100_000],
        mut balances in pools(),
        (input, output, paid) in (0_usize..8, 0_usize..8, any::<u32>()),
    ) {
        let (input, output) = (input % balances.len(), output % balances.len());
        let d = get_d(&rounding, amplification, &balances);
        prop_assert_eq!(d, wide_d(&rounding, amplification, &balances));
        if let Ok(d) = d {
            balances[input] += (d * U256::from(paid)) >> 32;
            let y = get_y(&rounding, amplification, d, &balances, output);
            prop_assert_eq!(y, wide_y(&rounding, amplification, d, &balances, output));
            balances[output] = d >> (paid % 100);
            prop_assert_eq!(y, get_y(&rounding, amplification, d, &balances, output));
        }
    }

    #[test]
    fn pairs_of_limbs_give_what_the_checked_form_gives(
        rounding in rounding(),
        amplification in prop_oneof![0_u64..1_000, 100_u64..1_000_000, any::<u64>()],
        balances in balances(),
        (coin, tenths) in (0_usize..8, 1_u64..40),
    ) {
        let d = get_d(&rounding, amplification, &balances);
        prop_assert_eq!(d, wide_d(&rounding, amplification, &balances));
        if let Ok(d) = d {
            let d = d * U256::from(tenths) / U256::from(10);
            let y = get_y(&rounding, amplification, d, &balances, coin);
            prop_assert_eq!(y, wide_y(&rounding, amplification, d, &balances, coin));
        }
    }
}

/// Vigna's SplitMix64, for far more cases than strategies make in the same time.
struct Seeded(u64);

impl Seeded {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// A number of so many bits.
    fn wide(&mut self, bits: u64) -> u128 {
        let noise = u128::from(self.next()) << 64 | u128::from(self.next());
        if bits == 0 { 0 } else { (noise | 1 << 127) >> (128 - bits) }
    }

    fn amplification(&mut self, rounding: &Rounding) -> u64 {
        let whole = match self.below(5) {
            0 => 1 + self.below(20),
            1 => 1 + self.below(1_000),
            2 => 1 + self.below(1_000_000),
            3 => [85, 100, 200, 256, 500, 2_000][self.below(6) as usize],
            _ => 1 << self.below(30),
        };
        match self.below(60) {
            0 => self.next() >> self.below(64),
            1..20 => whole,
            _ => whole * rounding.precision,
        }
    }

    /// Balances alike, lopsided, level or of any width.
    fn balances(&mut self) -> Vec<U256> {
        let coins = 2 + if self.below(3) == 0 { self.below(7) } else { self.below(3) };
        let bits = match self.below(8) {
            0 => self.below(129),
            1 => 60 + self.below(10),
            2 => 95 + self.below(14),
            _ => 66 + self.below(38),
        };
        let base = self.wide(bits);
        let spread = 1 + self.below(2_000);
        let kind = self.below(8);
        let one = |stream: &mut Self| match kind {
            0 => {
                let bits = stream.below(129);
                stream.wide(bits)
            }
            1 => base,
            2 => base.wrapping_add(u128::from(stream.below(1_000))),
            3 => base >> stream.below(8),
            4 if stream.below(4) == 0 => base >> stream.below(12),
            4 => base,
            5 => 1 << stream.below(128),
            _ => (base / 1_000).wrapping_mul(u128::from(1 + stream.below(spread))),
        };
        (0..coins).map(|_| U256::from(one(self))).collect()
    }

    /// The invariant, or a number near it or far.
    fn near(&mut self, d: U256) -> U256 {
        match self.below(6) {
            0 => d * U256::from(self.below(2_000)) / U256::from(1_000),
            1 => d.wrapping_add(U256::from(self.below(100))),
            2 => {
                let bits = self.below(129);
                U256::from(self.wide(bits))
            }
            _ => d,
        }
    }
}

#[test]
fn seeded_pools_of_every_kind_give_what_the_checked_form_gives() {
    let all = [Rounding::FIRST, Rounding::SECOND, Rounding::THIRD, Rounding::META, Rounding::NG];
    let (mut seeded, mut settled) = (Seeded(20_261_123), 0);
    for _ in 0..100_000 {
        let rounding = all[seeded.below(5) as usize];
        let amplification = seeded.amplification(&rounding);
        let mut balances = seeded.balances();
        let d = get_d(&rounding, amplification, &balances);
        let context = format!("{rounding:?}, {amplification}, {balances:?}");
        assert_eq!(d, wide_d(&rounding, amplification, &balances), "{context}");
        let Ok(d) = d else { continue };
        let d = seeded.near(d);
        let coins = balances.len() as u64;
        // Now and then a coin that is none of them.
        let output = if seeded.below(50) == 0 { coins } else { seeded.below(coins) };
        let (input, output) = (seeded.below(coins) as usize, output as usize);
        let paid = balances[input] * U256::from(seeded.next() >> seeded.below(60));
        balances[input] += paid >> 64;
        let y = get_y(&rounding, amplification, d, &balances, output);
        let expected = wide_y(&rounding, amplification, d, &balances, output);
        assert_eq!(y, expected, "{context}, {d}, {balances:?}, {output}");
        settled += u32::from(y.is_ok());
    }
    assert!(settled > 70_000, "{settled} of the cases have an answer");
}
