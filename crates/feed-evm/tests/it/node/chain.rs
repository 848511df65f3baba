use alloy_primitives::{Address as RawAddress, B256, Bloom, keccak256};
use serde_json::{Value, json};
use tidemill_model::Address;

pub(crate) const CHAIN: u64 = 31_337;
pub(crate) const START_TIME: u64 = 1_700_000_000;
pub(crate) const POOLS: [Address; 2] = [Address([0x11; 20]), Address([0x22; 20])];
pub(crate) const OTHER: Address = Address([0x33; 20]);

/// A chain as one node knows it.
#[derive(Clone, Default)]
pub(crate) struct Chain {
    pub(crate) blocks: Vec<Block>,
}

#[derive(Clone)]
pub(crate) struct Block {
    pub(crate) hash: B256,
    pub(crate) parent: B256,
    pub(crate) bloom: Bloom,
    pub(crate) logs: Vec<Value>,
}

/// Numbers that look random.
pub(crate) struct Random(pub u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

impl Chain {
    /// A chain of so many blocks.
    pub(crate) fn of(blocks: u64) -> Self {
        let mut chain = Self::default();
        chain.grow(blocks, 1);
        chain
    }

    /// Adds blocks; another branch gives other hashes and logs.
    pub(crate) fn grow(&mut self, blocks: u64, branch: u64) {
        for _ in 0..blocks {
            self.blocks.push(self.next_block(branch));
        }
    }

    fn next_block(&self, branch: u64) -> Block {
        let number = self.blocks.len() as u64;
        let parent = self.blocks.last().map(|block| block.hash).unwrap_or_default();
        let mut seed = parent.to_vec();
        seed.extend(branch.to_be_bytes());
        let hash = keccak256(seed);
        let mut random = Random(number.wrapping_mul(1_000_003).wrapping_add(branch));
        let mut bloom = Bloom::ZERO;
        let mut logs = Vec::new();
        for index in 0..random.below(4) {
            let address = [POOLS[0], POOLS[1], OTHER][random.below(3) as usize];
            let topic = keccak256(random.below(5).to_be_bytes());
            bloom.accrue_raw_log(RawAddress::from(address.0), &[topic]);
            logs.push(json!({
                "address": address.to_string(),
                "topics": [topic.to_string()],
                "data": format!("{:#066x}", random.next()),
                "blockNumber": format!("{number:#x}"),
                "blockHash": hash.to_string(),
                "transactionHash": keccak256(hash).to_string(),
                "transactionIndex": "0x0",
                "logIndex": format!("{index:#x}"),
                "removed": false,
            }));
        }
        Block { hash, parent, bloom, logs }
    }

    pub(crate) fn head(&self) -> u64 {
        self.blocks.len() as u64 - 1
    }

    pub(crate) fn header(&self, number: u64) -> Value {
        let Some(block) = self.blocks.get(number as usize) else { return Value::Null };
        json!({
            "number": format!("{number:#x}"),
            "hash": block.hash.to_string(),
            "parentHash": block.parent.to_string(),
            "timestamp": format!("{:#x}", START_TIME + 12 * number),
            "baseFeePerGas": format!("{:#x}", 1_000_000_000 + number),
            "gasUsed": format!("{:#x}", 21_000 * (1 + block.logs.len())),
            "logsBloom": block.bloom.to_string(),
            "transactions": [],
        })
    }

    /// Answers as a node does.
    pub(crate) fn answer(&self, method: &str, params: &Value) -> Result<Value, (i64, String)> {
        match method {
            "eth_chainId" => Ok(json!(format!("{CHAIN:#x}"))),
            "eth_blockNumber" => Ok(json!(format!("{:#x}", self.head()))),
            "eth_getBlockByNumber" => Ok(self.header(self.number(&params[0]))),
            "eth_getBlockByHash" => Ok(match self.by_hash(&params[0]) {
                Some(number) => self.header(number as u64),
                None => Value::Null,
            }),
            "eth_getLogs" => self.logs(&params[0]),
            "eth_getBlockReceipts" => {
                let block = self.blocks.get(self.number(&params[0]) as usize);
                Ok(block.map_or(Value::Null, |block| json!([{ "logs": block.logs }])))
            }
            "eth_call" => Ok(json!(keccak256(params.to_string()).to_string())),
            _ => Err((-32_601, format!("the method {method} does not exist/is not available"))),
        }
    }

    fn number(&self, value: &Value) -> u64 {
        match value.as_str().unwrap() {
            "latest" => self.head(),
            text => u64::from_str_radix(text.strip_prefix("0x").unwrap(), 16).unwrap(),
        }
    }

    fn by_hash(&self, hash: &Value) -> Option<usize> {
        self.blocks.iter().position(|block| hash == &json!(block.hash.to_string()))
    }

    fn logs(&self, filter: &Value) -> Result<Value, (i64, String)> {
        let blocks = match filter.get("blockHash") {
            Some(hash) => match self.by_hash(hash) {
                Some(at) => &self.blocks[at..=at],
                None => return Err((-32_000, "unknown block".to_owned())),
            },
            None => {
                let from = self.number(&filter["fromBlock"]) as usize;
                let to = self.number(&filter["toBlock"]).min(self.head()) as usize;
                self.blocks.get(from..=to).unwrap_or_default()
            }
        };
        let wanted = filter["address"].as_array().unwrap();
        let logs = blocks.iter().flat_map(|block| &block.logs);
        Ok(logs.filter(|log| wanted.contains(&log["address"])).cloned().collect())
    }

    /// What a sink must have of a range: the lines of [`super::sinks::lines`].
    pub(crate) fn truth(&self, from: u64, to: u64) -> Vec<String> {
        let mut lines = Vec::new();
        for number in from..=to {
            let header = self.header(number);
            lines.push(format!(
                "{number} {} {}",
                text(&header["hash"]),
                text(&header["parentHash"])
            ));
            let pools = POOLS.map(|pool| json!(pool.to_string()));
            let logs = self.blocks[number as usize].logs.iter();
            for log in logs.filter(|log| pools.contains(&log["address"])) {
                let index = self.number(&log["logIndex"]);
                let (address, data) = (text(&log["address"]), text(&log["data"]));
                let time = START_TIME + 12 * number;
                lines.push(format!("{number}.{index} {time} {address} {data}"));
            }
        }
        lines
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
