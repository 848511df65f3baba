use revm::primitives::{Address, Bytes, hex};
use serde_json::{Value, json};
use tidemill_units::U256;

use crate::anvil::{AnvilClient, AnvilError, AnvilNode};
use crate::{Answer, Call, OracleError};

/// A node's chain: accounts of the fixed mnemonic, and blocks when the test wants one.
#[derive(Debug)]
pub struct AnvilChain {
    /// The process.
    pub node: AnvilNode,
    /// Accounts that the node signs for. The first sets everything up and owns it.
    pub accounts: Vec<Address>,
    client: AnvilClient,
    time: u64,
}

/// A block that was mined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnvilBlock {
    /// Its number.
    pub number: u64,
    /// Its time, in seconds since 1970.
    pub time: u64,
    /// Whether each of its transactions went through, in its order.
    pub succeeded: Vec<bool>,
    /// What each created, where it created a contract.
    pub created: Vec<Option<Address>>,
}

const GENESIS: u64 = 1_700_000_000;
/// What the costliest constructor needs, several times over.
const GAS: u64 = 30_000_000;
/// Between blocks of the set-up.
const SET_UP_SECONDS: u64 = 12;

impl AnvilChain {
    /// Starts a node. Errors: those of [`AnvilNode::start`].
    pub fn start() -> Result<Self, AnvilError> {
        Self::start_at(GENESIS, 0)
    }

    /// Starts a node whose first block has this time and number. Errors: those of
    /// [`AnvilNode::start`].
    pub fn start_at(time: u64, number: u64) -> Result<Self, AnvilError> {
        let node = AnvilNode::start(time, number)?;
        let mut client = node.client();
        let accounts = client.request("eth_accounts", &json!([]))?;
        let accounts = accounts.as_array().into_iter().flatten();
        let accounts = accounts.map(|account| address_of("eth_accounts", account));
        let accounts = accounts.collect::<Result<_, _>>()?;
        Ok(Self { node, accounts, client, time })
    }

    /// Returns who sets everything up.
    pub fn admin(&self) -> Address {
        self.accounts[0]
    }

    /// Returns the time of the last block, in seconds since 1970.
    pub fn time(&self) -> u64 {
        self.time
    }

    /// Sends any request to the node.
    pub fn request(&mut self, method: &str, parameters: &Value) -> Result<Value, AnvilError> {
        self.client.request(method, parameters)
    }

    /// Sends a transaction, for the next block.
    pub fn queue(&mut self, from: Address, to: Address, call: Call) -> Result<(), AnvilError> {
        self.queue_raw(from, to, &call.encode())
    }

    /// Sends a transaction with this input, for the next block.
    pub fn queue_raw(
        &mut self,
        from: Address,
        to: Address,
        input: &[u8],
    ) -> Result<(), AnvilError> {
        let transaction = json!([{
            "from": from.to_string(), "to": to.to_string(), "gas": quantity(GAS),
            "gasPrice": "0x0", "data": text(input),
        }]);
        self.client.request("eth_sendTransaction", &transaction).map(drop)
    }

    /// Mines a block of what was sent, so many seconds after the last one.
    pub fn mine(&mut self, seconds: u64) -> Result<AnvilBlock, AnvilError> {
        self.time += seconds;
        self.client.request("evm_mine", &json!([self.time]))?;
        let number = self.head()?;
        let method = "eth_getBlockReceipts";
        let receipts = self.client.request(method, &json!([quantity(number)]))?;
        let mut block =
            AnvilBlock { number, time: self.time, succeeded: Vec::new(), created: Vec::new() };
        for receipt in receipts.as_array().into_iter().flatten() {
            block.succeeded.push(receipt.get("status").and_then(Value::as_str) == Some("0x1"));
            let created = receipt.get("contractAddress").filter(|value| !value.is_null());
            block.created.push(created.map(|value| address_of(method, value)).transpose()?);
        }
        Ok(block)
    }

    /// Mines so many empty blocks, all of the last one's second where the node takes that.
    pub fn skip(&mut self, blocks: u64) -> Result<(), AnvilError> {
        self.client.request("anvil_mine", &json!([quantity(blocks), "0x0"])).map(drop)
    }

    /// Creates a contract, in a block of its own.
    pub fn deploy(&mut self, code: &Bytes, arguments: Call) -> Result<Address, AnvilError> {
        let code = [code.as_ref(), &arguments.encode()].concat();
        let transaction = json!([{
            "from": self.admin().to_string(), "gas": quantity(GAS), "gasPrice": "0x0",
            "data": text(&code),
        }]);
        self.client.request("eth_sendTransaction", &transaction)?;
        let block = self.mine(SET_UP_SECONDS)?;
        match (block.succeeded.as_slice(), block.created.as_slice()) {
            ([true], [Some(created)]) => Ok(*created),
            _ => Err(AnvilError::Reverted("a constructor".to_owned())),
        }
    }

    /// Sends a transaction that has to go through, in a block of its own.
    pub fn set_up(
        &mut self,
        from: Address,
        to: Address,
        name: &str,
        call: Call,
    ) -> Result<AnvilBlock, AnvilError> {
        self.queue(from, to, call)?;
        let block = self.mine(SET_UP_SECONDS)?;
        if block.succeeded == [true] {
            Ok(block)
        } else {
            Err(AnvilError::Reverted(name.to_owned()))
        }
    }

    /// Calls a view function at the last block.
    pub fn view(&mut self, to: Address, call: Call) -> Result<Answer, AnvilError> {
        self.view_at(to, call, "latest")
    }

    /// Calls a view function at a block: a number in the wire's form, or `latest`.
    pub fn view_at(&mut self, to: Address, call: Call, block: &str) -> Result<Answer, AnvilError> {
        let call = json!([{"to": to.to_string(), "data": text(&call.encode())}, block]);
        let answer = self.client.request("eth_call", &call)?;
        bytes_of("eth_call", &answer).map(Answer)
    }

    /// Calls a view function that answers one word.
    pub fn ask(&mut self, to: Address, call: Call) -> Result<U256, AnvilError> {
        Ok(self.view(to, call)?.word(0)?)
    }

    /// Calls a view function that answers an address.
    pub fn ask_address(&mut self, to: Address, call: Call) -> Result<Address, AnvilError> {
        Ok(crate::world::word_address(self.ask(to, call)?))
    }

    /// Returns the number of the last block.
    pub fn head(&mut self) -> Result<u64, AnvilError> {
        let head = self.client.request("eth_blockNumber", &json!([]))?;
        let digits = head.as_str().and_then(|head| head.strip_prefix("0x")).unwrap_or_default();
        u64::from_str_radix(digits, 16).map_err(|_| no_answer("eth_blockNumber", &head))
    }

    /// Has the last blocks replaced by as many empty ones of the same times.
    pub fn reorg(&mut self, depth: u64) -> Result<(), AnvilError> {
        self.client.request("anvil_reorg", &json!([depth, []])).map(drop)
    }

    /// Puts the code of one contract at another address, without its storage.
    pub fn copy_code(&mut self, from: Address, to: Address) -> Result<(), AnvilError> {
        let code = self.client.request("eth_getCode", &json!([from.to_string(), "latest"]))?;
        self.client.request("anvil_setCode", &json!([to.to_string(), code])).map(drop)
    }

    /// Lets an address pay for gas, which is free, with a balance that some checks want to see.
    pub fn endow(&mut self, account: Address) -> Result<(), AnvilError> {
        let balance = json!([account.to_string(), "0xde0b6b3a7640000"]);
        self.client.request("anvil_setBalance", &balance).map(drop)
    }
}

/// Returns a number as the wire has it.
pub(super) fn quantity(number: u64) -> String {
    format!("{number:#x}")
}

fn text(bytes: &[u8]) -> String {
    hex::encode_prefixed(bytes)
}

fn bytes_of(method: &str, value: &Value) -> Result<Bytes, AnvilError> {
    let decoded = value.as_str().and_then(|text| hex::decode(text).ok());
    decoded.map(Bytes::from).ok_or_else(|| no_answer(method, value))
}

fn address_of(method: &str, value: &Value) -> Result<Address, AnvilError> {
    let bytes = bytes_of(method, value)?;
    Address::try_from(bytes.as_ref()).map_err(|_| {
        let short = OracleError::ShortAnswer { found: 0, wanted: 0 };
        AnvilError::Oracle(short)
    })
}

fn no_answer(method: &str, value: &Value) -> AnvilError {
    AnvilError::Transport { method: method.to_owned(), detail: value.to_string() }
}
