use super::assert_close;
use crate::Bar;

/// Five daily returns that several checks share.
pub(super) const RET5: [f64; 5] = [0.01, -0.02, 0.015, 0.005, -0.01];

/// Twenty daily returns that several checks share.
pub(super) const RET20: [f64; 20] = [
    -0.031, 0.012, 0.004, -0.018, 0.022, 0.007, -0.045, 0.015, 0.009, -0.002, 0.011, -0.027, 0.019,
    0.003, -0.009, 0.026, -0.014, 0.008, 0.001, -0.006,
];

/// Six bars that several checks share.
pub(super) const OHLC6: [Bar; 6] = [
    bar([100.0, 103.0, 99.0, 102.0]),
    bar([102.5, 104.0, 101.0, 101.5]),
    bar([101.0, 101.5, 97.0, 98.0]),
    bar([98.4, 100.0, 97.5, 99.5]),
    bar([99.0, 102.0, 98.8, 101.7]),
    bar([101.9, 105.0, 101.2, 104.4]),
];

const fn bar([open, high, low, close]: [f64; 4]) -> Bar {
    Bar { open, high, low, close }
}

/// The random numbers of the checks: Lehmer's generator with multiplier 48271 modulo 2^31 - 1.
pub(super) struct FixedRandom(u64);

impl FixedRandom {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Above 0 and below 1; the state is advanced first.
    pub(super) fn uniform(&mut self) -> f64 {
        self.0 = 48_271 * self.0 % 2_147_483_647;
        self.0 as f64 / 2_147_483_647.0
    }

    /// Box and Muller's cosine branch; two uniforms each, the sine branch is thrown away.
    pub(super) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * libm::log(self.uniform())).sqrt();
        radius * libm::cos(std::f64::consts::TAU * self.uniform())
    }

    /// With mean one.
    pub(super) fn exponential(&mut self) -> f64 {
        -libm::log(self.uniform())
    }
}

#[test]
fn q501_uniforms_and_normals_of_the_fixed_generator() {
    let mut random = FixedRandom::new(12_345);
    for expected in [0.277490120044672, 0.7255846763614494, 0.6979126435229148] {
        assert_close(random.uniform(), expected, 1e-12);
    }
    let mut random = FixedRandom::new(12_345);
    for expected in [-0.2446760899366, 0.7909317684106, -0.2472351093003] {
        assert_close(random.normal(), expected, 1e-12);
    }
}
