use tidemill_units::{Timestamp, U256};

use super::{BAL_FIRST_EPOCH, CRV_FIRST_EPOCH, EPOCH_SECONDS, bal_at, crv_at};

#[test]
fn crv_is_emitted_as_on_the_chain() {
    let first = crv_at(CRV_FIRST_EPOCH).unwrap();
    assert_eq!((first.mining_epoch, first.start_epoch_time), (0, CRV_FIRST_EPOCH));
    // 2023-08-13 22:17:28, as the token on the chain says of its fourth epoch.
    let fourth = crv_at(Timestamp(1_691_965_048)).unwrap();
    assert_eq!((fourth.mining_epoch, fourth.start_epoch_time.0), (3, 1_691_965_048));
    assert_eq!(fourth.rate, U256::from(5_181_574_864_521_283_150_u64));
    assert_eq!(crv_at(Timestamp(1_691_965_047)).unwrap().mining_epoch, 2);
}

#[test]
fn bal_is_emitted_as_on_the_chain() {
    let first = bal_at(BAL_FIRST_EPOCH).unwrap();
    assert_eq!(first.rate * U256::from(604_800), U256::from(144_999_999_999_999_999_590_400_u128));
    let second = bal_at(Timestamp(BAL_FIRST_EPOCH.0 + EPOCH_SECONDS)).unwrap();
    assert_eq!(second.mining_epoch, 1);
    assert!(second.rate < first.rate);
}
