use alloy_primitives::{Bytes, hex};
use serde_json::{Value, json};
use tidemill_model::{Address, Bytes32};
use tidemill_units::{BlockNumber, Timestamp, U256};

use super::abi::{ContractCall, Words};
use super::chain_reader::{ChainReader, Said};
use super::error::{ReadError, SnapshotError};
use super::multicall::{self, MULTICALL3};

/// Which block to read at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockChoice {
    /// The newest that the node has.
    Latest,
    /// The one of this number, whichever it is now.
    Number(BlockNumber),
    /// This one and no other.
    Hash(Bytes32),
}

/// A block that a state was read at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotBlock {
    /// Its number.
    pub number: BlockNumber,
    /// Its hash.
    pub hash: Bytes32,
    /// Its time.
    pub time: Timestamp,
}

/// A node's state at one block.
pub struct AtBlock<'a> {
    reader: &'a dyn ChainReader,
    block: SnapshotBlock,
    has_multicall: bool,
}

/// Reads something at one block, and once more, up to `tries` times, where a reorganisation took
/// the block back meanwhile. A block chosen by its hash is tried once.
///
/// Costs two requests for the block and one to look for Multicall3, beside what is read.
///
/// Errors: those of `read`; `NoBlock`, `Reorganised`.
pub async fn read_at_block<T>(
    reader: &dyn ChainReader,
    choice: BlockChoice,
    tries: u32,
    read: impl AsyncFn(&AtBlock<'_>) -> Result<T, SnapshotError>,
) -> Result<(SnapshotBlock, T), SnapshotError> {
    let mut tried = 0_u32;
    loop {
        tried = tried.saturating_add(1);
        let block = find_block(reader, choice).await?;
        let code = json!([text(&MULTICALL3.0), by_hash(block.hash)]);
        let code = one(reader, "eth_getCode", code).await;
        // A node that does not say is asked call by call.
        let has_multicall = matches!(&code, Ok(Value::String(code)) if code.len() > 2);
        let result = read(&AtBlock { reader, block, has_multicall }).await;
        let now = hash_of(reader, block.number).await?;
        if now == Some(block.hash) {
            return result.map(|value| (block, value));
        }
        if tried >= tries || matches!(choice, BlockChoice::Hash(_)) {
            let (number, first) = (block.number, block.hash);
            let now = now.unwrap_or(Bytes32([0; 32]));
            return Err(SnapshotError::Reorganised { number, first, now, tries: tried });
        }
    }
}

/// Reads something at one block from two nodes, and takes it where both say the same: what money
/// depends on. The first node says which block it is, and the second is asked for that one by its
/// hash. Costs all of [`read_at_block`] twice.
///
/// Errors: as [`read_at_block`], of either node; `Disagree`.
pub async fn read_agreed<T: PartialEq>(
    [first, second]: [&dyn ChainReader; 2],
    choice: BlockChoice,
    tries: u32,
    read: impl AsyncFn(&AtBlock<'_>) -> Result<T, SnapshotError>,
) -> Result<(SnapshotBlock, T), SnapshotError> {
    let (block, value) = read_at_block(first, choice, tries, &read).await?;
    let (other, again) = read_at_block(second, BlockChoice::Hash(block.hash), tries, &read).await?;
    if (block, &value) == (other, &again) {
        Ok((block, value))
    } else {
        Err(SnapshotError::Disagree { number: block.number, hash: block.hash })
    }
}

impl AtBlock<'_> {
    /// The block.
    pub fn block(&self) -> SnapshotBlock {
        self.block
    }

    /// Makes a call that has to be answered.
    pub async fn call(&self, call: &ContractCall) -> Result<Words, SnapshotError> {
        let answers = self.calls(std::slice::from_ref(call)).await?;
        answers.into_iter().next().ok_or_else(|| call.reverted("no answer".to_owned()))
    }

    /// Makes calls that all have to be answered; the answers are in their order.
    ///
    /// Errors: `Reverted` for the first that was not, `Read`.
    pub async fn calls(&self, calls: &[ContractCall]) -> Result<Vec<Words>, SnapshotError> {
        let answers = self.try_calls(calls).await?;
        answers
            .into_iter()
            .zip(calls)
            .map(|(answer, call)| answer.map_err(|detail| call.reverted(detail)))
            .collect()
    }

    /// Makes calls that all have to be answered, each by itself: those that cost so much gas that
    /// Multicall3 could not make many at once.
    ///
    /// Errors: `Reverted` for the first that was not, `Read`.
    pub(super) async fn calls_apart(
        &self,
        calls: &[ContractCall],
    ) -> Result<Vec<Words>, SnapshotError> {
        let answers = self.plain(calls.iter().map(|call| (call.contract, &call.data))).await?;
        let answers = answers.into_iter().zip(calls);
        answers
            .map(|(answer, call)| match answer {
                Ok(bytes) => Ok(call.answered(bytes)),
                Err(detail) => Err(call.reverted(detail)),
            })
            .collect()
    }

    /// Makes calls of which each may revert, as where builds differ in the functions they have.
    ///
    /// Errors: `Read`.
    pub async fn try_calls(
        &self,
        calls: &[ContractCall],
    ) -> Result<Vec<Result<Words, String>>, SnapshotError> {
        let bytes = if self.has_multicall && calls.len() > 1 {
            self.packed(calls).await?
        } else {
            self.plain(calls.iter().map(|call| (call.contract, &call.data))).await?
        };
        let answers = bytes.into_iter().zip(calls);
        Ok(answers.map(|(bytes, call)| bytes.map(|bytes| call.answered(bytes))).collect())
    }

    /// Returns a word of a contract's storage.
    pub async fn storage(&self, contract: Address, slot: u64) -> Result<U256, SnapshotError> {
        let words = self.storage_words(contract, &[U256::from(slot)]).await?;
        Ok(words.first().copied().unwrap_or_default())
    }

    /// Returns words of a contract's storage, in the slots' order.
    pub async fn storage_words(
        &self,
        contract: Address,
        slots: &[U256],
    ) -> Result<Vec<U256>, SnapshotError> {
        let method = "eth_getStorageAt";
        let block = by_hash(self.block.hash);
        let params = |slot: &U256| json!([text(&contract.0), format!("{slot:#x}"), block]);
        let answers = self.reader.ask(method, slots.iter().map(params).collect()).await?;
        let wrong = || ReadError { method, detail: "the answer is no word".to_owned() };
        if answers.len() != slots.len() {
            return Err(wrong().into());
        }
        let word = |said: Said| match said {
            Said::Value(value) => {
                let bytes = hex::decode(value.as_str()?).ok()?;
                U256::try_from_be_slice(&bytes)
            }
            Said::Reverted(_) => None,
        };
        answers.into_iter().map(|said| word(said).ok_or_else(|| wrong().into())).collect()
    }

    async fn packed(
        &self,
        calls: &[ContractCall],
    ) -> Result<Vec<Result<Bytes, String>>, SnapshotError> {
        let chunks: Vec<&[ContractCall]> = calls.chunks(multicall::MOST_CALLS).collect();
        let packs: Vec<Bytes> = chunks.iter().map(|chunk| multicall::pack(chunk)).collect();
        let answers = self.plain(packs.iter().map(|pack| (MULTICALL3, pack))).await?;
        let mut unpacked = Vec::with_capacity(calls.len());
        for (answer, chunk) in answers.into_iter().zip(chunks) {
            // What a node cannot run at once, it may run one by one.
            match answer.ok().and_then(|bytes| multicall::unpack(&bytes, chunk.len())) {
                Some(answers) => unpacked.extend(answers),
                None => {
                    let calls = chunk.iter().map(|call| (call.contract, &call.data));
                    unpacked.extend(self.plain(calls).await?);
                }
            }
        }
        Ok(unpacked)
    }

    async fn plain(
        &self,
        calls: impl Iterator<Item = (Address, &Bytes)>,
    ) -> Result<Vec<Result<Bytes, String>>, SnapshotError> {
        let block = by_hash(self.block.hash);
        let params = |(contract, data): (Address, &Bytes)| {
            let call = json!({"to": text(&contract.0), "data": text(data)});
            json!([call, block])
        };
        let params: Vec<Value> = calls.map(params).collect();
        let asked = params.len();
        let method = "eth_call";
        let answers = self.reader.ask(method, params).await?;
        let wrong = |detail: &str| ReadError { method, detail: detail.to_owned() };
        if answers.len() != asked {
            return Err(wrong("another number of answers than of questions").into());
        }
        let one = |said: Said| match said {
            Said::Reverted(detail) => Ok(Err(detail)),
            Said::Value(value) => {
                let bytes = value.as_str().and_then(|text| hex::decode(text).ok());
                let bytes = bytes.ok_or_else(|| wrong("the answer is no bytes"))?;
                Ok(Ok(Bytes::from(bytes)))
            }
        };
        answers.into_iter().map(one).collect()
    }
}

async fn one(
    reader: &dyn ChainReader,
    method: &'static str,
    params: Value,
) -> Result<Value, ReadError> {
    let answer = reader.ask(method, vec![params]).await?.into_iter().next();
    match answer {
        Some(Said::Value(value)) => Ok(value),
        Some(Said::Reverted(detail)) => Err(ReadError { method, detail }),
        None => Err(ReadError { method, detail: "no answer".to_owned() }),
    }
}

async fn find_block(
    reader: &dyn ChainReader,
    choice: BlockChoice,
) -> Result<SnapshotBlock, SnapshotError> {
    let (method, which) = match choice {
        BlockChoice::Latest => ("eth_getBlockByNumber", "latest".to_owned()),
        BlockChoice::Number(number) => ("eth_getBlockByNumber", format!("{:#x}", number.0)),
        BlockChoice::Hash(hash) => ("eth_getBlockByHash", text(&hash.0)),
    };
    let block = one(reader, method, json!([which, false])).await?;
    let field = |name: &str| block.get(name).and_then(Value::as_str);
    let number = |name: &str| {
        let digits = field(name)?.strip_prefix("0x")?;
        u64::from_str_radix(digits, 16).ok()
    };
    let read = || {
        let hash = <[u8; 32]>::try_from(hex::decode(field("hash")?).ok()?).ok()?;
        let (height, time) = (number("number")?, number("timestamp")?);
        let number = BlockNumber(height);
        Some(SnapshotBlock { number, hash: Bytes32(hash), time: Timestamp(time) })
    };
    let asked_for = |block: &SnapshotBlock| match choice {
        BlockChoice::Latest => true,
        BlockChoice::Number(number) => block.number == number,
        BlockChoice::Hash(hash) => block.hash == hash,
    };
    read().filter(asked_for).ok_or(SnapshotError::NoBlock(which))
}

async fn hash_of(
    reader: &dyn ChainReader,
    number: BlockNumber,
) -> Result<Option<Bytes32>, SnapshotError> {
    match find_block(reader, BlockChoice::Number(number)).await {
        Ok(block) => Ok(Some(block.hash)),
        Err(SnapshotError::NoBlock(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Names a block by its hash (EIP-1898), and refuses it once it is not the chain's any more.
fn by_hash(hash: Bytes32) -> Value {
    json!({"blockHash": text(&hash.0), "requireCanonical": true})
}

fn text(bytes: &[u8]) -> String {
    hex::encode_prefixed(bytes)
}
