//! `CurveCryptoMathOptimized3.vy`, statement by statement.

use num_bigint::BigInt;

use super::old_math::{E18, check_d, newton_y_unchecked, num, sort_3, ten};
use super::word::{Answer, Int, Uint};

fn int(value: i128) -> Int {
    Int::from(value)
}

fn ten_int(places: u32) -> Int {
    ten(places).to_int()
}

/// The largest whole number whose square is not above.
pub(crate) fn isqrt(value: &Uint) -> Uint {
    let value = value.value();
    let (mut low, mut high) = (BigInt::from(0), BigInt::from(1) << 129);
    while &high - &low > BigInt::from(1) {
        let middle: BigInt = (&low + &high) >> 1;
        if &middle * &middle <= *value { low = middle } else { high = middle }
    }
    Uint::new(low)
}

pub(crate) fn cbrt(x: &Uint) -> Uint {
    let bound = Uint::new("115792089237316195423570985008687907853269".parse().unwrap());
    let top = bound.clone() * E18;
    let xx = if *x >= top {
        x.clone()
    } else if *x >= bound {
        x.unsafe_mul(E18)
    } else {
        x.unsafe_mul(ten(36))
    };
    let log2x = xx.value().bits().saturating_sub(1);
    let power = Uint::new(BigInt::from(1) << (log2x / 3));
    let remainder = (log2x % 3) as u32;
    let mut a = power.unsafe_mul(1260_i128.pow(remainder)).unsafe_div(1000_i128.pow(remainder));
    for _ in 0..7 {
        a = a.unsafe_mul(2).unsafe_add(xx.unsafe_div(a.unsafe_mul(&a))).unsafe_div(3);
    }
    if *x >= top {
        a.unsafe_mul(ten(12))
    } else if *x >= bound {
        a.unsafe_mul(ten(6))
    } else {
        a
    }
}

pub(crate) fn geometric_mean(x: &[Uint]) -> Answer<Uint> {
    let first = (x[0].clone() * &x[1]).end()?.unsafe_div(E18);
    let prod = (first * &x[2]).end()?.unsafe_div(E18);
    Ok(if prod.is_zero() { num(0) } else { cbrt(&prod) })
}

/// The first root and K0 there, zero where Newton's method was used.
pub(crate) fn get_y(ann: &Uint, gamma: &Uint, x: &[Uint], d: &Uint, i: usize) -> Answer<[Uint; 2]> {
    if !(*ann >= 2700 && *ann <= 270_000_000) {
        return Err("A");
    }
    if !(*gamma >= 10_000_000_000 && *gamma <= 50_000_000_000_000_000) {
        return Err("gamma");
    }
    check_d(d)?;
    for (k, each) in x.iter().enumerate() {
        if k != i {
            let frac = (each.clone() * E18 / d).end()?;
            if frac < ten(16) || frac > ten(20) {
                return Err("x[i]");
            }
        }
    }
    let (j, k) = [(1, 2), (0, 2), (0, 1)][i];
    let (uann, ugamma, ud) = (ann, gamma, d);
    let ann = ann.to_int().end()?;
    let gamma = gamma.to_int().end()?;
    let d_ = d.to_int().end()?;
    let x_j = x[j].to_int().end()?;
    let x_k = x[k].to_int().end()?;
    let gamma2 = gamma.unsafe_mul(&gamma);
    let mut a = ten_int(36) / 27;

    let left = (ten_int(36) / 9).unsafe_add(int(2 * E18).unsafe_mul(&gamma).unsafe_div(27));
    let right = (d_.unsafe_mul(&d_).unsafe_div(&x_j).unsafe_mul(&gamma2) * &ann).end()?;
    let right = right.unsafe_div(27 * 27).unsafe_div(10_000).unsafe_div(&x_k);
    let mut b = (left - right).end()?;

    let left =
        (ten_int(36) / 9).unsafe_add(gamma.unsafe_mul(gamma.unsafe_add(4 * E18)).unsafe_div(27));
    let right = (gamma2 * x_j.unsafe_add(&x_k).unsafe_sub(&d_)).end()?;
    let right = right.unsafe_div(&d_).unsafe_mul(&ann).unsafe_div(27).unsafe_div(10_000);
    let mut c = (left + right).end()?;

    let one = int(E18).unsafe_add(&gamma);
    let mut d = (one.clone() * &one).end()?.unsafe_div(27);

    let d0 = (int(3).unsafe_mul(&a) * &c / &b - &b).end()?.abs().end()?;
    let divider = if d0 > ten_int(48) {
        ten_int(30)
    } else if d0 > ten_int(44) {
        ten_int(26)
    } else if d0 > ten_int(40) {
        ten_int(22)
    } else if d0 > ten_int(36) {
        ten_int(18)
    } else if d0 > ten_int(32) {
        ten_int(14)
    } else if d0 > ten_int(28) {
        ten_int(10)
    } else if d0 > ten_int(24) {
        ten_int(6)
    } else if d0 > ten_int(20) {
        ten_int(2)
    } else {
        int(1)
    };
    if a.abs().end()? > b.abs().end()? {
        let prec = a.unsafe_div(&b).abs().end()?;
        a = a.unsafe_mul(&prec).unsafe_div(&divider);
        b = (b * &prec).end()?.unsafe_div(&divider);
        c = (c * &prec).end()?.unsafe_div(&divider);
        d = (d * &prec).end()?.unsafe_div(&divider);
    } else {
        let prec = b.unsafe_div(&a).abs().end()?;
        a = (a / &prec).end()?.unsafe_div(&divider);
        b = b.unsafe_div(&prec).unsafe_div(&divider);
        c = c.unsafe_div(&prec).unsafe_div(&divider);
        d = d.unsafe_div(&prec).unsafe_div(&divider);
    }
    let three_ac = (int(3).unsafe_mul(&a) * &c).end()?;
    let delta0 = (three_ac.unsafe_div(&b) - &b).end()?;
    let first = (int(3) * &three_ac).end()?.unsafe_div(&b);
    let third = ((int(27) * (a.clone() * &a)).end()?.unsafe_div(&b) * &d).end()?.unsafe_div(&b);
    let delta1 = (first - int(2).unsafe_mul(&b) - third).end()?;
    let sqrt_arg = (delta1.clone() * &delta1
        + (int(4) * (delta0.clone() * &delta0)).end()?.unsafe_div(&b) * &delta0)
        .end()?;
    if sqrt_arg <= 0 {
        let y = newton_y_unchecked(uann, ugamma, x, ud, i)?;
        return Ok([y, num(0)]);
    }
    let sqrt_val = isqrt(&sqrt_arg.to_uint().end()?).to_int().end()?;
    let b_cbrt = if b >= int(0) {
        cbrt(&b.to_uint().end()?).to_int().end()?
    } else {
        (int(0) - cbrt(&(int(0) - &b).to_uint().end()?).to_int()).end()?
    };
    let second_cbrt = if delta1 > 0 {
        let half = (delta1 + sqrt_val).to_uint().end()?.unsafe_div(2);
        cbrt(&half).to_int().end()?
    } else {
        let half = (int(0) - (delta1 - sqrt_val)).to_uint().end()?.unsafe_div(2);
        (int(0) - cbrt(&half).to_int()).end()?
    };
    let c1 = ((b_cbrt.clone() * &b_cbrt).end()?.unsafe_div(E18) * &second_cbrt).end()?;
    let c1 = c1.unsafe_div(E18);
    let root_k0 = (b.clone() + b * &delta0 / &c1 - &c1).end()?.unsafe_div(3);
    let root = ((d_.clone() * &d_).end()?.unsafe_div(27).unsafe_div(&x_k) * &d_).end()?;
    let root = (root.unsafe_div(&x_j) * &root_k0).end()?.unsafe_div(&a);
    let out = root.to_uint().end()?;
    let k0 = (int(E18) * &root_k0).end()?.unsafe_div(&a).to_uint().end()?;
    let frac = (out.clone() * E18).end()?.unsafe_div(ud);
    if frac < ten(16) - 1 || frac > ten(20) {
        return Err("y");
    }
    Ok([out, k0])
}

pub(crate) fn newton_d(
    ann: &Uint,
    gamma: &Uint,
    unsorted: &[Uint],
    k0_prev: &Uint,
) -> Answer<Uint> {
    let x = sort_3(unsorted);
    let most = Uint::new((BigInt::from(1) << 256) - 1);
    if x[0] >= most / E18 * 27 {
        return Err("x0");
    }
    if x[0].is_zero() {
        return Err("empty");
    }
    let s = x[0].unsafe_add(&x[1]).unsafe_add(&x[2]);
    let mut d = if k0_prev.is_zero() {
        num(3).unsafe_mul(geometric_mean(&x)?)
    } else {
        let volume = |scale: Uint| -> Answer<Uint> {
            let pair = (x[0].clone() * &x[1]).end()?.unsafe_div(scale);
            Ok((pair * &x[2]).end()?.unsafe_div(k0_prev))
        };
        if s > ten(36) {
            cbrt(&(volume(ten(36))? * 27 * ten(12)).end()?)
        } else if s > ten(24) {
            cbrt(&(volume(ten(24))? * 27 * ten(6)).end()?)
        } else {
            cbrt(&(volume(ten(18))? * 27).end()?)
        }
    };
    for _ in 0..255 {
        let d_prev = d.clone();
        let mut k0 = num(E18).unsafe_mul(&x[0]).unsafe_mul(3).unsafe_div(&d);
        k0 = k0.unsafe_mul(&x[1]).unsafe_mul(3).unsafe_div(&d);
        k0 = k0.unsafe_mul(&x[2]).unsafe_mul(3).unsafe_div(&d);
        let mut g = gamma.unsafe_add(E18);
        g = if g > k0 { g.unsafe_sub(&k0).unsafe_add(1) } else { k0.unsafe_sub(&g).unsafe_add(1) };
        let mul1 = num(E18).unsafe_mul(&d).unsafe_div(gamma).unsafe_mul(&g).unsafe_div(gamma);
        let mul1 = mul1.unsafe_mul(&g).unsafe_mul(10_000).unsafe_div(ann);
        let mul2 = num(2 * E18 * 3).unsafe_mul(&k0).unsafe_div(&g);
        let neg_fprime = s
            .unsafe_add(s.unsafe_mul(&mul2).unsafe_div(E18))
            .unsafe_add(mul1.unsafe_mul(3).unsafe_div(&k0))
            .unsafe_sub(mul2.unsafe_mul(&d).unsafe_div(E18));
        let d_plus = (d.clone() * neg_fprime.unsafe_add(&s)).end()?.unsafe_div(&neg_fprime);
        let mut d_minus = (d.clone() * &d).end()?.unsafe_div(&neg_fprime);
        let bend = (d.clone() * mul1.unsafe_div(&neg_fprime)).end()?.unsafe_div(E18);
        if k0 < E18 {
            let bend = bend.unsafe_mul(num(E18).unsafe_sub(&k0)).unsafe_div(&k0);
            d_minus = (d_minus + bend).end()?;
        } else {
            let bend = bend.unsafe_mul(k0.unsafe_sub(E18)).unsafe_div(&k0);
            d_minus = (d_minus - bend).end()?;
        }
        d = if d_plus > d_minus {
            d_plus.unsafe_sub(&d_minus)
        } else {
            d_minus.unsafe_sub(&d_plus).unsafe_div(2)
        };
        let diff = if d > d_prev { d.unsafe_sub(&d_prev) } else { d_prev.unsafe_sub(&d) };
        if diff.unsafe_mul(ten(14)) < ten(16).max(d.clone()) {
            for each in &x {
                let frac = each.unsafe_mul(E18).unsafe_div(&d);
                if frac < ten(16) - 1 || frac > ten(20) {
                    return Err("x[i]");
                }
            }
            return Ok(d);
        }
    }
    Err("converge")
}

pub(crate) fn get_p(xp: &[Uint], d: &Uint, ann: &Uint, gamma: &Uint) -> Answer<Vec<Uint>> {
    check_d(d).map_err(|_| "D price")?;
    let e36 = ten(36);
    let k0 = ((num(27) * &xp[0] * &xp[1]).end()?.unsafe_div(d) * &xp[2]).end()?.unsafe_div(d);
    let k0 = (k0 * &e36).end()?.unsafe_div(d);
    let first = (num(2) * &k0 * &k0).end()?.unsafe_div(&e36);
    let first = (first * &k0).end()?.unsafe_div(&e36);
    let one = gamma.unsafe_add(E18);
    let last = k0.unsafe_mul(&k0).unsafe_div(&e36);
    let last = (last * gamma.unsafe_mul(2).unsafe_add(3 * E18)).end()?.unsafe_div(E18);
    let gk0 = (first + one.unsafe_mul(&one) - last).end()?;
    let nnag2 = ann.unsafe_mul(gamma.unsafe_mul(gamma)).unsafe_div(10_000);
    let with = |x: &Uint| -> Answer<Uint> {
        let part = (nnag2.clone() * x).end()?.unsafe_div(d);
        (gk0.clone() + (part * &k0).end()?.unsafe_div(&e36)).end()
    };
    let denominator = with(&xp[0])?;
    let mut prices = Vec::new();
    for other in &xp[1..] {
        let above = (xp[0].clone() * with(other)? / other * E18).end()?;
        prices.push(above.unsafe_div(&denominator));
    }
    Ok(prices)
}

fn big(text: &str) -> Int {
    Int::new(text.parse().unwrap())
}

/// `wad_exp`, whose shifts of signed numbers round down.
pub(crate) fn exp(power: &Int) -> Answer<Uint> {
    if *power <= big("-42139678854452767551") {
        return Ok(num(0));
    }
    if *power >= big("135305999368893231589") {
        return Err("exp overflow");
    }
    let two_to = |places: u32| Int::new(BigInt::from(1) << places);
    let shr_96 = |value: Int| Int::new(value.value() >> 96);
    let ln2 = big("54916777467707473351141471128");
    let mut value = power.unsafe_mul(two_to(78)).unsafe_div(big("3814697265625"));
    let k = shr_96(value.unsafe_mul(two_to(96)).unsafe_div(&ln2).unsafe_add(two_to(95)));
    value = value.unsafe_sub(k.unsafe_mul(&ln2));
    let y = value.unsafe_add(big("1346386616545796478920950773328")).unsafe_mul(&value);
    let y = shr_96(y).unsafe_add(big("57155421227552351082224309758442"));
    let p = y.unsafe_add(&value).unsafe_sub(big("94201549194550492254356042504812"));
    let p = shr_96(p.unsafe_mul(&y)).unsafe_add(big("28719021644029726153956944680412240"));
    let p = p
        .unsafe_mul(&value)
        .unsafe_add(big("4385272521454847904659076985693276").unsafe_mul(two_to(96)));
    let mut q = value.unsafe_sub(big("2855989394907223263936484059900"));
    for (is_plus, text) in [
        (true, "50020603652535783019961831881945"),
        (false, "533845033583426703283633433725380"),
        (true, "3604857256930695427073651918091429"),
        (false, "14423608567350463180887372962807573"),
        (true, "26449188498355588339934803723976023"),
    ] {
        let next = shr_96(q.unsafe_mul(&value));
        q = if is_plus { next.unsafe_add(big(text)) } else { next.unsafe_sub(big(text)) };
    }
    let r = p.unsafe_div(&q);
    assert!(r >= 0, "the polynomials are above zero where they are used");
    let scale = big("3822833074963236453042738258902158003155416615667").to_uint();
    let result = r.to_uint().end()?.unsafe_mul(scale);
    let shift: u32 = int(195).unsafe_sub(&k).value().try_into().unwrap();
    Ok(Uint::new(result.value() >> shift))
}
