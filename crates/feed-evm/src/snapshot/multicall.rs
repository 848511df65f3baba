//! Multicall3, which most chains have at one address: many calls in one.

use alloy_primitives::{Bytes, U256};
use alloy_sol_types::SolCall;
use tidemill_model::Address;

use super::abi::ContractCall;

/// Where Multicall3 stands on every chain that has it (`mds1/multicall3`, deployments).
pub const MULTICALL3: Address = Address([
    0xca, 0x11, 0xbd, 0xe0, 0x59, 0x77, 0xb3, 0x63, 0x11, 0x67, 0x02, 0x88, 0x62, 0xbe, 0x2a, 0x17,
    0x39, 0x76, 0xca, 0x11,
]);

/// The most calls that go into one: at 5,000 gas for a cold read and a few words each, well below
/// what nodes allow a call.
pub(super) const MOST_CALLS: usize = 250;

mod functions {
    #![allow(missing_docs, reason = "the macro takes no docs, and the contract has them")]
    alloy_sol_types::sol! {
        struct Call3 { address target; bool allowFailure; bytes callData; }
        struct Result3 { bool success; bytes returnData; }
        function aggregate3(Call3[] calls) returns (Result3[] returnData);
    }
}

use functions::{Call3, aggregate3Call};

/// Returns the data of one call that makes all of these; any may fail by itself.
pub(super) fn pack(calls: &[ContractCall]) -> Bytes {
    let call = |call: &ContractCall| Call3 {
        target: alloy_primitives::Address::new(call.contract.0),
        allowFailure: true,
        callData: call.data.clone(),
    };
    aggregate3Call { calls: calls.iter().map(call).collect() }.abi_encode().into()
}

/// Returns what each of the calls gave back, or in which words it failed; `None` where the answer
/// is not one to so many calls.
pub(super) fn unpack(bytes: &[u8], count: usize) -> Option<Vec<Result<Bytes, String>>> {
    let results = aggregate3Call::abi_decode_returns_validate(bytes).ok()?;
    (results.len() == count).then(|| {
        let one = |result: functions::Result3| match result.success {
            true => Ok(result.returnData),
            false => Err(reason(&result.returnData)),
        };
        results.into_iter().map(one).collect()
    })
}

/// The reason that `require` gives, or the bytes as they are.
fn reason(data: &Bytes) -> String {
    let text = data.strip_prefix(&[0x08, 0xc3, 0x79, 0xa0]).and_then(|data| {
        let length = usize::try_from(U256::try_from_be_slice(data.get(32..64)?)?).ok()?;
        String::from_utf8(data.get(64..64_usize.checked_add(length)?)?.to_vec()).ok()
    });
    text.unwrap_or_else(|| format!("execution reverted: {data}"))
}
