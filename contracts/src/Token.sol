// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity =0.7.6;

/// The smallest token the pools accept. Anyone mints, nobody needs an allowance, and there is no
/// supply: what a test pays in it makes, so amounts may come as close to 2^256 as it likes.
contract Token {
    mapping(address => uint256) public balanceOf;

    /// Makes tokens. Reverts where the holder would pass 2^256 - 1, as no real supply lets it.
    function mint(address to, uint256 amount) external {
        uint256 balance = balanceOf[to] + amount;
        require(balance >= amount, "balance overflow");
        balanceOf[to] = balance;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        move(msg.sender, to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        move(from, to, amount);
        return true;
    }

    /// What a receiver already had wraps at 2^256: with no supply, a receiver of many huge
    /// payments would otherwise fail where a holder of a real token cannot.
    function move(address from, address to, uint256 amount) private {
        uint256 balance = balanceOf[from];
        require(balance >= amount, "balance too low");
        balanceOf[from] = balance - amount;
        balanceOf[to] += amount;
    }
}
