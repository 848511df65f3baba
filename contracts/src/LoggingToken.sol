// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity =0.7.6;

/// The token of Token.sol, which also logs what it moves: for tests that read logs as a node tells
/// them. It is a contract of its own because the logs cost gas, which other tests state.
contract LoggingToken {
    mapping(address => uint256) public balanceOf;

    event Transfer(address indexed from, address indexed to, uint256 value);

    function mint(address to, uint256 amount) external {
        uint256 balance = balanceOf[to] + amount;
        require(balance >= amount, "balance overflow");
        balanceOf[to] = balance;
        emit Transfer(address(0), to, amount);
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        move(msg.sender, to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        move(from, to, amount);
        return true;
    }

    /// Wraps at 2^256 as the other does.
    function move(address from, address to, uint256 amount) private {
        uint256 balance = balanceOf[from];
        require(balance >= amount, "balance too low");
        balanceOf[from] = balance - amount;
        balanceOf[to] += amount;
        emit Transfer(from, to, amount);
    }
}
