use tidemill_model::{Address, Token};

use crate::snapshot::{
    AtBlock, BlockChoice, ChainReader, ContractCall, SnapshotError, Words, read_at_block,
};

/// What a token's contract says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenMetadata {
    /// Symbol, decimals and address.
    pub token: Token,
    /// The long name, where it has one.
    pub name: Option<String>,
}

/// Why nothing is known of a token that could be relied on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("token {token}: {fault}")]
pub struct TokenError {
    /// The token.
    pub token: Address,
    /// Why.
    pub fault: TokenFault,
}

/// What is wrong with a token, or with what nodes say of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// `decimals()` reverts or gives nothing: nobody can say what an amount of it is.
    #[error("it does not tell its decimals: {0}")]
    NoDecimals(String),
    /// More decimals than amounts can have here.
    #[error("it tells decimals that are no number; allowed is 0 to 38")]
    Decimals,
    /// `symbol()` reverts or gives nothing that is text.
    #[error("it does not tell its symbol: {0}")]
    NoSymbol(&'static str),
    /// The nodes do not say the same.
    #[error("node {first} says {said}, node {second} says {other}")]
    Disagreement {
        /// The place of one node in the list.
        first: usize,
        /// The place of the other.
        second: usize,
        /// What the first says.
        said: String,
        /// What the other says.
        other: String,
    },
    /// Fewer nodes than have to agree.
    #[error("{0} nodes to ask; allowed are two or more")]
    TooFew(usize),
    /// A node gave no answer.
    #[error(transparent)]
    Read(SnapshotError),
}

/// The longest symbol and name that are read, in bytes; what is longer is not meant to be read.
const MOST_SYMBOL: usize = 64;
const MOST_NAME: usize = 256;

/// Reads what a token says of itself from at least two nodes that agree: every amount of it depends
/// on its decimals. Each is asked at its newest block. Costs five requests a node.
///
/// Symbol and name may be text or, as in tokens of 2017, 32 bytes filled up with zeros. Nothing is
/// assumed: there are no decimals by default.
///
/// Errors: those of [`TokenFault`].
pub async fn token_metadata(
    nodes: &[&dyn ChainReader],
    token: Address,
) -> Result<TokenMetadata, TokenError> {
    token_metadata_named(nodes, token, None).await
}

/// As [`token_metadata`], of a token that somebody has a symbol for: it counts where the contract
/// tells none. Decimals nobody can give.
pub async fn token_metadata_named(
    nodes: &[&dyn ChainReader],
    token: Address,
    named: Option<&str>,
) -> Result<TokenMetadata, TokenError> {
    let failed = |fault| TokenError { token, fault };
    if nodes.len() < 2 {
        return Err(failed(TokenFault::TooFew(nodes.len())));
    }
    let mut agreed = None;
    for (place, node) in nodes.iter().enumerate() {
        let read = async |at: &AtBlock<'_>| ask(at, token, named).await;
        let (_, said) = read_at_block(*node, BlockChoice::Latest, 3, read)
            .await
            .map_err(|error| failed(TokenFault::Read(error)))?;
        let said = said.map_err(failed)?;
        match &agreed {
            None => agreed = Some(said),
            Some(first) if *first == said => {}
            Some(first) => {
                let (other, said) = (format!("{said:?}"), format!("{first:?}"));
                let fault = TokenFault::Disagreement { first: 0, second: place, said, other };
                return Err(failed(fault));
            }
        }
    }
    agreed.ok_or_else(|| failed(TokenFault::TooFew(0)))
}

async fn ask(
    at: &AtBlock<'_>,
    token: Address,
    named: Option<&str>,
) -> Result<Result<TokenMetadata, TokenFault>, SnapshotError> {
    let call = |signature| ContractCall::new(token, signature, &[]);
    let calls = [call("decimals()"), call("symbol()"), call("name()")];
    let answers = at.try_calls(&calls).await?;
    let [decimals, symbol, name] = answers.as_slice() else {
        return Ok(Err(TokenFault::NoDecimals("no answer".to_owned())));
    };
    Ok(read((token, named), decimals, symbol, name))
}

fn read(
    (token, named): (Address, Option<&str>),
    decimals: &Result<Words, String>,
    symbol: &Result<Words, String>,
    name: &Result<Words, String>,
) -> Result<TokenMetadata, TokenFault> {
    let decimals = match decimals {
        Err(detail) => return Err(TokenFault::NoDecimals(detail.clone())),
        Ok(words) if words.bytes().is_empty() => {
            return Err(TokenFault::NoDecimals("an empty answer".to_owned()));
        }
        Ok(words) => words.number::<u8>(0, "0 to 38").map_err(|_| TokenFault::Decimals)?,
    };
    if decimals > Token::MAX_DECIMALS {
        return Err(TokenFault::Decimals);
    }
    let told = match symbol {
        Err(_) => Err("the call reverts"),
        Ok(words) => text(words, MOST_SYMBOL).ok_or("the answer is no text"),
    };
    let symbol = match (told, named) {
        (Ok(symbol), _) => symbol,
        (Err(_), Some(named)) => named.to_owned(),
        (Err(why), None) => return Err(TokenFault::NoSymbol(why)),
    };
    let name = name.as_ref().ok().and_then(|words| text(words, MOST_NAME));
    Ok(TokenMetadata { token: Token { symbol, decimals, address: Some(token) }, name })
}

/// Reads text, or 32 bytes of it; none that is empty, too long, or not fit to print.
fn text(words: &Words, most: usize) -> Option<String> {
    let bytes = if words.bytes().len() == 32 {
        let end = words.bytes().iter().rposition(|byte| *byte != 0)?;
        words.bytes().get(..=end)?
    } else {
        words.text(0).ok()?
    };
    let text = std::str::from_utf8(bytes).ok()?;
    let fits = !text.is_empty() && text.len() <= most && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
}
