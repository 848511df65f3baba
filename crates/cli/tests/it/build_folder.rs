//! A tape of one of Uniswap v3's kin as a folder for the importer.

use std::fs;
use std::path::Path;

use tidemill_model::{BuildEvent, PoolBuild, PoolEvent, RecordedAfter, Tape, TapeEvent};
use tidemill_units::{SignedAmounts, TickRange};

const HEADER: [&str; 18] = [
    "kind",
    "time_utc",
    "block",
    "log_index",
    "amount0",
    "amount1",
    "sqrt_price_x96_after",
    "liquidity_after",
    "tick_after",
    "liquidity",
    "tick_lower",
    "tick_upper",
    "owner",
    "gas_used",
    "gas_price_wei",
    "salt",
    "fee_pips",
    "protocol_fee0",
];

/// Writes a tape from creation as `pool.json` and `events.csv`.
pub(crate) fn write_folder(tape: &Tape, path: &Path) {
    let rows: Vec<String> = tape.events.iter().map(row).collect();
    fs::create_dir_all(path).unwrap();
    fs::write(path.join("pool.json"), description(tape)).unwrap();
    let header = HEADER.join(",") + ",protocol_fee1";
    fs::write(path.join("events.csv"), format!("{header}\n{}\n", rows.join("\n"))).unwrap();
}

fn description(tape: &Tape) -> String {
    let header = &tape.header;
    let own = match header.build {
        PoolBuild::UniswapV3 | PoolBuild::PancakeV3 { .. } => String::new(),
        PoolBuild::Slipstream { unstaked_fee, gauge, position_manager, .. } => format!(
            ", \"unstaked_fee_pips\": {}, \"gauge\": \"{gauge}\", \
             \"position_manager\": \"{position_manager}\"",
            unstaked_fee.0
        ),
        PoolBuild::UniswapV4 { pool_id, .. } => format!(", \"pool_id\": \"{pool_id}\""),
    };
    let token = |token: &tidemill_model::Token| {
        format!("{{\"symbol\": \"{}\", \"decimals\": {}}}", token.symbol, token.decimals)
    };
    format!(
        "{{\"chain_id\": {}, \"pool\": \"{}\", \"kind\": \"{}\", \"token0\": {}, \"token1\": {}, \
         \"fee_pips\": {}, \"tick_spacing\": {}{own}}}",
        header.chain_id,
        header.pool,
        header.build.name(),
        token(&header.token0),
        token(&header.token1),
        header.fee.0,
        header.tick_spacing,
    )
}

/// A row by the names of its columns.
struct Row(Vec<(&'static str, String)>);

impl Row {
    fn put(mut self, column: &'static str, value: impl std::fmt::Display) -> Self {
        self.0.push((column, format!("{value}")));
        self
    }

    fn both(self, amounts: [impl std::fmt::Display; 2]) -> Self {
        let [amount0, amount1] = amounts;
        self.put("amount0", amount0).put("amount1", amount1)
    }

    fn signed(self, amounts: SignedAmounts) -> Self {
        self.both([amounts.amount0, amounts.amount1])
    }

    fn amounts(self, amounts: tidemill_units::Amounts) -> Self {
        self.both([amounts.amount0, amounts.amount1])
    }

    fn range(self, range: TickRange) -> Self {
        self.put("tick_lower", range.lower).put("tick_upper", range.upper)
    }

    fn after(self, after: RecordedAfter) -> Self {
        self.put("sqrt_price_x96_after", after.sqrt_price.unwrap())
            .put("liquidity_after", after.liquidity.unwrap())
            .put("tick_after", after.tick.unwrap())
    }

    fn text(&self) -> String {
        let of = |column: &str| {
            let found = self.0.iter().find(|(name, _)| *name == column);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        HEADER.into_iter().chain(["protocol_fee1"]).map(of).collect::<Vec<_>>().join(",")
    }
}

fn row(recorded: &TapeEvent) -> String {
    let time = jiff::Timestamp::from_second(i64::try_from(recorded.time.0).unwrap()).unwrap();
    let row = Row(Vec::new())
        .put("kind", recorded.event.kind())
        .put("time_utc", time.strftime("%Y-%m-%d %H:%M:%S"))
        .put("block", recorded.block)
        .put("log_index", recorded.log_index)
        .put("gas_used", recorded.gas_used.unwrap())
        .put("gas_price_wei", recorded.gas_price.unwrap());
    let row = match &recorded.event {
        PoolEvent::Initialize { sqrt_price, tick } => {
            row.put("sqrt_price_x96_after", sqrt_price).put("tick_after", tick.unwrap())
        }
        PoolEvent::Swap { amounts, after } => row.signed(*amounts).after(*after),
        PoolEvent::Mint { owner, range, liquidity, amounts }
        | PoolEvent::Burn { owner, range, liquidity, amounts } => {
            let row = row.amounts(*amounts).range(*range).put("liquidity", liquidity);
            row.put("owner", owner.unwrap())
        }
        PoolEvent::Collect { owner, range, amounts } => {
            row.amounts(*amounts).range(*range).put("owner", owner.unwrap())
        }
        PoolEvent::Flash { paid } => row.amounts(*paid),
        PoolEvent::Build(event) => build_row(row, event),
        PoolEvent::SetFeeProtocol { .. } | PoolEvent::Shares(_) => panic!("no {recorded:?}"),
    };
    row.text()
}

fn build_row(row: Row, event: &BuildEvent) -> Row {
    match *event {
        BuildEvent::PancakeSwap { amounts, after, protocol_fees } => {
            let [fee0, fee1] = protocol_fees.unwrap();
            let row = row.signed(amounts).after(after);
            row.put("protocol_fee0", fee0).put("protocol_fee1", fee1)
        }
        BuildEvent::SetFeeProtocol(shares) | BuildEvent::ProtocolFeeUpdated(shares) => {
            row.both(shares)
        }
        BuildEvent::CollectProtocol(amounts)
        | BuildEvent::CollectFees(amounts)
        | BuildEvent::Donate(amounts) => row.amounts(amounts),
        BuildEvent::Stake { range, delta, .. } => row.range(range).put("liquidity", delta.0),
        BuildEvent::SetFee(fee) | BuildEvent::SetUnstakedFee(fee) => row.put("fee_pips", fee.0),
        // The log has the swapper's signs.
        BuildEvent::ManagedSwap { amounts, after, fee } => {
            let swappers = [amounts.amount0, amounts.amount1];
            let swappers = swappers.map(|amount| amount.checked_neg().unwrap());
            row.both(swappers).after(after).put("fee_pips", fee.unwrap().0)
        }
        BuildEvent::ModifyLiquidity { owner, range, delta } => {
            let (owner, salt) = owner.unwrap();
            let row = row.range(range).put("liquidity", delta.0);
            row.put("owner", owner).put("salt", salt)
        }
    }
}
