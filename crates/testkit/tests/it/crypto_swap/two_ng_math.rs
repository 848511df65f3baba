//! `CurveCryptoMathOptimized2.vy`, "v2.0.0" and "v2.1.0", statement by statement.

use super::ng_math::{cbrt, isqrt};
use super::old_math::{E18, check_d, newton_y_loop, num, ten};
use super::word::{Answer, Int, Uint};

fn int(value: i128) -> Int {
    Int::from(value)
}

fn ten_int(places: u32) -> Int {
    ten(places).to_int()
}

fn safety(is_2_1: bool, ann: &Uint, gamma: &Uint) -> Answer<()> {
    if *ann < 4 * 10_000 / 10 || *ann > 4 * 10_000 * 1000 {
        return Err("A");
    }
    let max_gamma = if is_2_1 { ten(15) * 199 } else { ten(15) * 2 };
    if *gamma < ten(10) || *gamma > max_gamma {
        return Err("gamma");
    }
    Ok(())
}

/// `lim_mul`, of v2.1.0.
fn lim_mul(gamma: &Uint) -> Uint {
    let most = ten(16) * 2;
    if *gamma > most { ten(20).unsafe_mul(most).unsafe_div(gamma) } else { ten(20) }
}

pub(crate) fn get_y(
    is_2_1: bool,
    uann: &Uint,
    ugamma: &Uint,
    x: &[Uint],
    ud: &Uint,
    i: usize,
) -> Answer<[Uint; 2]> {
    safety(is_2_1, uann, ugamma)?;
    check_d(ud)?;
    let lim_mul = lim_mul(ugamma);
    let ann = uann.to_int().end()?;
    let gamma = ugamma.to_int().end()?;
    let d_ = ud.to_int().end()?;
    let x_j = x[1 - i].to_int().end()?;
    let gamma2 = gamma.unsafe_mul(&gamma);

    let _y = (d_.clone() * &d_ / (x_j.clone() * 4)).end()?;
    let k0_i = (int(2 * E18) * &x_j).end()?.unsafe_div(&d_);
    let (least, most) = if is_2_1 {
        (ten(36).unsafe_div(&lim_mul).to_int(), lim_mul.to_int())
    } else {
        (ten_int(16) * 2, ten_int(20) * 2)
    };
    if k0_i < least || k0_i > most {
        return Err("x[i]");
    }
    let ann_gamma2 = (ann * &gamma2).end()?;
    let mut a = ten_int(32);
    let mut b = (d_.clone() * &ann_gamma2 / 400_000_000 / &x_j
        - ten_int(32).unsafe_mul(3)
        - int(2).unsafe_mul(&gamma).unsafe_mul(ten_int(14)))
    .end()?;
    let four = int(4).unsafe_mul(&ann_gamma2).unsafe_div(400_000_000);
    let mut c = (ten_int(32).unsafe_mul(3)
        + int(4).unsafe_mul(&gamma).unsafe_mul(ten_int(14))
        + gamma2.unsafe_div(10_000)
        + (four.clone() * &x_j).end()?.unsafe_div(&d_)
        - four)
        .end()?;
    let one = int(E18).unsafe_add(&gamma);
    let mut d = (int(0) - (one.clone() * &one).end()?.unsafe_div(10_000)).end()?;

    let delta0 = (int(3) * &a * &c / &b - &b).end()?;
    let delta1 = (int(3) * &delta0 + &b - int(27) * (a.clone() * &a) / &b * &d / &b).end()?;
    let threshold = delta0.abs().end()?.min(delta1.abs().end()?).min(a.clone());
    let mut divider = int(1);
    for (over, places) in [
        (48, 30),
        (46, 28),
        (44, 26),
        (42, 24),
        (40, 22),
        (38, 20),
        (36, 18),
        (34, 16),
        (32, 14),
        (30, 12),
        (28, 10),
        (26, 8),
        (24, 6),
        (20, 2),
    ] {
        if threshold > ten_int(over) {
            divider = ten_int(places);
            break;
        }
    }
    a = a.unsafe_div(&divider);
    b = b.unsafe_div(&divider);
    c = c.unsafe_div(&divider);
    d = d.unsafe_div(&divider);
    let delta0 = (int(3).unsafe_mul(&a).unsafe_mul(&c).unsafe_div(&b) - &b).end()?;
    let last = int(27).unsafe_mul((a.clone() * &a).end()?).unsafe_div(&b);
    let last = last.unsafe_mul(&d).unsafe_div(&b);
    let delta1 = (int(3) * &delta0 + &b - last).end()?;
    let cubed = (int(4) * (delta0.clone() * &delta0)).end()?.unsafe_div(&b).unsafe_mul(&delta0);
    let sqrt_arg = (delta1.clone() * &delta1 + cubed).end()?;
    if sqrt_arg <= 0 {
        let bounds =
            if is_2_1 { (ten(36) / &lim_mul, lim_mul) } else { (ten(16) * 2, ten(20) * 2) };
        let y = newton_y_loop(uann, ugamma, &x[1 - i], ud, &bounds, false)?;
        return Ok([y, num(0)]);
    }
    let sqrt_val = isqrt(&sqrt_arg.to_uint().end()?).to_int().end()?;
    let b_cbrt = if b > 0 {
        cbrt(&b.to_uint().end()?).to_int().end()?
    } else {
        (int(0) - cbrt(&(int(0) - &b).to_uint().end()?).to_int().end()?).end()?
    };
    let second_cbrt = if delta1 > 0 {
        cbrt(&(delta1.unsafe_add(&sqrt_val).to_uint() / 2).end()?).to_int().end()?
    } else {
        let half = sqrt_val.unsafe_sub(&delta1).to_uint().end()?.unsafe_div(2);
        (int(0) - cbrt(&half).to_int().end()?).end()?
    };
    let c1 = (b_cbrt.clone() * &b_cbrt).end()?.unsafe_div(E18).unsafe_mul(&second_cbrt);
    let c1 = c1.unsafe_div(E18);
    let root = ((int(E18).unsafe_mul(&c1)
        - int(E18).unsafe_mul(&b)
        - int(E18).unsafe_mul(&b) / &c1 * &delta0)
        / int(3).unsafe_mul(&a))
    .end()?;
    let y = (d_.clone() * &d_).end()?.unsafe_div(&x_j).unsafe_mul(&root);
    let y = y.unsafe_div(4).unsafe_div(E18).to_uint().end()?;
    let k0 = root.to_uint().end()?;
    let frac = (y.clone() * E18).end()?.unsafe_div(ud);
    let (least, most) = if is_2_1 {
        ((ten(36) / 2).unsafe_div(&lim_mul), lim_mul.unsafe_div(2))
    } else {
        (ten(16) - 1, ten(20))
    };
    if frac < least || frac > most {
        return Err("y");
    }
    Ok([y, k0])
}

pub(crate) fn newton_d(
    is_2_1: bool,
    ann: &Uint,
    gamma: &Uint,
    unsorted: &[Uint],
    k0_prev: &Uint,
) -> Answer<Uint> {
    safety(is_2_1, ann, gamma)?;
    let mut x = unsorted.to_vec();
    if x[0] < x[1] {
        x.swap(0, 1);
    }
    if x[0] < ten(9) || x[0] > ten(33) {
        return Err("x0");
    }
    if (x[1].clone() * E18).end()?.unsafe_div(&x[0]) < ten(14) {
        return Err("x[i]");
    }
    let s = x[0].unsafe_add(&x[1]);
    let mut d = if k0_prev.is_zero() {
        (num(2) * isqrt(&x[0].unsafe_mul(&x[1]))).end()?
    } else {
        let square = num(4).unsafe_mul(&x[0]).unsafe_mul(&x[1]).unsafe_div(k0_prev);
        let d = isqrt(&square.unsafe_mul(E18));
        if s < d { s.clone() } else { d }
    };
    for _ in 0..255 {
        let d_prev = d.clone();
        if d.is_zero() {
            return Err("D");
        }
        let k0 = (num(4 * E18) * &x[0]).end()?.unsafe_div(&d);
        let k0 = (k0 * &x[1]).end()?.unsafe_div(&d);
        let g = gamma.clone() + E18;
        let g = if g > k0 { g.unsafe_sub(&k0) } else { k0.unsafe_sub(&g) }.unsafe_add(1);
        let mul1 = ((num(E18) * &d).end()?.unsafe_div(gamma) * &g).end()?.unsafe_div(gamma);
        let mul1 = (mul1 * &g * 10_000).end()?.unsafe_div(ann);
        let mul2 = (num(4 * E18) * &k0).end()?.unsafe_div(&g);
        let neg_fprime =
            (s.clone() + (s.clone() * &mul2).end()?.unsafe_div(E18) + mul1.clone() * 2 / &k0
                - (mul2.clone() * &d).end()?.unsafe_div(E18))
            .end()?;
        let d_plus = (d.clone() * (neg_fprime.clone() + &s) / &neg_fprime).end()?;
        let mut d_minus = (d.clone() * &d).end()?.unsafe_div(&neg_fprime);
        let bend = (d.clone() * mul1.unsafe_div(&neg_fprime)).end()?.unsafe_div(E18);
        if k0 < E18 {
            let bend = (bend * num(E18).unsafe_sub(&k0)).end()?.unsafe_div(&k0);
            d_minus = (d_minus + bend).end()?;
        } else {
            let bend = (bend * k0.unsafe_sub(E18)).end()?.unsafe_div(&k0);
            d_minus = (d_minus - bend).end()?;
        }
        d = if d_plus > d_minus {
            d_plus.unsafe_sub(&d_minus)
        } else {
            d_minus.unsafe_sub(&d_plus).unsafe_div(2)
        };
        let diff = if d > d_prev { d.unsafe_sub(&d_prev) } else { d_prev.unsafe_sub(&d) };
        if (diff * ten(14)).end()? < ten(16).max(d.clone()) {
            for each in &x {
                let frac = (each.clone() * E18 / &d).end()?;
                let fits = if is_2_1 {
                    frac > ten(16) / 2 - 1 && frac < ten(20) / 2 + 1
                } else {
                    frac >= ten(16) - 1 && frac < ten(20) + 1
                };
                if !fits {
                    return Err("x[i]");
                }
            }
            return Ok(d);
        }
    }
    Err("converge")
}

pub(crate) fn get_p(xp: &[Uint], d: &Uint, ann: &Uint, gamma: &Uint) -> Answer<Uint> {
    check_d(d).map_err(|_| "D price")?;
    let e36 = ten(36);
    let k0 = (num(4) * &xp[0] * &xp[1]).end()?.unsafe_div(d);
    let k0 = (k0 * &e36).end()?.unsafe_div(d);
    let first = (num(2) * &k0 * &k0).end()?.unsafe_div(&e36);
    let first = (first * &k0).end()?.unsafe_div(&e36);
    let one = gamma.unsafe_add(E18);
    let last = k0.unsafe_mul(&k0).unsafe_div(&e36);
    let last = (last * num(2).unsafe_mul(gamma).unsafe_add(3 * E18)).end()?.unsafe_div(E18);
    let gk0 = (first + one.unsafe_mul(&one) - last).end()?;
    let nnag2 = ann.unsafe_mul(gamma.unsafe_mul(gamma)).unsafe_div(10_000);
    let with = |x: &Uint| -> Answer<Uint> {
        let part = (nnag2.clone() * x).end()?.unsafe_div(d);
        (gk0.clone() + (part * &k0).end()?.unsafe_div(&e36)).end()
    };
    let denominator = with(&xp[0])?;
    Ok((xp[0].clone() * with(&xp[1])? / &xp[1] * E18).end()?.unsafe_div(denominator))
}
