use tidemill_units::{Amount, Timestamp, U256};

use super::{INITIAL_RATE, RATE_REDUCTION_TIME, TokenAdmin, TokenAdminError};

const START: u64 = 1_650_000_000;

fn admin() -> TokenAdmin {
    TokenAdmin::activated(Amount::ZERO, Timestamp(START))
}

fn years(years: u64) -> Timestamp {
    Timestamp(START + years * RATE_REDUCTION_TIME)
}

#[test]
fn one_call_begins_one_epoch() {
    let mut admin = admin();
    assert_eq!(admin.start_epoch_time_write(years(2)), Ok(years(1)));
    // 239748677248677248 * 10^18 / 1189207115002721024, floored.
    assert_eq!(admin.rate, U256::from(201_603_803_260_232_494_u64));
    assert_eq!(admin.future_epoch_time_write(years(2)), Ok(years(3)));
    assert_eq!(admin.mining_epoch, 2);
    let early = admin.update_mining_parameters(Timestamp(years(3).0 - 1));
    assert_eq!(early, Err(TokenAdminError::EpochNotFinished));
}

#[test]
fn a_late_epoch_allows_more_until_it_begins() {
    let mut admin = admin();
    let late = Timestamp(years(1).0 + 100);
    let before = admin.available_supply(late).unwrap();
    admin.update_mining_parameters(late).unwrap();
    let after = admin.available_supply(late).unwrap();
    let gained = before.0 - after.0;
    assert_eq!(gained, (INITIAL_RATE - admin.rate) * U256::from(100));
}

#[test]
fn past_epochs_come_out_low() {
    let mut admin = admin();
    let whole = admin.mintable_in_timeframe(years(0), years(1)).unwrap();
    assert_eq!(whole.0, INITIAL_RATE * U256::from(RATE_REDUCTION_TIME));
    admin.update_mining_parameters(years(1)).unwrap();
    let low = admin.mintable_in_timeframe(years(0), Timestamp(years(1).0 - 1)).unwrap();
    let missing = INITIAL_RATE * U256::from(RATE_REDUCTION_TIME - 1) - low.0;
    // The rate comes back as 239748677248677247.
    assert_eq!(missing, U256::from(RATE_REDUCTION_TIME - 1));
    let before = admin.mintable_in_timeframe(Timestamp(START - 1), years(1));
    assert_eq!(before, Err(TokenAdminError::BeforeEmission));
    let late = admin.mintable_in_timeframe(years(1), Timestamp(years(3).0 + 1));
    assert_eq!(late, Err(TokenAdminError::TooFarInFuture));
}

#[test]
fn nobody_mints_ahead_of_the_schedule() {
    let mut admin = admin();
    let at = Timestamp(START + 10);
    let due = Amount(INITIAL_RATE * U256::from(10));
    let more = Amount(due.0 + U256::ONE);
    let refused = admin.mint(more, Amount::ZERO, at);
    assert_eq!(refused, Err(TokenAdminError::ExceedsAvailableSupply));
    assert_eq!(admin.mint(due, Amount::ZERO, at), Ok(()));
    assert_eq!(admin.mint(Amount::from_u64(1), due, at), refused);
}
