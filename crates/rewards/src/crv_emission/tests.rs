use super::*;

const NOW: Timestamp = Timestamp(1_597_270_572);
const FIRST: u64 = NOW.0 + DELAY;

fn deployed() -> CrvEmission {
    let supply = Amount::from_u128(1_303_030_303_000_000_000_000_000_000);
    CrvEmission::deployed(supply, NOW).unwrap()
}

#[test]
fn q406_first_rate_and_final_supply() {
    let mut token = deployed();
    token.update_mining_parameters(Timestamp(FIRST)).unwrap();
    assert_eq!(token.rate, U256::from(8_714_335_457_889_396_245_u64));
    let mut year = 0;
    while !token.rate.is_zero() && year < 300 {
        year += 1;
        token.update_mining_parameters(Timestamp(FIRST + year * EPOCH)).unwrap();
    }
    let cents = token.start_epoch_supply / U256::from(10_000_000_000_000_000_u64);
    assert_eq!(cents, U256::from(303_030_303_188_u64));
}

#[test]
fn one_call_begins_one_epoch_however_many_have_passed() {
    let mut token = deployed();
    let late = Timestamp(FIRST + 3 * EPOCH);
    assert_eq!(token.future_epoch_time_write(late), Ok(Timestamp(FIRST + EPOCH)));
    assert_eq!(token.mining_epoch, 0);
    assert_eq!(token.future_epoch_time_write(late), Ok(Timestamp(FIRST + 2 * EPOCH)));
    assert_eq!(token.update_mining_parameters(late), Ok(()));
    assert_eq!(token.update_mining_parameters(late), Ok(()));
    assert_eq!(token.update_mining_parameters(late), Err(CrvEmissionError::TooSoon));
}

#[test]
fn a_period_before_the_first_epoch_is_refused() {
    let mut token = deployed();
    token.update_mining_parameters(Timestamp(FIRST)).unwrap();
    let before = token.mintable_in_timeframe(Timestamp(FIRST - 1), Timestamp(FIRST + 1));
    assert_eq!(before, Err(CrvEmissionError::BeforeFirstEpoch));
    let second = token.mintable_in_timeframe(Timestamp(FIRST), Timestamp(FIRST + 1));
    assert_eq!(second, Ok(Amount::from_u64(INITIAL_RATE)));
}

#[test]
fn burned_tokens_can_be_minted_again() {
    let mut token = deployed();
    token.update_mining_parameters(Timestamp(FIRST)).unwrap();
    let refused = token.mint(Amount::from_u64(1), Timestamp(FIRST));
    assert_eq!(refused, Err(CrvEmissionError::AboveAvailable));
    token.burn(Amount::from_u64(1)).unwrap();
    assert_eq!(token.mint(Amount::from_u64(1), Timestamp(FIRST)), Ok(()));
}

#[test]
fn states_that_no_token_can_have_are_refused() {
    let token = deployed();
    assert_eq!(token.checked(), Ok(token));
    let refused = |token: CrvEmission| token.checked().map_err(|error| error.field.name);
    assert_eq!(refused(CrvEmission { mining_epoch: -2, ..token }), Err("mining_epoch"));
    assert_eq!(refused(CrvEmission { rate: U256::ONE, ..token }), Err("rate"));
    let rate = U256::from(INITIAL_RATE + 1);
    assert_eq!(refused(CrvEmission { mining_epoch: 3, rate, ..token }), Err("rate"));
}
