//! The recorded Balancer v1 pool DAI/WETH 20/80, from its creation on, as a tape. Tests of several
//! crates take this file in with `#[path]`.

use std::io::Read;

use tidemill_amm::Pool;
use tidemill_amm::balancer_v1::{BPool, BPoolState, BPoolToken, INITIAL_SHARES};
use tidemill_model::{
    ChainId, LiquidityChange, PoolEvent, ShareEvent, SharePoolHeader, TapeEvent, Token,
};
use tidemill_store::ShareTape;
use tidemill_units::{
    Amount, BlockNumber, LogIndex, RelativeTolerance, Timestamp, TokenAmounts, TokenIndex,
    TokenPair, U256,
};

use crate::recorded_data::recorded;

const TOKENS: [&str; 2] = ["DAI", "WETH"];
const FIRST_BLOCK: BlockNumber = BlockNumber(11_405_970);
const WAD: u64 = 1_000_000_000_000_000_000;

/// One line of the file.
struct Row {
    block: BlockNumber,
    log_index: LogIndex,
    time: Timestamp,
    kind: String,
    token_in: Option<TokenIndex>,
    amount_in: Option<Amount>,
    token_out: Option<TokenIndex>,
    amount_out: Option<Amount>,
    source: String,
    destination: String,
    transaction: String,
}

impl Row {
    fn of(line: &str) -> Self {
        let fields: Vec<_> = line.split(',').collect();
        let token = |text: &str| {
            let place = TOKENS.iter().position(|symbol| *symbol == text)?;
            Some(TokenIndex(u8::try_from(place).unwrap()))
        };
        let amount = |text: &str| text.parse().ok();
        let time: jiff::civil::DateTime = fields[2].parse().unwrap();
        let time = time.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp().as_second();
        Self {
            block: BlockNumber(fields[0].parse().unwrap()),
            log_index: LogIndex(fields[1].parse().unwrap()),
            time: Timestamp(u64::try_from(time).unwrap()),
            kind: fields[3].to_owned(),
            token_in: token(fields[4]),
            amount_in: amount(fields[5]),
            token_out: token(fields[6]),
            amount_out: amount(fields[7]),
            source: fields[8].to_owned(),
            destination: fields[9].split('|').nth(1).unwrap_or_default().to_owned(),
            transaction: fields[9].split('|').next().unwrap().to_owned(),
        }
    }
}

fn rows() -> Option<Vec<Row>> {
    let path = recorded("balancer-v1-dai-weth-20-80/events.csv.gz")?;
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    Some(text.lines().skip(1).map(Row::of).collect())
}

fn start() -> Pool {
    let token = |balance: &str, weight: u64| BPoolToken {
        balance: balance.parse().unwrap(),
        held: balance.parse().unwrap(),
        denormalized_weight: U256::from(weight) * U256::from(WAD),
    };
    let state = BPoolState {
        tokens: vec![token("10000000000000000000000000", 10), token("67738636173102396002749", 40)],
        swap_fee: U256::from(WAD / 400),
        is_public_swap: true,
        is_finalized: true,
        total_supply: INITIAL_SHARES,
    };
    Pool::BalancerV1(Box::new(BPool::new(&state).unwrap()))
}

/// A join or exit whose logs are still being read.
struct Change {
    is_join: bool,
    first: usize,
    amounts: TokenAmounts,
    shares: Option<Amount>,
}

/// Puts the logs of each call together: a join logs each token and then its shares, an exit in one
/// token too, and an exit in all tokens its shares first.
struct Grouping<'a> {
    rows: &'a [Row],
    pending: Option<Change>,
    /// Shares burned before their exit is logged.
    burned: Option<Amount>,
    events: Vec<TapeEvent>,
}

impl Grouping<'_> {
    fn push(&mut self, index: usize, event: ShareEvent) {
        let row = &self.rows[index];
        self.events.push(TapeEvent {
            block: row.block,
            log_index: row.log_index,
            time: row.time,
            gas_used: None,
            gas_price: None,
            event: PoolEvent::Shares(event),
        });
    }

    fn finish(&mut self) {
        let Some(Change { is_join, first, amounts, shares }) = self.pending.take() else { return };
        assert!(shares.is_some(), "no shares for {}", self.rows[first].transaction);
        let (fees, invariant, total_shares) = (None, None, None);
        let change = Box::new(LiquidityChange { amounts, shares, fees, invariant, total_shares });
        let event =
            if is_join { ShareEvent::Deposit(change) } else { ShareEvent::Withdraw(change) };
        self.push(first, event);
    }

    fn read(&mut self, index: usize) {
        let row = &self.rows[index];
        if index > 0 && row.transaction != self.rows[index - 1].transaction {
            self.finish();
            self.burned = None;
        }
        match row.kind.as_str() {
            "swap" => {
                self.finish();
                self.push(
                    index,
                    ShareEvent::Swap {
                        pair: TokenPair {
                            input: row.token_in.unwrap(),
                            output: row.token_out.unwrap(),
                        },
                        amount_in: row.amount_in.unwrap(),
                        amount_out: row.amount_out.unwrap(),
                    },
                );
            }
            "join" => self.moved(index, true, row.token_in.zip(row.amount_in)),
            "exit" => self.moved(index, false, row.token_out.zip(row.amount_out)),
            "bpt_transfer" if is_nobody(&row.source) => self.shares(row.amount_out, true),
            "bpt_transfer" if is_nobody(&row.destination) => self.shares(row.amount_out, false),
            "bpt_transfer" => {}
            other => panic!("{other}"),
        }
    }

    fn moved(&mut self, index: usize, is_join: bool, moved: Option<(TokenIndex, Amount)>) {
        let (token, amount) = moved.unwrap();
        let amounts = TokenAmounts::of(2, token, amount).unwrap();
        if let Some(pending) = self.pending.as_mut().filter(|pending| pending.is_join == is_join) {
            pending.amounts = pending.amounts.checked_add(&amounts).unwrap();
            return;
        }
        self.finish();
        let shares = if is_join { None } else { self.burned.take() };
        self.pending = Some(Change { is_join, first: index, amounts, shares });
    }

    fn shares(&mut self, amount: Option<Amount>, is_join: bool) {
        match &mut self.pending {
            Some(pending) if pending.is_join == is_join && pending.shares.is_none() => {
                pending.shares = amount;
                self.finish();
            }
            _ if is_join => {}
            _ => self.burned = amount,
        }
    }
}

fn is_nobody(address: &str) -> bool {
    address == "0x0000000000000000000000000000000000000000"
}

/// The whole tape, and what its own amounts say that the pool holds at the end: the sum of what
/// went in and out.
pub(crate) fn tape() -> Option<(ShareTape, TokenAmounts)> {
    let rows = rows()?;
    let (pending, burned, events) = (None, None, Vec::new());
    let mut grouping = Grouping { rows: &rows, pending, burned, events };
    (0..rows.len()).for_each(|index| grouping.read(index));
    grouping.finish();
    let events = grouping.events;
    let start = start();
    let mut held = start.shares().unwrap().balances();
    for row in rows.iter().filter(|row| row.kind != "bpt_transfer") {
        if let Some((token, amount)) = row.token_in.zip(row.amount_in) {
            held = held.checked_add(&TokenAmounts::of(2, token, amount).unwrap()).unwrap();
        }
        if let Some((token, amount)) = row.token_out.zip(row.amount_out) {
            held = held.checked_sub(&TokenAmounts::of(2, token, amount).unwrap()).unwrap();
        }
    }
    let token = |symbol: &str| Token { symbol: symbol.to_owned(), decimals: 18, address: None };
    let header = SharePoolHeader {
        chain_id: ChainId(1),
        pool: "0x8b6e6e7b5b3801fed2cafd4b22b8a16c2f2db21a".parse().unwrap(),
        tokens: TOKENS.map(token).to_vec(),
        base_tokens: Vec::new(),
        state_after_block: FIRST_BLOCK,
        amount_tolerance: RelativeTolerance::EXACT,
    };
    Some((ShareTape { header, start, events }, held))
}
