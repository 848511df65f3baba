//! What the worlds of both pools are made of.

use revm::primitives::{Address, keccak256};
use tidemill_units::U256;

use crate::{Artifacts, Call, Evm, OracleError, Revert, address_word};

/// An amount of each of a pool's two tokens, as plain words.
pub type Words2 = [U256; 2];

/// The address that sets the world up and owns the factories.
pub(crate) const ADMIN: Address = Address::repeat_byte(0xad);

/// Slot of the mapping `balanceOf`, in `Token.sol`.
const BALANCES: u64 = 0;

/// Returns the slot of a mapping's value, as solc lays it out: keccak256(key . slot).
pub fn mapping_slot(key: U256, slot: u64) -> U256 {
    let mut preimage = [0; 64];
    preimage[..32].copy_from_slice(&key.to_be_bytes::<32>());
    preimage[32..].copy_from_slice(&U256::from(slot).to_be_bytes::<32>());
    keccak256(preimage).into()
}

/// Returns the address in the low 160 bits of a word.
pub(crate) fn word_address(word: U256) -> Address {
    Address::from_slice(&word.to_be_bytes::<32>()[12..])
}

/// Deploys two tokens and returns them by address, the order in which every pool keeps them.
pub(crate) fn deploy_tokens(
    evm: &mut Evm,
    artifacts: &Artifacts,
) -> Result<[Address; 2], OracleError> {
    let mut tokens =
        [evm.deploy(ADMIN, artifacts.token.clone())?, evm.deploy(ADMIN, artifacts.token.clone())?];
    tokens.sort();
    Ok(tokens)
}

/// Deploys actors.
pub(crate) fn deploy_actors(
    evm: &mut Evm,
    artifacts: &Artifacts,
    count: usize,
) -> Result<Vec<Address>, OracleError> {
    (0..count).map(|_| evm.deploy(ADMIN, artifacts.actor.clone())).collect()
}

/// Makes tokens for an account; stops at the first that would pass 2^256 - 1.
pub(crate) fn give(
    evm: &mut Evm,
    tokens: [Address; 2],
    to: Address,
    amounts: Words2,
) -> Result<Result<(), Revert>, OracleError> {
    for (token, amount) in tokens.into_iter().zip(amounts) {
        let call = Call::new("mint(address,uint256)", 2).address(to).word(amount);
        if let Err(revert) = evm.send(ADMIN, token, call)?.result {
            return Ok(Err(revert));
        }
    }
    Ok(Ok(()))
}

/// Returns what an account holds of both tokens, read from their storage.
pub(crate) fn holdings(evm: &Evm, tokens: [Address; 2], account: Address) -> Words2 {
    let slot = mapping_slot(address_word(account), BALANCES);
    tokens.map(|token| evm.storage(token, slot))
}
