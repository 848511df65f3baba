//! W3: `floor(a * b / divisor)` through a 512-bit product, by operand width.

use tidemill_units::{U256, mul_div, mul_wide};

use crate::harness::{Contestant, Row, Target, circle};
use crate::inputs::{COUNT, Random};

type Operands = (U256, U256, U256);

/// Every operand fills all its 256 bits.
pub(crate) fn full() -> Result<Row, String> {
    row([256, 256, 256], Target::TimesFaster(3.0))
}

/// The widths of `amount0`: liquidity shifted by 96, a price difference, a price.
pub(crate) fn amount0() -> Result<Row, String> {
    row([224, 160, 160], Target::TimesFaster(3.0))
}

/// The widths of `amount1`: a price difference, liquidity, a 96-bit divisor.
pub(crate) fn amount1() -> Result<Row, String> {
    row([160, 128, 96], Target::TimesFaster(3.0))
}

/// The product fits 256 bits, so the published crates take their short cut.
pub(crate) fn narrow() -> Result<Row, String> {
    row([128, 128, 128], Target::Shown)
}

fn row(bits: [usize; 3], target: Target) -> Result<Row, String> {
    let inputs = operands(bits);
    for (a, b, divisor) in &inputs {
        let ours = mul_div(*a, *b, *divisor);
        let sdk = uniswap_v3_sdk::utils::mul_div(*a, *b, *divisor).ok();
        let math = uniswap_v3_math::full_math::mul_div(*a, *b, *divisor).ok();
        if ours.is_none() || ours != sdk || ours != math {
            return Err(format!("{a} * {b} / {divisor}: {ours:?}, {sdk:?}, {math:?}"));
        }
    }
    let [a, b, divisor] = bits;
    Ok(Row {
        title: format!("mul_div {a}x{b}/{divisor} bits"),
        target,
        operations: 1,
        contestants: vec![
            (Contestant::Tidemill, circle(inputs.clone(), |(a, b, d)| mul_div(*a, *b, *d))),
            (
                Contestant::UniswapV3Sdk,
                circle(inputs.clone(), |(a, b, d)| uniswap_v3_sdk::utils::mul_div(*a, *b, *d)),
            ),
            (
                Contestant::UniswapV3Math,
                circle(inputs, |(a, b, d)| uniswap_v3_math::full_math::mul_div(*a, *b, *d)),
            ),
        ],
        notes: Vec::new(),
    })
}

/// Operands of these widths whose quotient fits 256 bits.
fn operands(bits: [usize; 3]) -> Vec<Operands> {
    let mut random = Random::seeded(3);
    let mut operands = Vec::with_capacity(COUNT);
    while operands.len() < COUNT {
        let [a, b, divisor] = bits.map(|bits| random.of_bits(bits));
        let [.., h0, h1, h2, h3] = mul_wide(a, b);
        if U256::from_limbs([h0, h1, h2, h3]) < divisor {
            operands.push((a, b, divisor));
        }
    }
    operands
}
