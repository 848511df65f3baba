use revm::primitives::{Address, Bytes, hex};
use serde_json::json;
use tidemill_units::U256;

use super::chain::quantity;
use crate::anvil::{AnvilChain, AnvilError};
use crate::{Evm, Transaction};

/// Transactions that share a block where the in-process chain has no clock.
const MOST_OF_A_MOMENT: usize = 5;
/// Empty blocks that are mined to come to a height.
const MOST_EMPTY_BLOCKS: u64 = 1_000;

/// A node with the contracts of an in-process chain: the same code, the same storage, at the same
/// addresses, time and height. From there on it is sent the same transactions, and does with them
/// what a node does: so its state and its logs can be asked for as a user would.
#[derive(Debug)]
pub struct AnvilMirror {
    /// The node's chain.
    pub chain: AnvilChain,
    /// Time and height of the last transaction that was sent.
    last: Option<(U256, u64)>,
}

impl AnvilMirror {
    /// Starts a node with what is on the chain now, and mines one empty block.
    ///
    /// Errors: those of the node.
    pub fn of(evm: &Evm) -> Result<Self, AnvilError> {
        let (time, height) = evm.moment();
        // The next block is to have the next time, where the chain has one.
        let mut chain = AnvilChain::start_at(time.max(2) - 2, height.saturating_sub(1))?;
        for account in evm.accounts() {
            let address = account.address.to_string();
            if !account.code.is_empty() {
                let code = hex::encode_prefixed(&account.code);
                chain.request("anvil_setCode", &json!([address, code]))?;
                chain.request("anvil_setNonce", &json!([address, quantity(account.nonce)]))?;
            }
            for change in account.storage {
                let [slot, word] = [change.slot, change.word].map(|word| format!("{word:#066x}"));
                chain.request("anvil_setStorageAt", &json!([address, slot, word]))?;
            }
        }
        chain.mine(1)?;
        Ok(Self { chain, last: None })
    }

    /// Sends what the in-process chain wrote down since, in blocks of its times and heights, or of
    /// times of their own where its clock stands still. All of it has to go through again.
    ///
    /// Errors: those of the node, `Reverted`.
    pub fn follow(&mut self, journal: &[Transaction]) -> Result<(), AnvilError> {
        let mut queued = 0_usize;
        for transaction in journal {
            let moment = (transaction.timestamp, transaction.block);
            let is_full = transaction.timestamp.is_zero() && queued >= MOST_OF_A_MOMENT;
            if is_full || self.last.is_some_and(|last| last != moment) {
                self.mine(&mut queued)?;
            }
            self.last = Some(moment);
            if transaction.input.is_empty() {
                return Err(AnvilError::Reverted("a constructor, which is not followed".into()));
            }
            self.chain.endow(transaction.from)?;
            self.chain.queue_raw(transaction.from, transaction.to, &transaction.input)?;
            queued += 1;
        }
        self.mine(&mut queued)
    }

    fn mine(&mut self, queued: &mut usize) -> Result<(), AnvilError> {
        let Some((time, height)) = self.last else { return Ok(()) };
        if *queued == 0 {
            return Ok(());
        }
        let time = u64::try_from(time).unwrap_or(u64::MAX);
        let next = self.chain.head()? + 1;
        if height > next {
            let blocks = height - next;
            if blocks > MOST_EMPTY_BLOCKS {
                let what = format!("{blocks} empty blocks, which nobody waits for");
                return Err(AnvilError::Reverted(what));
            }
            self.chain.skip(blocks)?;
        }
        let seconds = time.saturating_sub(self.chain.time()).max(1);
        let block = self.chain.mine(seconds)?;
        let sent = std::mem::take(queued);
        if block.succeeded.len() == sent && block.succeeded.iter().all(|succeeded| *succeeded) {
            Ok(())
        } else {
            let (number, succeeded) = (block.number, &block.succeeded);
            let what = format!("block {number} of {sent} transactions: {succeeded:?}");
            Err(AnvilError::Reverted(what))
        }
    }
}

/// An account of an in-process chain that has code.
#[derive(Clone, Debug)]
pub struct EvmAccount {
    /// Its address.
    pub address: Address,
    /// Its code.
    pub code: Bytes,
    /// How many contracts it created, and one.
    pub nonce: u64,
    /// Its slots that are not zero, in no order.
    pub storage: Vec<crate::SlotChange>,
}
