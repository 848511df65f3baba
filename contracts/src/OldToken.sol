// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity =0.7.6;

/// What tokens of 2017 answer: name and symbol as 32 bytes, as Maker's do. It has nothing else of a
/// token.
contract OldToken {
    bytes32 public constant name = "Maker";
    bytes32 public constant symbol = "MKR";
    uint256 public constant decimals = 18;
}
