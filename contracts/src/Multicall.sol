// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity =0.7.6;
pragma abicoder v2;

/// The one function of Multicall3 that is used, for a node where the real one is not deployed:
/// tests put it at the address that every chain has that at.
contract Multicall {
    struct Call3 {
        address target;
        bool allowFailure;
        bytes callData;
    }

    struct Result {
        bool success;
        bytes returnData;
    }

    function aggregate3(Call3[] calldata calls) external payable returns (Result[] memory results) {
        results = new Result[](calls.length);
        for (uint256 i = 0; i < calls.length; i++) {
            (results[i].success, results[i].returnData) = calls[i].target.call(calls[i].callData);
            require(results[i].success || calls[i].allowFailure, "Multicall3: call failed");
        }
    }
}
