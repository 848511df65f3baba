use tidemill_model::Address;
use tidemill_units::U256;

use super::{Beside, StorageWords};
use crate::snapshot::SnapshotError;

const ANY: Beside = Beside::UpTo(U256::MAX);

fn told(value: u64) -> Beside {
    Beside::Told(U256::from(value))
}

fn find(words: &[u64], neighbours: &[Beside]) -> Result<Vec<u64>, SnapshotError> {
    let words = words.iter().copied().map(U256::from).collect();
    let words = StorageWords { contract: Address([7; 20]), words };
    let found = words.find("a price", neighbours)?;
    Ok(found.into_iter().map(|word| word.to()).collect())
}

#[test]
fn a_variable_is_found_between_its_neighbours() {
    let words = [0, 0, 5, 70, 6, 9, 5, 71, 8];
    assert_eq!(find(&words, &[told(5), ANY, told(6)]), Ok(vec![5, 70, 6]));
    assert_eq!(find(&words, &[told(9), told(5), ANY]), Ok(vec![9, 5, 71]));
    let flag = Beside::UpTo(U256::ONE);
    assert_eq!(find(&words, &[flag, told(5), ANY]), Ok(vec![0, 5, 70]));
}

#[test]
fn what_stands_nowhere_or_in_two_places_is_refused() {
    let words = [5, 70, 6, 5, 71, 6];
    let refused = Err(SnapshotError::Untold { contract: Address([7; 20]), what: "a price" });
    assert_eq!(find(&words, &[told(5), ANY, told(6)]), refused);
    assert_eq!(find(&words, &[told(5), ANY, told(7)]), refused);
    assert_eq!(find(&words, &[told(71), told(6), ANY]), refused, "the storage ends");
    // The same twice is no question.
    assert_eq!(find(&[5, 70, 6, 5, 70, 6], &[told(5), ANY, told(6)]), Ok(vec![5, 70, 6]));
}
