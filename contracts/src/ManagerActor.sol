// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity =0.7.6;
pragma abicoder v2;

interface IManager {
    function unlock(bytes calldata data) external returns (bytes memory);
    function sync(address currency) external;
    function settle() external payable returns (uint256);
    function take(address currency, address to, uint256 amount) external;
}

interface IMintable {
    function mint(address to, uint256 amount) external;
}

/// Trades at Uniswap v4's pool manager: makes one call while it is unlocked, pays with new tokens
/// what it then owes, takes what it is owed, and answers what the call answered.
contract ManagerActor {
    int256 private constant MOST = type(int128).max;

    function run(address manager, address[2] calldata tokens, bytes calldata call) external {
        bytes memory answer = IManager(manager).unlock(abi.encode(tokens, call));
        assembly {
            return(add(answer, 32), mload(answer))
        }
    }

    function unlockCallback(bytes calldata data) external returns (bytes memory) {
        (address[2] memory tokens, bytes memory call) = abi.decode(data, (address[2], bytes));
        (bool ok, bytes memory answer) = msg.sender.call(call);
        if (!ok) {
            assembly {
                revert(add(answer, 32), mload(answer))
            }
        }
        // The first word of every answer is what the caller owes (negative) and is owed, 128 bits
        // each.
        int256 delta = abi.decode(answer, (int256));
        balance(tokens[0], delta >> 128);
        balance(tokens[1], int128(delta));
        return answer;
    }

    /// Pays in parts, since the manager books at most 2^127 - 1 at once.
    function balance(address token, int256 delta) private {
        while (delta < 0) {
            int256 part = delta < -MOST ? MOST : -delta;
            IManager(msg.sender).sync(token);
            IMintable(token).mint(msg.sender, uint256(part));
            IManager(msg.sender).settle();
            delta += part;
        }
        if (delta > 0) {
            IManager(msg.sender).take(token, address(this), uint256(delta));
        }
    }
}
