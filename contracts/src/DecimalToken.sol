// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity =0.7.6;

import "Token.sol";

/// The token, with the decimals that Balancer's pools ask for, and a rate for when it is taken for
/// a rate provider.
contract DecimalToken is Token {
    uint256 public immutable decimals;
    uint256 public getRate = 1e18;

    constructor(uint256 decimals_) {
        decimals = decimals_;
    }

    function setRate(uint256 rate) external {
        getRate = rate;
    }
}
