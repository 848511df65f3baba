use revm::primitives::{Address, Bytes, keccak256};
use tidemill_units::U256;

use crate::world::{
    ADMIN, deploy_actors, deploy_tokens, give, holdings, mapping_slot, word_address,
};
use crate::{
    Answer, Artifacts, Call, Evm, OracleError, Outcome, Revert, Words2, address_word, archived_code,
};

/// A real Uniswap v2 pair: factory, pair, two tokens and a few actors on a chain of their own.
pub struct PairOracle {
    /// The chain.
    pub evm: Evm,
    /// The pair.
    pub pair: Address,
    /// Its two tokens, in its own order.
    pub tokens: [Address; 2],
    /// Contracts that trade, and pay in flash callbacks what the call's data says.
    pub actors: Vec<Address>,
    factory: Address,
    admin: Address,
}

/// Whose factory makes the pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PairBuild {
    /// v2-core 1.0.1.
    Uniswap,
    /// `@sushiswap/sushiswap` 0.1.1.
    Sushi,
    /// `@pancakeswap-libs/pancake-swap-core` 0.1.0.
    Pancake,
}

/// A call to the real pair's `swap`.
#[derive(Clone, Debug)]
pub struct PairSwapCall {
    /// What to pay out.
    pub out: Words2,
    /// Who gets it.
    pub to: Address,
    /// What to pay in the flash callback; `None` makes none.
    pub paid: Option<Words2>,
    /// A call the actor makes to the pair in its callback, before it pays.
    pub reenter: Option<Call>,
}

/// Slots of `UniswapV2Pair` (v2-core 1.0.1), in the order its declarations give them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PairSlot {
    /// `totalSupply`.
    TotalSupply = 0,
    /// `reserve0`, `reserve1` and `blockTimestampLast`, 112, 112 and 32 bits from the lowest.
    Reserves = 8,
    /// `price0CumulativeLast`.
    Price0Cumulative = 9,
    /// `price1CumulativeLast`.
    Price1Cumulative = 10,
    /// `kLast`.
    KLast = 11,
    /// `unlocked`.
    Unlocked = 12,
}

/// Slot of the mapping `balanceOf`, in the pair.
const SHARES: u64 = 1;

impl PairBuild {
    fn factory(self, artifacts: &Artifacts) -> Result<Bytes, OracleError> {
        match self {
            Self::Uniswap => Ok(artifacts.pair_factory.clone()),
            Self::Sushi => {
                let path = "contracts/UniswapV2Factory.sol/UniswapV2Factory.json";
                archived_code(&format!("@sushiswap/sushiswap@0.1.1/{path}"))
            }
            Self::Pancake => {
                archived_code("@pancakeswap-libs/pancake-swap-core@0.1.0/PancakeFactory.json")
            }
        }
    }

    /// Returns an actor's code that answers the flash callback by the name the build gives it.
    fn actor(self, artifacts: &Artifacts) -> Bytes {
        let callback = match self {
            Self::Uniswap | Self::Sushi => return artifacts.actor.clone(),
            Self::Pancake => keccak256("pancakeCall(address,uint256,uint256,bytes)"),
        };
        let known = keccak256("uniswapV2Call(address,uint256,uint256,bytes)");
        let mut code = artifacts.actor.to_vec();
        let place = code.windows(4).position(|window| window == &known[..4]);
        if let Some(selector) = place.and_then(|place| code.get_mut(place..place + 4)) {
            selector.copy_from_slice(&callback[..4]);
        }
        code.into()
    }
}

impl PairOracle {
    /// Deploys everything, with Uniswap's factory and `actors` actors. Errors are those of a broken
    /// set-up.
    pub fn new(artifacts: &Artifacts, actors: usize) -> Result<Self, OracleError> {
        Self::of(PairBuild::Uniswap, artifacts, actors)
    }

    /// Deploys everything with the factory of a build; as [`new`](Self::new), and errors where the
    /// archives are not there.
    pub fn of(build: PairBuild, artifacts: &Artifacts, actors: usize) -> Result<Self, OracleError> {
        let factory_code = build.factory(artifacts)?;
        let mut evm = Evm::new();
        let admin = ADMIN;
        let constructor = Call::bare(1).address(admin).encode();
        let init_code = [factory_code.as_ref(), &constructor].concat();
        let factory = evm.deploy(admin, init_code.into())?;
        let tokens = deploy_tokens(&mut evm, artifacts)?;
        let create = Call::new("createPair(address,address)", 2);
        let create = create.address(tokens[0]).address(tokens[1]);
        let pair = evm.set_up(admin, factory, "createPair", create)?.word(0)?;
        let pair = word_address(pair);
        evm.watch(pair);
        let artifacts = Artifacts { actor: build.actor(artifacts), ..artifacts.clone() };
        let actors = deploy_actors(&mut evm, &artifacts, actors)?;
        Ok(Self { evm, pair, tokens, actors, factory, admin })
    }

    /// Gives the pair tokens; fails where a balance would pass 2^256 - 1, after having given the
    /// first token if it is the second's.
    pub fn give(&mut self, amounts: Words2) -> Result<Result<(), Revert>, OracleError> {
        give(&mut self.evm, self.tokens, self.pair, amounts)
    }

    /// Calls `mint(to)`; answers the shares minted.
    pub fn mint(&mut self, to: Address) -> Result<Outcome, OracleError> {
        self.send(self.admin, Call::new("mint(address)", 1).address(to))
    }

    /// Calls `burn(to)`; answers the two amounts paid out.
    pub fn burn(&mut self, to: Address) -> Result<Outcome, OracleError> {
        self.send(self.admin, Call::new("burn(address)", 1).address(to))
    }

    /// Calls `swap`.
    pub fn swap(&mut self, swap: &PairSwapCall) -> Result<Outcome, OracleError> {
        let data = swap.paid.map_or_else(Vec::new, |paid| {
            let reenter = swap.reenter.clone().map(Call::encode).unwrap_or_default();
            let payment = Call::bare(5).address(self.tokens[0]).address(self.tokens[1]);
            let payment = payment.word(paid[0]).word(paid[1]).bytes(&reenter);
            // A struct with a dynamic member is itself dynamic: its place comes first.
            let mut data = U256::from(32).to_be_bytes_vec();
            data.extend_from_slice(&payment.encode());
            data
        });
        let call = Call::new("swap(uint256,uint256,address,bytes)", 4);
        let call = call.word(swap.out[0]).word(swap.out[1]).address(swap.to).bytes(&data);
        self.send(self.actors[0], call)
    }

    /// Calls `skim(to)`.
    pub fn skim(&mut self, to: Address) -> Result<Outcome, OracleError> {
        self.send(self.admin, Call::new("skim(address)", 1).address(to))
    }

    /// Calls `sync()`.
    pub fn sync(&mut self) -> Result<Outcome, OracleError> {
        self.send(self.admin, Call::new("sync()", 0))
    }

    /// Moves shares of `from`, who signs the call.
    pub fn transfer(
        &mut self,
        from: Address,
        to: Address,
        shares: U256,
    ) -> Result<Outcome, OracleError> {
        let call = Call::new("transfer(address,uint256)", 2).address(to).word(shares);
        self.send(from, call)
    }

    /// Sets the factory's `feeTo`; the zero address switches the protocol fee off.
    pub fn set_fee_to(&mut self, fee_to: Address) -> Result<(), OracleError> {
        let call = Call::new("setFeeTo(address)", 1).address(fee_to);
        self.evm.set_up(self.admin, self.factory, "setFeeTo", call)?;
        Ok(())
    }

    /// Calls a view function of the pair that always answers.
    pub fn view(&mut self, name: &'static str, call: Call) -> Result<Answer, OracleError> {
        let revert = |revert: Revert| OracleError::SetUp { call: name, revert: revert.to_string() };
        self.evm.view(self.pair, call)?.map_err(revert)
    }

    /// Returns a word of the pair's storage.
    pub fn slot(&self, slot: PairSlot) -> U256 {
        self.evm.storage(self.pair, U256::from(slot as u64))
    }

    /// Returns the slot that holds the shares of an address.
    pub fn shares_slot(holder: Address) -> U256 {
        mapping_slot(address_word(holder), SHARES)
    }

    /// Returns what the pair really holds, read from the tokens' storage.
    pub fn holdings(&self) -> Words2 {
        holdings(&self.evm, self.tokens, self.pair)
    }

    fn send(&mut self, from: Address, call: Call) -> Result<Outcome, OracleError> {
        self.evm.send(from, self.pair, call)
    }
}
