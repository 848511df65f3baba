//! `tidemill claim`: whether a proof leads from a claim to a Merkle root.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use serde::Serialize;
use tidemill_model::{Address, Bytes32};
use tidemill_rewards::merkle_claim::{
    CumulativeClaim, CumulativeClaimError, CumulativeClaimState, CumulativeReward, MerkleClaim,
    MerkleClaimError, MerkleClaimState, Node, TokenAmount, TokenDrop,
};
use tidemill_rewards::{Account, Programme};
use tidemill_store::ProgrammeState;
use tidemill_units::{Amount, Timestamp};

use crate::failure::Failure;
use crate::output;

const EXAMPLES: &str = "Examples:
  tidemill claim 0x8ed00b9a690fa13fd7454345df2ecc4e9b5d12fad0a9eee83fef533ffec7d848 \\
      --account 0xa1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1 \\
      --token 0xaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeae --amount 900000000000000000000 \\
      --proof 0x28043c823bdb60c128d1e00b7752a468858d085f0302cc3c857d9075ddb27cf5
  tidemill claim drop.json --account 0xa1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1 --index 0 \\
      --amount 400000000000000000000 --json \\
      --proof 0x8085225fa8ecd92ac91d6543d45b61c19028c1e642b21e375becf2b64adea726 \\
      --proof 0xb0e3f423fca36d6d38c3cb6cefab02cd2a6e1597158a0814b6f7d5c6f1428386

With --token it is a claim of Merkl's, whose amount is all that was ever earned; with --index one of
a merkle-distributor, paid once. A state file instead of the root says what would be paid, too:
docs/programme-state.md, merkle_claim or cumulative_claim.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The Merkle root, 0x and 64 hexadecimal digits, or the state of a programme with one
    #[arg(value_name = "ROOT|STATE.json")]
    root: String,
    /// Who earned it
    #[arg(long, value_name = "ADDRESS")]
    account: String,
    /// The token, of a claim of Merkl's
    #[arg(
        long,
        value_name = "ADDRESS",
        conflicts_with = "index",
        required_unless_present = "index"
    )]
    token: Option<String>,
    /// The claim's number, of a merkle-distributor
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    index: Option<String>,
    /// How much, in raw units
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    amount: String,
    /// The siblings from the leaf up to the root, in one list or one by one; none for a tree of one
    /// leaf
    #[arg(long, value_name = "HASH,...")]
    proof: Vec<String>,
    /// When, in seconds since 1970, for the state of Merkl's distributor; now without it
    #[arg(long, value_name = "UNIX_TIME", allow_hyphen_values = true)]
    at: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What was proven. Paid is what the programme would pay now, where its state was given.
#[derive(Serialize)]
struct Proven {
    kind: &'static str,
    leaf: String,
    root: String,
    pays: Option<String>,
}

/// Where a proof has to lead, and what is left to be paid.
enum Target {
    Root(Node),
    Drop(Box<MerkleClaim>),
    Cumulative(Box<CumulativeClaim>),
}

impl Arguments {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let account = account("--account", &self.account)?;
        let amount: Amount = parse("--amount", &self.amount)?;
        let proof = self.proof()?;
        let at = self.time()?;
        let proven = match (&self.token, &self.index) {
            (Some(token), _) => {
                let token = self::account("--token", token)?;
                self.cumulative(CumulativeReward { user: account, token, amount }, &proof, at)?
            }
            (None, Some(index)) => {
                let index = parse::<Amount>("--index", index)?.0;
                self.drop(&TokenDrop { index, account, amount }, &proof)?
            }
            (None, None) => return Err(Failure::input("--token or --index is missing")),
        };
        if self.json {
            return output::print_json(&proven);
        }
        let Proven { kind, leaf, root, pays } = proven;
        let mut rows = vec![("claim of", kind.to_owned()), ("leaf", leaf), ("leads to", root)];
        rows.extend(pays.map(|pays| ("pays", pays)));
        output::print_rows(&rows)
    }

    fn drop(&self, drop: &TokenDrop, proof: &[Node]) -> Result<Proven, Failure> {
        let (mut claim, is_state) = match self.target()? {
            Target::Root(merkle_root) => {
                let balance = drop.amount;
                let state = MerkleClaimState { merkle_root, balance, ..Default::default() };
                (MerkleClaim::new(&state).map_err(Failure::input)?, false)
            }
            Target::Drop(claim) => (*claim, true),
            Target::Cumulative(_) => return Err(self.other("--index", "cumulative_claim")),
        };
        let root = claim.state().merkle_root;
        let leaf = drop.leaf();
        claim.claim(drop, proof).map_err(|error| match error {
            MerkleClaimError::InvalidProof => misled(&error, [leaf, root], proof),
            MerkleClaimError::AlreadyClaimed => Failure::input(format!("--index: {error}")),
            MerkleClaimError::Unfunded | MerkleClaimError::TokenOverflow => self.refused(&error),
        })?;
        let pays = is_state.then(|| drop.amount.to_string());
        Ok(Proven { kind: "merkle_claim", leaf: leaf.to_string(), root: root.to_string(), pays })
    }

    fn cumulative(
        &self,
        reward: CumulativeReward,
        proof: &[Node],
        at: Timestamp,
    ) -> Result<Proven, Failure> {
        let (mut claim, is_state) = match self.target()? {
            Target::Root(tree) => {
                let holding = TokenAmount { token: reward.token, amount: reward.amount };
                // A tree may promise nothing; a distributor has no such holding.
                let balances = if reward.amount.is_zero() { Vec::new() } else { vec![holding] };
                let state = CumulativeClaimState { tree, balances, ..Default::default() };
                (CumulativeClaim::new(&state).map_err(Failure::input)?, false)
            }
            Target::Cumulative(claim) => (*claim, true),
            Target::Drop(_) => return Err(self.other("--token", "merkle_claim")),
        };
        let root = claim.merkle_root(at);
        let leaf = reward.leaf();
        let paid = claim.claim(reward.user, &[(reward, proof.to_vec())], at);
        let paid = paid.map_err(|error| {
            let is_amount = error == CumulativeClaimError::BelowClaimed
                || error == CumulativeClaimError::AmountTooWide;
            if error == CumulativeClaimError::InvalidProof {
                misled(&error, [leaf, root], proof)
            } else if is_amount {
                Failure::input(format!("--amount: {error}"))
            } else {
                // What else there is to refuse of a claim is in the state.
                self.refused(&error)
            }
        })?;
        let pays = paid.first().filter(|_| is_state).map(|paid| paid.amount.to_string());
        let (leaf, root) = (leaf.to_string(), root.to_string());
        Ok(Proven { kind: "cumulative_claim", leaf, root, pays })
    }

    fn refused(&self, error: &dyn std::fmt::Display) -> Failure {
        Failure::input(format!("{}: {error}", clip(&self.root)))
    }

    fn other(&self, option: &str, kind: &str) -> Failure {
        let file = clip(&self.root);
        Failure::input(format!("{option}: is not of a {kind}, which {file} is"))
    }

    fn target(&self) -> Result<Target, Failure> {
        if self.root.starts_with("0x") && !Path::new(&self.root).exists() {
            return node("ROOT", &self.root).map(Target::Root);
        }
        let state = ProgrammeState::read(Path::new(&self.root)).map_err(Failure::input)?;
        let kind = state.kind();
        let programme = state.resume();
        let file = &self.root;
        let programme = programme.map_err(|error| Failure::input(format!("{file}: {error}")))?;
        if let Programme::MerkleClaim(claim) = programme {
            return Ok(Target::Drop(claim));
        }
        let Programme::CumulativeClaim(claim) = programme else {
            let expected = "expected a merkle_claim or a cumulative_claim";
            return Err(Failure::input(format!("{file}: a {kind} has no Merkle root; {expected}")));
        };
        Ok(Target::Cumulative(claim))
    }

    fn proof(&self) -> Result<Vec<Node>, Failure> {
        let lists = self.proof.iter().filter(|list| !list.is_empty());
        let nodes = lists.flat_map(|list| list.split(','));
        nodes.map(|text| node("--proof", text.trim())).collect()
    }

    fn time(&self) -> Result<Timestamp, Failure> {
        let Some(text) = &self.at else {
            let since = SystemTime::now().duration_since(UNIX_EPOCH);
            return Ok(Timestamp(since.map_or(0, |since| since.as_secs())));
        };
        let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let seconds = if is_digits { text.parse().ok() } else { None };
        let expected = "expected seconds since 1970, 0 to 2^64 - 1";
        let wrong = || format!("--at: `{}` is not allowed; {expected}", clip(text));
        seconds.map(Timestamp).ok_or_else(|| Failure::input(wrong()))
    }
}

/// Says of a bad proof where it leads instead.
fn misled(error: &dyn std::fmt::Display, [leaf, root]: [Node; 2], proof: &[Node]) -> Failure {
    let found = leaf.root_by(proof);
    Failure::input(format!("--proof: {error}: from the leaf {leaf} it is {found}, not {root}"))
}

fn node(option: &str, text: &str) -> Result<Node, Failure> {
    let bytes = text.parse::<Bytes32>();
    let expected = "expected 0x and 64 hexadecimal digits";
    let wrong = |_| format!("{option}: `{}` is not allowed; {expected}", clip(text));
    bytes.map(|Bytes32(bytes)| Node(bytes)).map_err(|error| Failure::input(wrong(error)))
}

fn account(option: &str, text: &str) -> Result<Account, Failure> {
    let address: Address = parse(option, text)?;
    Ok(Account(address.0))
}

fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(
    option: &str,
    text: &str,
) -> Result<T, Failure> {
    text.parse().map_err(|error| Failure::input(format!("{option}: {error}")))
}

fn clip(text: &str) -> String {
    text.chars().take(80).collect::<String>().escape_debug().to_string()
}
