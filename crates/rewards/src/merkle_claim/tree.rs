use std::fmt;

use alloy_primitives::keccak256;

/// A node of a Merkle tree: the hash of a leaf's content, or of the two nodes below.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node(pub [u8; 32]);

/// A Merkle tree as the scripts of both programmes build it: each pair hashed with the smaller node
/// first, an odd node carried up as it is. They differ in which leaves it has, in which order.
///
/// Source: `merkle-distributor` 1.0.1 `src/merkle-tree.ts`; `merkletreejs` with `sortPairs`, as
/// AngleProtocol/merkl-dispute uses it (`buildMerklTree`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MerkleTree {
    /// The leaves first, the root last; never without a leaf.
    layers: Vec<Vec<Node>>,
}

impl Node {
    /// Returns the hash of some bytes.
    pub fn hash(bytes: &[u8]) -> Self {
        Self(keccak256(bytes).0)
    }

    /// Returns the node above two others, whichever comes first.
    pub fn above(self, other: Self) -> Self {
        let mut both = [0; 64];
        let (low, high) = both.split_at_mut(32);
        low.copy_from_slice(&self.min(other).0);
        high.copy_from_slice(&self.max(other).0);
        Self::hash(&both)
    }

    /// Returns the root that a proof leads to from here: the siblings from the bottom up.
    ///
    /// Source: `MerkleProof.verify` of OpenZeppelin, `Distributor._verifyProof` of Merkl.
    pub fn root_by(self, proof: &[Self]) -> Self {
        proof.iter().fold(self, |node, sibling| node.above(*sibling))
    }
}

impl fmt::Display for Node {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("0x")?;
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl MerkleTree {
    /// Builds a tree over leaves in the order given, as Merkl did in 2023; `None` for no leaves.
    ///
    /// Those trees had a leaf for each user and token, by the order in which the campaigns name
    /// them, the token varying first; a user without any of a token has a leaf of zero.
    pub fn in_order(leaves: Vec<Node>) -> Option<Self> {
        if leaves.is_empty() {
            return None;
        }
        let mut layers = vec![leaves];
        while let Some(layer) = layers.last().filter(|layer| layer.len() > 1) {
            let next = layer.chunks(2).filter_map(|pair| match pair {
                [left, right] => Some(left.above(*right)),
                [odd] => Some(*odd),
                _ => None,
            });
            let next = next.collect();
            layers.push(next);
        }
        Some(Self { layers })
    }

    /// Builds a tree over leaves in the order of their bytes, as Merkl does now; equal ones are
    /// kept. `None` for no leaves.
    pub fn sorted(mut leaves: Vec<Node>) -> Option<Self> {
        leaves.sort_unstable();
        Self::in_order(leaves)
    }

    /// Builds Uniswap's tree, in the order of the leaves' bytes, equal ones once; `None` for no
    /// leaves.
    pub fn distinct(mut leaves: Vec<Node>) -> Option<Self> {
        leaves.sort_unstable();
        leaves.dedup();
        Self::in_order(leaves)
    }

    /// Returns the root; the leaf itself where there is one only.
    pub fn root(&self) -> Node {
        self.layers.last().and_then(|layer| layer.first()).copied().unwrap_or_default()
    }

    /// Returns the leaves, in their order.
    pub fn leaves(&self) -> &[Node] {
        self.layers.first().map_or(&[], Vec::as_slice)
    }

    /// Returns the siblings on the way from a leaf to the root; `None` where it is no leaf.
    pub fn proof(&self, leaf: Node) -> Option<Vec<Node>> {
        let mut place = self.leaves().iter().position(|known| *known == leaf)?;
        let mut proof = Vec::new();
        for layer in &self.layers {
            // The sibling differs in the lowest bit; an odd node at the end has none.
            proof.extend(layer.get(place ^ 1));
            place >>= 1;
        }
        Some(proof)
    }
}
