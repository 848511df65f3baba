use tidemill_model::MerkleClaimLog;
use tidemill_rewards::merkle_claim::{MerkleClaim, Node, TokenDrop};

use super::mismatch::Comparison;
use super::{Paid, ProgrammeMismatch, TokenTotal, account};

/// Makes the call behind a log; index, account and amount are proven against the root.
pub(super) fn apply(
    model: &mut MerkleClaim,
    log: &MerkleClaimLog,
) -> Result<Option<Paid>, ProgrammeMismatch> {
    let with = Comparison { event: log.kind() };
    match log {
        MerkleClaimLog::Claimed { index, account: who, amount, merkle_proof } => {
            let drop = TokenDrop { index: *index, account: account(*who), amount: *amount };
            let proof: Vec<Node> = merkle_proof.iter().map(|node| Node(node.0)).collect();
            model.claim(&drop, &proof).map_err(with.reverts())?;
            Ok(Some(Paid { token: None, amount: *amount }))
        }
        MerkleClaimLog::Funded { amount } => {
            model.fund(*amount).map_err(with.reverts())?;
            Ok(None)
        }
    }
}

/// What is left for drops that were not claimed; how many there are only the tree knows.
pub(super) fn unclaimed(model: &MerkleClaim) -> Vec<TokenTotal> {
    vec![TokenTotal { token: None, amount: model.balance() }]
}
