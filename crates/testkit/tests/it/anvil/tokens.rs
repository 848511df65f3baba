//! What tokens say of themselves, as two nodes tell it.

use serde_json::json;
use tidemill_feed_evm::snapshot::ChainReader;
use tidemill_feed_evm::{TokenFault, TokenMetadata, token_metadata};
use tidemill_testkit::Address;
use tidemill_testkit::anvil::AnvilWorld;

use super::node_reader::NodeReader;
use super::{of_evm, start, wait};

fn ask(nodes: &[&NodeReader], token: Address) -> Result<TokenMetadata, TokenFault> {
    let nodes: Vec<&dyn ChainReader> = nodes.iter().map(|node| *node as _).collect();
    wait(token_metadata(&nodes, of_evm(token))).map_err(|error| error.fault)
}

fn told(metadata: &TokenMetadata) -> (&str, u8, Option<&str>) {
    (&metadata.token.symbol, metadata.token.decimals, metadata.name.as_deref())
}

#[test]
fn tokens_say_what_they_are_or_nothing_is_assumed() {
    let Some(world) = start() else { return };
    let mut other: AnvilWorld = start().unwrap();
    let (one, two) = (NodeReader::new(&world.chain.node), NodeReader::new(&other.chain.node));
    let nodes = [&one, &two];
    let weth = ask(&nodes, world.weth).unwrap();
    assert_eq!(told(&weth), ("WETH", 18, Some("Wrapped Ether")));
    assert_eq!(weth.token.address, Some(of_evm(world.weth)));
    let old = ask(&nodes, world.old_token).unwrap();
    assert_eq!(told(&old), ("MKR", 18, Some("Maker")), "32 bytes");
    let shares = ask(&nodes, world.curve.shares).unwrap();
    assert_eq!(told(&shares), ("crvSUSD", 18, Some("Curve.fi sUSD")));

    let fault = ask(&nodes, world.tokens[0]).unwrap_err();
    assert_eq!(fault, TokenFault::NoSymbol("the call reverts"));
    let fault = ask(&nodes, world.pool.address).unwrap_err();
    assert!(matches!(fault, TokenFault::NoDecimals(_)), "{fault}: a pool has none");
    let fault = ask(&nodes, world.users[0]).unwrap_err();
    assert_eq!(fault, TokenFault::NoDecimals("an empty answer".to_owned()), "no contract");
    assert_eq!(ask(&[&one], world.weth), Err(TokenFault::TooFew(1)));

    // `decimals` is the third variable of `WETH9`.
    let mut set = |decimals: &str| {
        let word = format!("0x{decimals:0>64}");
        let params = json!([world.weth.to_string(), "0x2", word]);
        other.chain.request("anvil_setStorageAt", &params).unwrap();
    };
    set("11");
    let fault = ask(&nodes, world.weth).unwrap_err();
    assert!(matches!(fault, TokenFault::Disagreement { second: 1, .. }), "{fault}");
    set("27");
    assert_eq!(ask(&[&two, &two], world.weth), Err(TokenFault::Decimals), "39");
}
