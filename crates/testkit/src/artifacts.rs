use std::fs;
use std::path::{Path, PathBuf};

use revm::primitives::{Bytes, hex, keccak256};

use crate::OracleError;

/// The creation bytecode of the contracts that the oracles run.
#[derive(Clone, Debug)]
pub struct Artifacts {
    /// `UniswapV2Factory` of v2-core 1.0.1.
    pub pair_factory: Bytes,
    /// `UniswapV3Factory` of v3-core 1.0.1.
    pub pool_factory: Bytes,
    /// `NonfungiblePositionManager` of v3-periphery 1.4.4.
    pub position_manager: Bytes,
    /// `contracts/src/Token.sol`.
    pub token: Bytes,
    /// `contracts/src/Actor.sol`.
    pub actor: Bytes,
}

/// Hash of the pair's creation code, fixed in every v2 router and so in every pair's address.
const PAIR_INIT_CODE: &str = "96e8ac4277198ff8b6f785478aa9a39f403cb768dd02cbee326c3e7da348845f";
/// Hash of the pool's creation code (v3-periphery 1.4.4 `PoolAddress.POOL_INIT_CODE_HASH`).
const POOL_INIT_CODE: &str = "e34f199b19b2b4f47f68442619d555527d244f78a3297ea89325f843f87b8b54";

/// Hash of Pancake's pool creation code (its v3-periphery's `PoolAddress.POOL_INIT_CODE_HASH`).
const PANCAKE_INIT_CODE: &str = "6ce8eb472fa82df5469c6ab6d485f17c3ad13c8cd7af59b3d4a8026c5ce0f7e2";

impl Artifacts {
    /// Reads them from the repository's `contracts` folder; errors as [`Artifacts::load_from`].
    pub fn load() -> Result<Self, OracleError> {
        Self::load_from(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts"))
    }

    /// Reads them from a folder that `fetch.sh` has filled.
    ///
    /// Errors: `MissingArtifact` where it has not, `BadArtifact` for an unreadable file,
    /// `InitCodeHash` where pair or pool is not the deployed one.
    pub fn load_from(root: &Path) -> Result<Self, OracleError> {
        let package = |path: &str| bytecode(root.join("node_modules/@uniswap").join(path));
        let pair = package("v2-core/build/UniswapV2Pair.json")?;
        let pool = package("v3-core/artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool.json")?;
        check("UniswapV2Pair", &pair, PAIR_INIT_CODE)?;
        check("UniswapV3Pool", &pool, POOL_INIT_CODE)?;
        let manager = "NonfungiblePositionManager.sol/NonfungiblePositionManager.json";
        Ok(Self {
            pair_factory: package("v2-core/build/UniswapV2Factory.json")?,
            pool_factory: package(
                "v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json",
            )?,
            position_manager: package(&format!("v3-periphery/artifacts/contracts/{manager}"))?,
            token: bytecode(root.join("build/Token.json"))?,
            actor: bytecode(root.join("build/Actor.json"))?,
        })
    }
}

/// Reads a contract's creation bytecode from the archives that `contracts/archives.json` names.
///
/// `path` starts with the package as it is named there, version included. Errors: `MissingArtifact`
/// where `fetch.sh` has not run, `BadArtifact` for an unreadable file.
pub fn archived_code(path: &str) -> Result<Bytes, OracleError> {
    let archives = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts/archives");
    bytecode(archives.join(path))
}

/// Reads the creation bytecode of a contract of `contracts/src`, compiled by `fetch.sh`.
///
/// Errors as [`archived_code`].
pub fn built_code(name: &str) -> Result<Bytes, OracleError> {
    let build = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts/build");
    bytecode(build.join(format!("{name}.json")))
}

/// Reads the PancakeSwap v3 pool of v3-core 1.0.2.
pub(crate) fn pancake_pool_code() -> Result<Bytes, OracleError> {
    let path = "contracts/PancakeV3Pool.sol/PancakeV3Pool.json";
    let code = archived_code(&format!("@pancakeswap/v3-core@1.0.2/{path}"))?;
    check("PancakeV3Pool", &code, PANCAKE_INIT_CODE)?;
    Ok(code)
}

fn bytecode(path: PathBuf) -> Result<Bytes, OracleError> {
    let bad = |detail: String| OracleError::BadArtifact { path: path.clone(), detail };
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(OracleError::MissingArtifact(path));
        }
        Err(error) => return Err(bad(error.to_string())),
    };
    let json: serde_json::Value =
        serde_json::from_slice(&text).map_err(|error| bad(error.to_string()))?;
    // Truffle, Hardhat and Vyper builds have text, Foundry's an object, Balancer's another name.
    let code = json.get("bytecode").or_else(|| json.get("creationCode"));
    let code = code.map(|code| code.get("object").unwrap_or(code));
    let code = code.and_then(serde_json::Value::as_str);
    let code = code.ok_or_else(|| bad("no text field \"bytecode\"".to_owned()))?;
    let code = hex::decode(code.trim()).map_err(|error| bad(error.to_string()))?;
    if code.is_empty() { Err(bad("the bytecode is empty".to_owned())) } else { Ok(code.into()) }
}

fn check(contract: &'static str, code: &Bytes, expected: &'static str) -> Result<(), OracleError> {
    let found = hex::encode(keccak256(code));
    if found == expected {
        Ok(())
    } else {
        Err(OracleError::InitCodeHash { contract, found, expected })
    }
}
