//! `CurveCryptoSwap2ETH.vy`'s and `CurveCryptoMath3.vy`'s maths, statement by statement.

use super::word::{Answer, Uint};

pub(crate) const E18: i128 = 1_000_000_000_000_000_000;

pub(crate) fn num(value: i128) -> Uint {
    Uint::from(value)
}

pub(crate) fn ten(places: u32) -> Uint {
    (0..places).fold(num(1), |value, _| value * 10)
}

fn apart(a: &Uint, b: &Uint) -> Uint {
    if a > b { a.clone() - b } else { b.clone() - a }
}

pub(crate) fn geometric_mean_2(unsorted: &[Uint], sort: bool) -> Answer<Uint> {
    let mut x = unsorted.to_vec();
    if sort && x[0] < x[1] {
        x.swap(0, 1);
    }
    let mut d = x[0].clone();
    for _ in 0..255 {
        let d_prev = d.clone();
        d = ((d.clone() + x[0].clone() * &x[1] / &d) / 2).end()?;
        let diff = apart(&d, &d_prev);
        if diff <= 1 || (diff * E18).end()? < d {
            return Ok(d);
        }
    }
    Err("converge")
}

pub(crate) fn sort_3(x: &[Uint]) -> Vec<Uint> {
    let mut a = x.to_vec();
    for i in 1..3 {
        let x = a[i].clone();
        let mut cur = i;
        while cur > 0 && a[cur - 1] <= x {
            a[cur] = a[cur - 1].clone();
            cur -= 1;
        }
        a[cur] = x;
    }
    a
}

pub(crate) fn geometric_mean_3(x: &[Uint]) -> Answer<Uint> {
    let mut d = x[0].clone();
    for _ in 0..255 {
        let d_prev = d.clone();
        let mut tmp = num(E18);
        for each in x {
            tmp = tmp * each / &d;
        }
        d = (d.clone() * (tmp + 2 * E18) / (3 * E18)).end()?;
        let diff = apart(&d, &d_prev);
        if diff <= 1 || (diff * E18).end()? < d {
            return Ok(d);
        }
    }
    Err("converge")
}

fn safety(n: usize, ann: &Uint, gamma: &Uint) -> Answer<()> {
    let (min_a, max_a, max_gamma) = if n == 2 {
        (4 * 10_000 / 10, 4 * 10_000 * 100_000, 2 * 10_000_000_000_000_000)
    } else {
        (27 * 10_000 / 100, 27 * 10_000 * 1000, 5 * 10_000_000_000_000_000)
    };
    if !(*ann >= min_a && *ann <= max_a) {
        return Err("A");
    }
    if !(*gamma >= 10_000_000_000 && *gamma <= max_gamma) {
        return Err("gamma");
    }
    Ok(())
}

fn g1k0(gamma: &Uint, k0: &Uint) -> Answer<Uint> {
    let one = (gamma.clone() + E18).end()?;
    if one > *k0 { (one - k0 + 1).end() } else { (k0.clone() - one + 1).end() }
}

fn mul1(d: &Uint, gamma: &Uint, g: &Uint, ann: &Uint) -> Uint {
    num(E18) * d / gamma * g / gamma * g * 10_000 / ann
}

pub(crate) fn newton_d(ann: &Uint, gamma: &Uint, unsorted: &[Uint]) -> Answer<Uint> {
    let n = unsorted.len();
    let n_coins = n as i128;
    safety(n, ann, gamma)?;
    let x = if n == 3 {
        sort_3(unsorted)
    } else if unsorted[0] < unsorted[1] {
        vec![unsorted[1].clone(), unsorted[0].clone()]
    } else {
        unsorted.to_vec()
    };
    if !(x[0] >= 1_000_000_000 && x[0] <= ten(33)) {
        return Err("x0");
    }
    for each in &x[1..] {
        let frac = (each.clone() * E18 / &x[0]).end()?;
        if frac < (if n == 2 { ten(14) } else { ten(11) }) {
            return Err("x[i]");
        }
    }
    let mean = if n == 2 { geometric_mean_2(&x, false)? } else { geometric_mean_3(&x)? };
    let mut d = (num(n_coins) * mean).end()?;
    let s = x.iter().fold(num(0), |s, each| s + each).end()?;
    for _ in 0..255 {
        let d_prev = d.clone();
        let k0 = if n == 2 {
            (num(E18) * 4 * &x[0] / &d * &x[1] / &d).end()?
        } else {
            let mut k0 = num(E18);
            for each in &x {
                k0 = (k0 * each * n_coins / &d).end()?;
            }
            k0
        };
        let g = g1k0(gamma, &k0)?;
        let mul1 = mul1(&d, gamma, &g, ann).end()?;
        let mul2 = (num(2 * E18) * n_coins * &k0 / &g).end()?;
        let neg_fprime = ((s.clone() + s.clone() * &mul2 / E18) + mul1.clone() * n_coins / &k0
            - mul2.clone() * &d / E18)
            .end()?;
        let d_plus = (d.clone() * (neg_fprime.clone() + &s) / &neg_fprime).end()?;
        let mut d_minus = (d.clone() * &d / &neg_fprime).end()?;
        let bend = d.clone() * (mul1 / &neg_fprime) / E18;
        if k0 < E18 {
            d_minus = (d_minus + bend * (num(E18) - &k0) / &k0).end()?;
        } else {
            d_minus = (d_minus - bend * (k0.clone() - E18) / &k0).end()?;
        }
        d = if d_plus > d_minus { d_plus - d_minus } else { (d_minus - d_plus) / 2 };
        let diff = apart(&d, &d_prev);
        if (diff * ten(14)).end()? < ten(16).max(d.clone()) {
            for each in &x {
                let frac = (each.clone() * E18 / &d).end()?;
                if frac < ten(16) || frac > ten(20) {
                    return Err("x[i]");
                }
            }
            return Ok(d);
        }
    }
    Err("converge")
}

pub(crate) fn check_d(d: &Uint) -> Answer<()> {
    if *d >= ten(17) && *d <= ten(33) { Ok(()) } else { Err("D") }
}

pub(crate) fn newton_y(
    ann: &Uint,
    gamma: &Uint,
    x: &[Uint],
    d: &Uint,
    i: usize,
    euroc: bool,
) -> Answer<Uint> {
    safety(x.len(), ann, gamma)?;
    check_d(d)?;
    if euroc {
        let y = newton_y_loop(ann, gamma, &x[1 - i], d, &(ten(16) * 2, ten(20) * 2), true)?;
        let frac = (y.clone() * E18).end()?.unsafe_div(d);
        return if frac < ten(16) || frac > ten(20) { Err("y") } else { Ok(y) };
    }
    newton_y_unchecked(ann, gamma, x, d, i)
}

/// The solver for one of two balances with none of the checks after it: twocrypto-ng's, and that of
/// the EUROC pool, whose `mul2` adds before it divides.
pub(crate) fn newton_y_loop(
    ann: &Uint,
    gamma: &Uint,
    x_j: &Uint,
    d: &Uint,
    bounds: &(Uint, Uint),
    euroc: bool,
) -> Answer<Uint> {
    let mut y = (d.clone() * d / (x_j.clone() * 4)).end()?;
    let k0_i = (num(2 * E18) * x_j / d).end()?;
    if k0_i < bounds.0 || k0_i > bounds.1 {
        return Err("x[i]");
    }
    let convergence_limit = (x_j.clone() / ten(14)).max(d.clone() / ten(14)).max(num(100));
    for _ in 0..255 {
        let y_prev = y.clone();
        let k0 = (k0_i.clone() * &y * 2 / d).end()?;
        let s = (x_j.clone() + &y).end()?;
        let g = g1k0(gamma, &k0)?;
        let mul1 = mul1(d, gamma, &g, ann).end()?;
        let mul2 = if euroc {
            (num(E18) + num(2 * E18) * &k0).end()?.unsafe_div(&g)
        } else {
            (num(E18) + num(2 * E18) * &k0 / &g).end()?
        };
        let mut yfprime = (num(E18) * &y + s.clone() * &mul2 + &mul1).end()?;
        let dyfprime = (d.clone() * &mul2).end()?;
        if yfprime < dyfprime {
            y = y_prev / 2;
            continue;
        }
        yfprime = yfprime - dyfprime;
        let fprime = (yfprime.clone() / &y).end()?;
        let mut y_minus = (mul1 / &fprime).end()?;
        let y_plus = ((yfprime + num(E18) * d) / &fprime + y_minus.clone() * E18 / &k0).end()?;
        y_minus = (y_minus + num(E18) * &s / &fprime).end()?;
        y = if y_plus < y_minus { y_prev.clone() / 2 } else { y_plus - y_minus };
        if apart(&y, &y_prev) < convergence_limit.clone().max(y.clone() / ten(14)) {
            return Ok(y);
        }
    }
    Err("converge")
}

pub(crate) fn newton_y_unchecked(
    ann: &Uint,
    gamma: &Uint,
    x: &[Uint],
    d: &Uint,
    i: usize,
) -> Answer<Uint> {
    let n_coins = x.len() as i128;
    let (mut y, k0_i, s_i, convergence_limit);
    if x.len() == 2 {
        let x_j = &x[1 - i];
        y = (d.clone() * d / (x_j.clone() * 4)).end()?;
        k0_i = (num(2 * E18) * x_j / d).end()?;
        if k0_i < ten(16) * 2 || k0_i > ten(20) * 2 {
            return Err("x[i]");
        }
        s_i = x_j.clone();
        convergence_limit = (x_j.clone() / ten(14)).max(d.clone() / ten(14)).max(num(100));
    } else {
        for (k, each) in x.iter().enumerate() {
            if k != i {
                let frac = (each.clone() * E18 / d).end()?;
                if frac < ten(16) || frac > ten(20) {
                    return Err("x[i]");
                }
            }
        }
        y = (d.clone() / 3).end()?;
        let mut k = num(E18);
        let mut s = num(0);
        let mut x_sorted = x.to_vec();
        x_sorted[i] = num(0);
        let x_sorted = sort_3(&x_sorted);
        convergence_limit = (x_sorted[0].clone() / ten(14)).max(d.clone() / ten(14)).max(num(100));
        for j in 2..=3 {
            let each = &x_sorted[3 - j];
            y = (y * d / (each.clone() * 3)).end()?;
            s = s + each;
        }
        for each in x_sorted.iter().take(2) {
            k = k * each * 3 / d;
        }
        k0_i = k.end()?;
        s_i = s.end()?;
    }
    for _ in 0..255 {
        let y_prev = y.clone();
        let k0 = (k0_i.clone() * &y * n_coins / d).end()?;
        let s = (s_i.clone() + &y).end()?;
        let g = g1k0(gamma, &k0)?;
        let mul1 = mul1(d, gamma, &g, ann).end()?;
        let mul2 = (num(E18) + num(2 * E18) * &k0 / &g).end()?;
        let yfprime = (num(E18) * &y + s.clone() * &mul2 + &mul1).end()?;
        let dyfprime = (d.clone() * &mul2).end()?;
        if yfprime < dyfprime {
            y = y_prev / 2;
            continue;
        }
        let yfprime = yfprime - dyfprime;
        let fprime = (yfprime.clone() / &y).end()?;
        let y_minus = (mul1 / &fprime).end()?;
        let y_plus = ((yfprime + num(E18) * d) / &fprime + y_minus.clone() * E18 / &k0).end()?;
        let y_minus = (y_minus + num(E18) * &s / &fprime).end()?;
        y = if y_plus < y_minus { y_prev.clone() / 2 } else { y_plus - y_minus };
        let diff = apart(&y, &y_prev);
        if diff < convergence_limit.clone().max(y.clone() / ten(14)) {
            let frac = (y.clone() * E18 / d).end()?;
            if frac < ten(16) || frac > ten(20) {
                return Err("y");
            }
            return Ok(y);
        }
    }
    Err("converge")
}

pub(crate) fn halfpow(power: &Uint) -> Answer<Uint> {
    let intpow = power.clone() / E18;
    let otherpow = power.clone() - intpow.clone() * E18;
    if intpow > 59 {
        return Ok(num(0));
    }
    let mut two = num(1);
    while two.value().bits() as i128 - 1 < intpow.value().try_into().unwrap() {
        two = two * 2;
    }
    let result = num(E18) / two;
    if otherpow.is_zero() {
        return Ok(result);
    }
    let mut term = num(E18);
    let x = num(E18 / 2);
    let mut s = num(E18);
    let mut neg = false;
    for i in 1..256 {
        let k = num(i) * E18;
        let mut c = k.clone() - E18;
        if otherpow > c {
            c = otherpow.clone() - c;
            neg = !neg;
        } else {
            c = c - &otherpow;
        }
        term = (term * (c * &x / E18) / k).end()?;
        s = if neg { s - &term } else { s + &term }.end()?;
        if term < 10_000_000_000 {
            return (result * s / E18).end();
        }
    }
    Err("converge")
}

pub(crate) fn sqrt_int(x: &Uint) -> Answer<Uint> {
    if x.is_zero() {
        return Ok(num(0));
    }
    let mut z = ((x.clone() + E18) / 2).end()?;
    let mut y = x.clone();
    for _ in 0..256 {
        if z == y {
            return Ok(y);
        }
        y = z.clone();
        z = ((x.clone() * E18 / &z + &z) / 2).end()?;
    }
    Err("converge")
}
