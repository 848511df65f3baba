use super::assert_close;
use crate::fee_income::{PoolDay, compounded_daily};
use crate::{InventoryChange, MarkoutMeter};

#[test]
fn q113_markout_of_a_swap() {
    let change = InventoryChange { token0: 10.0, token1: -19_900.0 };
    assert_close(change.markout(1_980.0), -100.0, 1e-8);
    let mut meter = MarkoutMeter::default();
    assert_eq!(meter.basis_points(), None);
    meter.add(change, 1_980.0);
    assert_close(meter.total(), -100.0, 1e-8);
    assert_close(meter.basis_points().unwrap(), -50.251256, 1e-8);
}

#[test]
fn markouts_of_both_directions_add_up_over_the_volume_of_both() {
    let mut meter = MarkoutMeter::default();
    meter.add(InventoryChange { token0: 1.0, token1: -2_000.0 }, 2_010.0);
    meter.add(InventoryChange { token0: -2.0, token1: 4_000.0 }, 2_010.0);
    assert_close(meter.total(), -10.0, 1e-12);
    assert_close(meter.volume(), 6_000.0, 1e-12);
    assert_close(meter.basis_points().unwrap(), -100.0 / 6.0, 1e-12);
}

#[test]
fn q114_fee_rate_and_yield_of_a_pool() {
    let day = PoolDay { volume: 2_500_000.0, value: 10_000_000.0, fee: 0.003 };
    assert_close(day.annual_percentage_rate(), 0.27375, 1e-10);
    assert_close(compounded_daily(day.annual_percentage_rate()), 0.314751132739, 1e-10);
}
