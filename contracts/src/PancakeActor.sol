// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity =0.7.6;
pragma abicoder v2;

import "./Actor.sol";

/// An actor under the names that PancakeSwap's v3 pool calls back.
contract PancakeActor is Actor {
    function pancakeV3MintCallback(uint256 owed0, uint256 owed1, bytes calldata data) external {
        pay(owed0, owed1, abi.decode(data, (Payment)));
    }

    function pancakeV3SwapCallback(int256 delta0, int256 delta1, bytes calldata data) external {
        pay(
            delta0 > 0 ? uint256(delta0) : 0,
            delta1 > 0 ? uint256(delta1) : 0,
            abi.decode(data, (Payment))
        );
    }

    function pancakeV3FlashCallback(uint256 fee0, uint256 fee1, bytes calldata data) external {
        pay(fee0, fee1, abi.decode(data, (Payment)));
    }
}
