use crate::import::{ImportError, Layout};

/// A layout that is known by a name.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// Its name.
    pub name: &'static str,
    /// What it reads, in a line.
    pub reads: &'static str,
    /// The layout, as JSON.
    pub json: &'static str,
}

/// The layouts that are known by a name.
pub const PRESETS: [Preset; 17] = [
    Preset {
        name: "binance-1h",
        reads: "hourly candles with open_time_utc; --set symbol=ETHUSDT",
        json: r#"{"into": "candles/source=binance/symbol={symbol}/interval=1h",
            "columns": {"open_time": "open_time_utc", "open": "open", "high": "high",
                "low": "low", "close": "close", "volume": "volume"}}"#,
    },
    Preset {
        name: "binance-1h-trades",
        reads: "hourly candles with open_time and number_of_trades; --set symbol=ETHUSDT",
        json: r#"{"into": "candles/source=binance/symbol={symbol}/interval=1h",
            "columns": {"open_time": "open_time", "open": "open", "high": "high", "low": "low",
                "close": "close", "volume": "volume", "trades": "number_of_trades"}}"#,
    },
    Preset {
        name: "binance-minutes",
        reads: "candles with timestamp; --set symbol=ETHUSDT --set interval=1m",
        json: r#"{"into": "candles/source=binance/symbol={symbol}/interval={interval}",
            "columns": {"open_time": "timestamp", "open": "open", "high": "high", "low": "low",
                "close": "close", "volume": "volume"}}"#,
    },
    Preset {
        name: "binance-perpetual-1h",
        reads: "hourly candles of perpetuals with timestamp, coin, o, h, l, c, v",
        json: r#"{"into": "candles/source=binance-perpetual/symbol={coin}/interval=1h",
            "columns": {"open_time": "timestamp", "open": "o", "high": "h", "low": "l",
                "close": "c", "volume": "v"}}"#,
    },
    Preset {
        name: "coinbase-5m",
        reads: "5-minute candles as TradingView exports them; --set symbol=WETHUSD",
        json: r#"{"into": "candles/source=coinbase/symbol={symbol}/interval=5m",
            "delimiter": ";", "numbers": "float",
            "columns": {"open_time": "time", "open": "open", "high": "high", "low": "low",
                "close": "close", "volume": "Volume"}}"#,
    },
    Preset {
        name: "funding-venues",
        reads: "funding of several venues with timestamp, venue, coin, funding_rate",
        json: r#"{"into": "funding/source={venue}/symbol={coin}", "numbers": "float",
            "columns": {"time": "timestamp", "rate": "funding_rate"}}"#,
    },
    Preset {
        name: "funding-hyperliquid",
        reads: "hourly funding with mark price; --set symbol=BTC",
        json: r#"{"into": "funding/source=hyperliquid-log/symbol={symbol}", "numbers": "float",
            "every": "1h", "columns": {"time": "timestamp", "rate": "funding_rate_hourly",
                "mark_price": "mark_price"}}"#,
    },
    Preset {
        name: "funding-daily",
        reads: "daily means of Binance's 8-hour BTC funding: two series",
        json: r#"{"into": "series/source=binance/name=btc_{name}", "numbers": "float",
            "every": "1d", "published": {"after": "1d"}, "columns": {"time": "date"},
            "values": {
                "funding_mean": {"column": "funding_mean", "unit": "share per 8 hours"},
                "funding_abs": {"column": "funding_abs", "unit": "share per 8 hours"}
            }}"#,
    },
    Preset {
        name: "dvol",
        reads: "hourly implied volatility with timestamp, iv_dvol, iv_uniswap: two series",
        json: r#"{"into": "series/source=deribit/name=eth_{name}", "numbers": "float",
            "every": "1h", "columns": {"time": "timestamp"},
            "values": {"dvol": {"column": "iv_dvol", "unit": "percent a year"},
                "uniswap_iv": {"column": "iv_uniswap", "unit": "percent a year"}}}"#,
    },
    Preset {
        name: "univ3-daily",
        reads: "poolDayDatas of a subgraph: eight series; --set pool=weth-usdt-500",
        json: r#"{"into": "series/source=univ3-subgraph/name={pool}.{name}", "time": "seconds",
            "numbers": "float", "every": "1d", "published": {"after": "1d"}, "unfit": "gap",
            "columns": {"time": "date"},
            "values": {
                "open": {"column": "open", "unit": "token0 per token1"},
                "high": {"column": "high", "unit": "token0 per token1"},
                "low": {"column": "low", "unit": "token0 per token1"},
                "close": {"column": "close", "unit": "token0 per token1"},
                "token0_price": {"column": "token0Price", "unit": "token0 per token1"},
                "token1_price": {"column": "token1Price", "unit": "token1 per token0"},
                "volume_usd": {"column": "volumeUSD", "unit": "USD a day"},
                "tvl_usd": {"column": "tvlUSD", "unit": "USD"}
            }}"#,
    },
    Preset {
        name: "bridge-costs",
        reads: "costs of single deposits, by bridge: two series",
        json: r#"{"into": "series/source=bridge-deposits/name={name}", "time": "seconds",
            "numbers": "float", "item": ["bridge"], "number_repeats": true,
            "columns": {"time": "unix_time"},
            "values": {"fee_eth": {"column": "tx_fee_eth", "unit": "ETH"},
                "eth_usd": {"column": "eth_usd", "unit": "USD per ETH"}}}"#,
    },
    Preset {
        name: "stakedao-bribes",
        reads: "weekly vote incentives by protocol, gauge and token: three series",
        json: r#"{"into": "series/source=stakedao/name={name}", "time": "seconds",
            "numbers": "float", "item": ["protocol", "gauge_address", "reward_token"],
            "number_repeats": true, "unfit": "gap", "columns": {"time": "epoch_unix"},
            "values": {
                "reward_amount": {"column": "reward_amount", "unit": "reward token"},
                "reward_sd_value": {"column": "reward_sd_value", "unit": "sd-token"},
                "share": {"column": "share_pct_of_protocol", "unit": "percent of protocol"}
            }}"#,
    },
    Preset {
        name: "gas-price-gwei",
        reads: "gas prices by block number, without times; --set source=swap-blocks",
        json: r#"{"into": "blocks/chain=1/source={source}", "gas_unit": "gwei",
            "columns": {"number": "block_number", "gas_price": "gas_price_gwei"}}"#,
    },
    Preset {
        name: "gas-block-stats",
        reads: "blocks with time, gas used and median gas price; --set source=block-stats",
        json: r#"{"into": "blocks/chain=1/source={source}",
            "columns": {"number": "block_number", "time": "block_time_utc",
                "gas_used": "gas_used", "gas_price": "gas_price_median_wei"}}"#,
    },
    Preset {
        name: "demeter-polygon-minutes",
        reads: "minutes of the Polygon USDC.e/WETH 0.05% pool as demeter writes them",
        json: r#"{"into":
            "pool_bars/chain=137/pool=0x45dda9cb7c25131df268515131f647d726f50608/interval=1m",
            "columns": {"open_time": "timestamp", "open": "openTick", "high": "highestTick",
                "low": "lowestTick", "close": "closeTick", "net0": "netAmount0",
                "net1": "netAmount1", "in0": "inAmount0", "in1": "inAmount1",
                "liquidity": "currentLiquidity"}}"#,
    },
    Preset {
        name: "arbitrum-weth-usdc-500",
        reads: "events of the Arbitrum WETH/USDC 0.05% pool, swaps, mints and burns",
        json: r#"{"into": "pool_events/chain={chain}/pool={pool}", "time": "seconds",
            "columns": {"block": "block_number", "log_index": "log_index", "time": "unix_time",
                "kind": "kind", "amount0": "amount0", "amount1": "amount1",
                "sqrt_price_after": "sqrt_price_x96_after", "liquidity_after": "liquidity_after",
                "tick_after": "tick_after", "tick_lower": "tick_lower",
                "tick_upper": "tick_upper", "liquidity": "liquidity"},
            "kinds": {"Swap": "swap", "Mint": "mint", "Burn": "burn"},
            "owner_when": {"column": "via_nft_manager", "is": "1",
                "owner": "0xc36442b4a4522e871399cd717abdd847ab11fe88"},
            "pool": {"chain_id": 42161, "pool": "0xc6962004f452be9203591991d15f6b388e09e8d0",
                "kind": "uniswap_v3",
                "token0": {"symbol": "WETH", "decimals": 18,
                    "address": "0x82af49447d8a07e3bd95bd0d56f35241523fbab1"},
                "token1": {"symbol": "USDC", "decimals": 6,
                    "address": "0xaf88d065e77c8cc2239327c5edb3a432268e5831"},
                "fee_pips": 500, "tick_spacing": 10, "tick_map": "unknown",
                "fee_protocol0": 0, "fee_protocol1": 0}}"#,
    },
    Preset {
        name: "pool-states",
        reads: "answers of a pool's contract by block; --set chain=42161 --set pool=0x…",
        json: r#"{"into": "pool_states/chain={chain}/pool={pool}", "time": "seconds",
            "columns": {"block": "block_number", "time": "unix_time", "sqrt_price":
                "sqrt_price_x96",
                "tick": "tick", "liquidity": "liquidity", "fee_growth0": "fee_growth_global0_x128",
                "fee_growth1": "fee_growth_global1_x128"}}"#,
    },
];

impl Preset {
    /// Returns the layout of a name.
    ///
    /// # Errors
    ///
    /// [`ImportError::Layout`] for another name; it tells those there are.
    pub fn layout(name: &str) -> Result<Layout, ImportError> {
        let Some(preset) = PRESETS.iter().find(|preset| preset.name == name) else {
            let names: Vec<_> = PRESETS.iter().map(|preset| preset.name).collect();
            let fault = format!("is no known layout; there are {}", names.join(", "));
            return Err(ImportError::Layout { place: name.chars().take(80).collect(), fault });
        };
        Layout::read(name, preset.json)
    }
}
