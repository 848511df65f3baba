use std::collections::VecDeque;

use alloy_rpc_types_eth::Log;
use serde_json::json;
use tidemill_model::Bytes32;
use tidemill_units::{BlockNumber, LogIndex};
use tokio::sync::mpsc;

use super::branch::Branch;
use super::event::{LiveEvent, LiveGap};
use super::options::LiveOptions;
use crate::backfill::contains;
use crate::rpc::{
    Ask, BlockHeader, CallError, DataFault, Endpoints, LogQuery, Receipt, RpcError, RpcFault,
    check_logs, maybe_missing, merge_logs, proves, quantity, settle,
};
use crate::{LogPlace, RawLog};

/// So many logs of the socket are remembered until their blocks are told.
const WITNESSES: usize = 4_096;
const LOGS: &str = "eth_getLogs";

/// Follows a chain's newest block from what was told last.
pub(super) struct Follower<'a> {
    pub(super) endpoints: &'a Endpoints,
    pub(super) query: &'a LogQuery,
    pub(super) options: LiveOptions,
    pub(super) branch: Branch,
    pub(super) events: mpsc::Sender<LiveEvent>,
    /// Logs that the socket told, by the hashes of their blocks.
    witnesses: VecDeque<(Bytes32, LogPlace)>,
    blind: bool,
}

/// Why a block could not be told.
#[derive(Debug)]
pub(super) enum Stop {
    /// For this reason; asked again later.
    Gap(LiveGap),
    /// Nobody listens any more.
    Closed,
}

impl<'a> Follower<'a> {
    pub(super) fn new(
        endpoints: &'a Endpoints,
        query: &'a LogQuery,
        options: LiveOptions,
        events: mpsc::Sender<LiveEvent>,
    ) -> Self {
        let branch = Branch::new(options.kept_headers);
        let witnesses = VecDeque::new();
        Self { endpoints, query, options, branch, events, witnesses, blind: false }
    }

    /// Asks for the newest block and goes there.
    pub(super) async fn poll(&mut self) -> Result<(), Stop> {
        let ask = Ask { method: "eth_getBlockByNumber", params: json!(["latest", false]) };
        let head: BlockHeader = self.ask(&ask).await?.1;
        self.go_to(head).await
    }

    /// Goes to a block that the socket told, if it simply is the next. Anything else may be old
    /// news of a branch that is gone, so that the newest block is asked for.
    pub(super) async fn told(&mut self, head: BlockHeader) -> Result<(), Stop> {
        match self.branch.tip() {
            Some(tip) if tip.hash == head.parent_hash && !self.blind => self.go_to(head).await,
            Some(_) if self.branch.find(head.hash).is_some() => Ok(()),
            Some(_) | None => self.poll().await,
        }
    }

    /// Remembers a log of the socket; if its block was told without it, the block is taken back.
    pub(super) async fn witness(&mut self, log: RawLog) -> Result<(), Stop> {
        let hash = log.block_hash.unwrap_or_default();
        let told = self.branch.find(hash);
        let Some(told) = told.filter(|told| told.header.number == log.place.block) else {
            while self.witnesses.len() >= WITNESSES {
                self.witnesses.pop_front();
            }
            self.witnesses.push_back((hash, log.place));
            return Ok(());
        };
        let known = |logs: &Vec<LogIndex>| logs.contains(&log.place.log_index);
        if told.logs.as_ref().is_none_or(known) {
            return Ok(());
        }
        let (parent, since) = (told.header.parent_hash, told.header.number);
        self.witnesses.push_back((hash, log.place));
        if self.branch.find(parent).is_none() {
            // There is nothing below it to go back to.
            let kept = self.branch.len();
            self.gap(since, LiveGap::TooDeep { oldest_kept: since, kept }).await?;
            self.branch.clear();
            return self.poll().await;
        }
        self.gap(since, LiveGap::MissedLog(log.place)).await?;
        self.revert_to(parent).await?;
        self.poll().await
    }

    /// Whether nothing is known just now.
    pub(super) fn is_blind(&self) -> bool {
        self.blind
    }

    /// Says once that nothing is known.
    pub(super) async fn blind(&mut self, cause: LiveGap) -> Result<(), Stop> {
        if self.blind {
            return Ok(());
        }
        let next = |tip: &BlockHeader| BlockNumber(tip.number.0.saturating_add(1));
        let since = self.branch.tip().map(next).unwrap_or_default();
        self.gap(since, cause).await
    }

    async fn gap(&mut self, since: BlockNumber, cause: LiveGap) -> Result<(), Stop> {
        self.blind = true;
        self.send(LiveEvent::Gap { since, cause }).await
    }

    async fn send(&self, event: LiveEvent) -> Result<(), Stop> {
        self.events.send(event).await.map_err(|_| Stop::Closed)
    }

    /// Tells everything between what was told last and this block.
    async fn go_to(&mut self, head: BlockHeader) -> Result<(), Stop> {
        if self.branch.find(head.hash).is_some() {
            return self.restored().await;
        }
        let path = match self.path(head.clone()).await {
            Ok(path) => path,
            Err(Stop::Gap(lost)) if lost.loses_blocks() => {
                let tip = self.branch.tip().map_or(0, |tip| tip.number.0);
                self.gap(BlockNumber(tip.saturating_add(1)), lost).await?;
                self.branch.clear();
                vec![head]
            }
            Err(stop) => return Err(stop),
        };
        self.restored().await?;
        if let Some(first) = path.last() {
            self.revert_to(first.parent_hash).await?;
        }
        for header in path.into_iter().rev() {
            let logs = self.logs(&header).await?;
            let indices = logs.iter().map(|log| log.place.log_index).collect();
            self.witnesses.retain(|(hash, _)| *hash != header.hash);
            self.branch.push(header.clone(), Some(indices));
            self.send(LiveEvent::Block { header, logs }).await?;
        }
        Ok(())
    }

    async fn restored(&mut self) -> Result<(), Stop> {
        if std::mem::replace(&mut self.blind, false) {
            self.send(LiveEvent::Restored).await?;
        }
        Ok(())
    }

    async fn revert_to(&mut self, hash: Bytes32) -> Result<(), Stop> {
        while let Some(header) = self.branch.pop_above(hash) {
            self.send(LiveEvent::Reverted { header }).await?;
        }
        Ok(())
    }

    /// The headers from a block down to the one whose parent was told, newest first.
    async fn path(&self, head: BlockHeader) -> Result<Vec<BlockHeader>, Stop> {
        let (Some(oldest), Some(tip)) = (self.branch.oldest(), self.branch.tip()) else {
            return Ok(vec![head]);
        };
        let (from, to) = (BlockNumber(tip.number.0.saturating_add(1)), head.number);
        let most = self.options.catch_up;
        let mut path = vec![head];
        while let Some(first) = path.last() {
            if self.branch.find(first.parent_hash).is_some() {
                break;
            }
            if first.number <= oldest {
                let kept = self.branch.len();
                return Err(Stop::Gap(LiveGap::TooDeep { oldest_kept: oldest, kept }));
            }
            if path.len() >= most {
                let to = BlockNumber(to.0.saturating_sub(1));
                return Err(Stop::Gap(LiveGap::TooFarBehind { from, to, most }));
            }
            let parent = self.by_hash(first).await?;
            path.push(parent);
        }
        Ok(path)
    }

    async fn by_hash(&self, child: &BlockHeader) -> Result<BlockHeader, Stop> {
        let hash = child.parent_hash;
        let params = json!([hash.to_string(), false]);
        let ask = Ask { method: "eth_getBlockByHash", params };
        let (index, header) = self.ask::<BlockHeader>(&ask).await?;
        let asked = BlockNumber(child.number.0.saturating_sub(1));
        if header.hash == hash && header.number == asked {
            return Ok(header);
        }
        let fault = DataFault::OtherHeader { asked, found: header.number };
        Err(self.wrong(index, ask.method, fault))
    }

    /// The logs of a block: from one node, and from a second or the receipts if there is doubt.
    async fn logs(&self, header: &BlockHeader) -> Result<Vec<RawLog>, Stop> {
        let mut last: Option<RpcError> = None;
        let mut found: Option<Vec<RawLog>> = None;
        for index in self.endpoints.order(0) {
            match self.logs_of(index, header).await {
                Ok(logs) if !self.doubt(header, &logs) => return Ok(logs),
                Ok(logs) => match found.take() {
                    // Two nodes that say the same are believed about a filter, not about a log
                    // that the socket has told.
                    Some(before) if before == logs && self.witnessed(header, &logs) => {
                        return Ok(logs);
                    }
                    Some(before) if contains(&before, &logs) => found = Some(before),
                    Some(_) | None => found = Some(logs),
                },
                Err(error) => last = Some(error),
            }
        }
        if found.is_some() {
            for index in self.endpoints.order(0) {
                match self.by_receipts(index, header).await {
                    Ok(logs) if self.witnessed(header, &logs) => return Ok(logs),
                    Ok(_) => {}
                    Err(error) => last = Some(error),
                }
            }
        }
        let unconfirmed = RpcFault::Data(DataFault::HoleUnconfirmed(header.number));
        let error = last.unwrap_or_else(|| self.endpoints.blame(0, LOGS, unconfirmed));
        Err(Stop::Gap(LiveGap::Wrong(error)))
    }

    async fn logs_of(&self, index: usize, header: &BlockHeader) -> Result<Vec<RawLog>, RpcError> {
        let blame = |fault| self.endpoints.blame(index, LOGS, RpcFault::Data(fault));
        let mut answers = Vec::with_capacity(self.query.filters.len());
        for filter in &self.query.filters {
            let logs: Vec<Log> = self.endpoints.on(index, &filter.by_hash(header.hash)).await?;
            let number = header.number;
            answers.push(check_logs(filter, number, number, logs).map_err(blame)?);
        }
        let mut logs = merge_logs(answers).map_err(blame)?;
        settle(header, &mut logs, self.options.by_bloom).map_err(blame)?;
        Ok(logs)
    }

    async fn by_receipts(
        &self,
        index: usize,
        header: &BlockHeader,
    ) -> Result<Vec<RawLog>, RpcError> {
        let params = json!([quantity(header.number.0)]);
        let ask = Ask { method: "eth_getBlockReceipts", params };
        let receipts: Vec<Receipt> = self.endpoints.on(index, &ask).await?;
        let blame = |fault| self.endpoints.blame(index, ask.method, RpcFault::Data(fault));
        proves(self.query, header, receipts).map_err(blame)
    }

    fn doubt(&self, header: &BlockHeader, logs: &[RawLog]) -> bool {
        let by_bloom = self.options.by_bloom && maybe_missing(self.query, header, logs);
        by_bloom || !self.witnessed(header, logs)
    }

    /// Whether all logs that the socket told of a block are there.
    fn witnessed(&self, header: &BlockHeader, logs: &[RawLog]) -> bool {
        let mut told = self.witnesses.iter().filter(|(hash, _)| *hash == header.hash);
        told.all(|(_, place)| logs.iter().any(|log| log.place == *place))
    }

    async fn ask<T: serde::de::DeserializeOwned>(&self, ask: &Ask) -> Result<(usize, T), Stop> {
        let no_answer = |error: CallError| Stop::Gap(LiveGap::NoAnswer(error));
        self.endpoints.any(0, ask).await.map_err(no_answer)
    }

    fn wrong(&self, index: usize, method: &'static str, fault: DataFault) -> Stop {
        Stop::Gap(LiveGap::Wrong(self.endpoints.blame(index, method, RpcFault::Data(fault))))
    }
}
