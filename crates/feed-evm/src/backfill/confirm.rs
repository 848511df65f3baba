use serde_json::{Value, json};
use tidemill_units::BlockNumber;

use super::fetch::{Fetcher, LOGS};
use super::options::{Agreement, HeadersKept};
use super::piece::{Piece, contains};
use crate::RawLog;
use crate::rpc::{BlockHeader, DataFault, Receipt, RpcError, RpcFault, proves, quantity};

const RECEIPTS: &str = "eth_getBlockReceipts";
/// Receipts are long: so many blocks of them are asked for at once.
const RECEIPTS_AT_ONCE: usize = 4;

impl Fetcher<'_> {
    /// Lets another node confirm the logs of a piece, or else the receipts of the blocks in doubt.
    ///
    /// Where one of two nodes has all that the other has and more, it is right: a log that is not
    /// on the chain does not fit the header's hash and bloom filter.
    pub(super) async fn confirm(
        &self,
        mut piece: Piece,
        node: usize,
        doubtful: &[BlockHeader],
    ) -> Result<Piece, RpcError> {
        let mut last = None;
        for other in self.order(node).filter(|other| *other != node) {
            match self.second(&piece, other).await {
                Ok(logs) if contains(&piece.logs, &logs) => return Ok(piece),
                Ok(logs) if contains(&logs, &piece.logs) => {
                    piece.logs = logs;
                    return Ok(piece);
                }
                Ok(_) => return Err(self.disagreement(&piece, node)),
                Err(error) => last = Some(error),
            }
        }
        if self.options.agreement == Agreement::Two {
            return Err(last.unwrap_or_else(|| self.disagreement(&piece, node)));
        }
        self.by_receipts(piece, node, doubtful).await
    }

    fn disagreement(&self, piece: &Piece, node: usize) -> RpcError {
        let (from, to) = (BlockNumber(piece.blocks.from), BlockNumber(piece.blocks.to));
        let fault = DataFault::Disagreement { from, to };
        self.endpoints.blame(node, LOGS, RpcFault::Data(fault))
    }

    /// The logs of the piece's range as another node has them.
    async fn second(&self, piece: &Piece, other: usize) -> Result<Vec<RawLog>, RpcError> {
        let logs = self.logs(piece.blocks, other).await?;
        let headers = piece.headers.clone();
        let mut second = Piece { blocks: piece.blocks, logs, headers };
        let by_bloom = self.options.headers == HeadersKept::Every;
        let blame = |fault| self.endpoints.blame(other, LOGS, RpcFault::Data(fault));
        second.settle(by_bloom).map_err(blame)?;
        Ok(second.logs)
    }

    async fn by_receipts(
        &self,
        mut piece: Piece,
        node: usize,
        doubtful: &[BlockHeader],
    ) -> Result<Piece, RpcError> {
        for headers in doubtful.chunks(RECEIPTS_AT_ONCE) {
            let params: Vec<Value> =
                headers.iter().map(|header| json!([quantity(header.number.0)])).collect();
            let answers: Result<Vec<Vec<Receipt>>, _> =
                self.endpoints.batch_on(node, RECEIPTS, &params).await;
            let answers = answers?;
            for (header, receipts) in headers.iter().zip(answers) {
                let blame = |fault| self.endpoints.blame(node, RECEIPTS, RpcFault::Data(fault));
                let logs = proves(self.query, header, receipts).map_err(blame)?;
                piece.replace(header.number, logs);
            }
        }
        Ok(piece)
    }
}
