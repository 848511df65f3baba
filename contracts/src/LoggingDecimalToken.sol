// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity =0.7.6;

import "LoggingToken.sol";

/// The token that logs what it moves, with the decimals that Balancer's pools and token lists ask
/// for.
contract LoggingDecimalToken is LoggingToken {
    uint256 public immutable decimals;

    constructor(uint256 decimals_) {
        decimals = decimals_;
    }
}
