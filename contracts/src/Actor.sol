// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity =0.7.6;
pragma abicoder v2;

interface IToken {
    function mint(address to, uint256 amount) external;
}

/// A trader and liquidity provider. Calls to a pool are made from its address; what the pool then
/// asks for it pays as the call's own data says: all of it, more, or too little.
contract Actor {
    /// How a callback pays: by the pool's own figure changed by `adjust` (never below zero).
    struct Payment {
        address token0;
        address token1;
        int256 adjust0;
        int256 adjust1;
    }

    /// How a v2 flash callback pays; `call` is made to the pair first, unless it is empty.
    struct PairPayment {
        address token0;
        address token1;
        uint256 amount0;
        uint256 amount1;
        bytes call;
    }

    function uniswapV3MintCallback(uint256 owed0, uint256 owed1, bytes calldata data) external {
        pay(owed0, owed1, abi.decode(data, (Payment)));
    }

    function uniswapV3SwapCallback(int256 delta0, int256 delta1, bytes calldata data) external {
        pay(
            delta0 > 0 ? uint256(delta0) : 0,
            delta1 > 0 ? uint256(delta1) : 0,
            abi.decode(data, (Payment))
        );
    }

    /// The loan itself is paid back through `adjust`, which the caller sets to it.
    function uniswapV3FlashCallback(uint256 fee0, uint256 fee1, bytes calldata data) external {
        pay(fee0, fee1, abi.decode(data, (Payment)));
    }

    function uniswapV2Call(address, uint256, uint256, bytes calldata data) external {
        PairPayment memory payment = abi.decode(data, (PairPayment));
        if (payment.call.length > 0) {
            bubble(msg.sender, payment.call);
        }
        give(payment.token0, payment.amount0);
        give(payment.token1, payment.amount1);
    }

    function pay(uint256 owed0, uint256 owed1, Payment memory payment) internal {
        give(payment.token0, adjusted(owed0, payment.adjust0));
        give(payment.token1, adjusted(owed1, payment.adjust1));
    }

    function give(address token, uint256 amount) private {
        if (amount > 0) {
            IToken(token).mint(msg.sender, amount);
        }
    }

    function adjusted(uint256 owed, int256 adjust) private pure returns (uint256) {
        if (adjust >= 0) {
            uint256 more = owed + uint256(adjust);
            return more >= owed ? more : type(uint256).max;
        }
        uint256 less = uint256(-adjust);
        return owed > less ? owed - less : 0;
    }

    function bubble(address target, bytes memory data) private {
        (bool ok, bytes memory answer) = target.call(data);
        if (!ok) {
            assembly {
                revert(add(answer, 32), mload(answer))
            }
        }
    }
}
