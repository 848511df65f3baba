use alloy_primitives::Bytes;
use tidemill_model::Address;
use tidemill_testkit::Random;
use tidemill_units::U256;

use super::{ContractCall, int_word};

fn words(words: &[U256]) -> super::Words {
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes::<32>()).collect();
    ContractCall::new(Address([7; 20]), "told()", &[]).answered(bytes.into())
}

#[test]
fn a_call_is_its_selector_and_its_words() {
    let call = ContractCall::new(Address([7; 20]), "ticks(int24)", &[int_word(-60)]);
    let mut data = vec![0xf3, 0x0d, 0xba, 0x93];
    data.extend_from_slice(&[0xff; 31]);
    data.push(0xc4);
    assert_eq!(call.data, Bytes::from(data));
}

#[test]
fn values_outside_their_types_are_refused() {
    let one = |word| words(&[word]);
    assert_eq!(one(int_word(i32::MIN)).signed(0, "any").unwrap(), i32::MIN);
    assert_eq!(one(int_word(i32::MAX)).signed(0, "any").unwrap(), i32::MAX);
    let below = int_word(i32::MIN).wrapping_sub(U256::ONE);
    assert!(one(below).signed(0, "32 bits").is_err());
    assert_eq!(one(below).wide_signed(0, "any").unwrap(), i128::from(i32::MIN) - 1);
    let lowest = U256::ONE << 127_usize;
    assert_eq!(one(lowest.wrapping_neg()).wide_signed(0, "any").unwrap(), i128::MIN);
    assert!(one(lowest).wide_signed(0, "128 bits").is_err());
    assert!(one(U256::from(2)).flag(0).is_err());
    assert!(one(U256::ONE << 160_usize).address(0).is_err());
    let error = one(U256::ONE).word(1).unwrap_err().to_string();
    let contract = "0x0707070707070707070707070707070707070707";
    assert_eq!(error, format!("{contract} answered told() with 32 bytes; allowed are 64 or more"));
}

#[test]
fn lists_are_read_and_bounded() {
    let [place, two, a, b] = [32, 2, 5, 6].map(U256::from);
    let told = words(&[place, two, a, b]);
    assert_eq!(told.list(0, 8).unwrap(), [a, b]);
    assert!(told.list(0, 1).is_err(), "longer than the contract makes it");
    assert!(words(&[place, two, a]).list(0, 8).is_err(), "cut off");
    assert!(words(&[U256::MAX, two, a]).list(0, 8).is_err(), "a place beyond the answer");
    assert!(words(&[place, U256::MAX]).list(0, usize::MAX).is_err(), "a length beyond it");
}

#[test]
fn no_answer_panics() {
    let mut random = Random::new(0xab1);
    for _ in 0..5_000 {
        let count = random.below(6);
        let told: Vec<U256> = (0..count).map(|_| random.wide(256) >> random.below(250)).collect();
        let told = words(&told);
        for index in [0, 1, 5, usize::MAX] {
            let _ = (told.list(index, usize::MAX), told.text(index), told.flag(index));
            let _ = (told.address(index), told.signed(index, ""), told.wide_signed(index, ""));
        }
    }
}
