use tidemill_model::TapeEvent;
use tidemill_units::{Amount, BlockNumber, Side, Timestamp, TokenIndex, U256};

use super::super::random_pool::{Operation, perform, random_operation};
use super::super::seeded::Seeded;
use super::super::synthetic_builds::{SyntheticBuild, range};
use super::super::synthetic_shares::SyntheticShares;
use super::super::synthetic_tape::SyntheticTape;

/// A chain with one pool on it, which goes on from any state in many ways.
#[derive(Clone)]
pub(super) enum Growing {
    V3(SyntheticTape),
    /// With whether it has done what only its build does.
    Kin(SyntheticBuild, bool),
    /// Together with the shares that others hold.
    Shares(SyntheticShares, Vec<Amount>),
    /// One that goes on in the same way always, and how far it has come.
    Fixed(Vec<TapeEvent>, usize),
}

/// A block as it was mined.
pub(super) struct Mined {
    pub(super) number: BlockNumber,
    pub(super) time: Timestamp,
    pub(super) events: Vec<TapeEvent>,
}

const DEEP: u128 = 1_000_000_000_000_000_000_000_000;

impl Growing {
    /// Whether each block is told, and not only what happened in it.
    pub(super) fn is_told(&self) -> bool {
        !matches!(self, Self::Fixed(..))
    }

    /// Mines a block: the first that of what was made before, then one after another, in some of
    /// which nothing happens; `None` at the end of all.
    pub(super) fn grow(&mut self, random: &mut Seeded) -> Option<Mined> {
        let quiet = random.once_in(5);
        let (time, events) = match self {
            Self::V3(made) => {
                let from = made.tape().events.len();
                made.skip_blocks(1);
                made.set_gas_price(random.once_in(2).then(|| random.wide(40)));
                for _ in 0..if quiet { 0 } else { 1 + random.below(4) } {
                    let operation = random_operation(random, made.pool());
                    if !matches!(operation, Operation::NextBlock(_)) {
                        perform(made, operation);
                    }
                }
                (made.now(), made.tape().events[from..].to_vec())
            }
            Self::Kin(made, is_done) => {
                let from = made.tape.events.len();
                made.skip_blocks(1);
                if !quiet {
                    change_kin(made, is_done, random);
                }
                (made.now(), made.tape.events[from..].to_vec())
            }
            Self::Shares(made, others) => {
                let from = made.events.len();
                made.skip_blocks(1);
                if !quiet {
                    change_shares(made, others, random);
                }
                (made.now(), made.events[from..].to_vec())
            }
            Self::Fixed(events, at) => {
                let rest = &events[*at..];
                let block = rest.first()?.block;
                let of_block: Vec<_> =
                    rest.iter().take_while(|event| event.block == block).cloned().collect();
                *at += of_block.len();
                (of_block[0].time, of_block)
            }
        };
        let number = events.first().map(|event| event.block);
        // Blocks are twelve seconds apart, and the first is at its own time.
        let number = number.unwrap_or(BlockNumber(1_000 + (time.0 - 1_700_000_000) / 12));
        Some(Mined { number, time, events })
    }
}

fn change_kin(made: &mut SyntheticBuild, is_done: &mut bool, random: &mut Seeded) {
    use tidemill_amm::concentrated::SwapAmount;
    let near = range(-600 * random.between(1, 3), 600 * random.between(1, 3));
    let owner = tidemill_model::Address([7; 20]);
    match random.below(8) {
        0 => made.add(owner, near, DEEP / u128::from(2 + random.below(9))),
        1 if !*is_done => {
            *is_done = true;
            made.of_its_own();
        }
        _ => {
            let side = if made.pool.tick().0 > 0 { Side::Token0 } else { Side::Token1 };
            let size = Amount::from_u128(DEEP / u128::from(100 + random.below(400)));
            made.swap(side, SwapAmount::ExactIn(size));
        }
    }
}

fn change_shares(made: &mut SyntheticShares, others: &mut Vec<Amount>, random: &mut Seeded) {
    let count = u64::try_from(made.header.tokens.len()).expect("few");
    let balances = made.shares().balances();
    match random.below(8) {
        0 => {
            let (part, mut amounts) = (U256::from(20 + random.below(90)), balances);
            for amount in amounts.as_mut_slice() {
                *amount = Amount(amount.0 / part);
            }
            others.push(made.deposit(amounts));
        }
        1 if !others.is_empty() => {
            made.withdraw(others.pop().expect("one"));
        }
        _ => {
            let input = random.below(count);
            let output = (input + 1 + random.below(count - 1)) % count;
            let [input, output] = [input, output].map(|one| u8::try_from(one).expect("few"));
            let balance = balances.get(TokenIndex(input)).expect("a token");
            let part = balance.0 / U256::from(15 + random.below(3_000));
            made.swap(input, output, u128::try_from(part).expect("small"));
        }
    }
}
