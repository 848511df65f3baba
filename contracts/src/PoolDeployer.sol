// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity =0.7.6;

/// Creates a PancakeSwap v3 pool, whose constructor asks its creator for its parameters. The
/// package has no bytecode of the real deployer. Whoever calls this is the pool's factory.
contract PoolDeployer {
    struct Parameters {
        address factory;
        address token0;
        address token1;
        uint24 fee;
        int24 tickSpacing;
    }

    Parameters public parameters;

    function deploy(address token0, address token1, uint24 fee, int24 spacing, bytes memory code)
        external
        returns (address pool)
    {
        parameters = Parameters(msg.sender, token0, token1, fee, spacing);
        assembly {
            pool := create(0, add(code, 32), mload(code))
        }
        require(pool != address(0), "no pool");
    }
}
