//! The chain's end, live: in order, with what was taken back, or with a named gap.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tidemill_feed_evm::backfill::Chunk;
use tidemill_feed_evm::live::{LiveEvent, LiveGap, LiveOptions, LiveRequest, live};
use tidemill_feed_evm::rpc::{BlockHeader, NodeUrl};
use tidemill_model::Bytes32;
use tokio::sync::mpsc;

use crate::node::chain::{Chain, Random};
use crate::node::clock::TestClock;
use crate::node::http::{Asked, Fault, Node};
use crate::node::sinks::lines;
use crate::node::socket::{Say, Socket};
use crate::node::{open, query, run};

/// A chain, what tells of it, and what was heard.
struct Live {
    chain: Arc<Mutex<Chain>>,
    socket: Socket,
    events: mpsc::Receiver<LiveEvent>,
    told: Vec<(BlockHeader, Vec<String>)>,
    /// Whether what comes next need not follow on what was told.
    lost: bool,
    gaps: Vec<LiveGap>,
    blind: bool,
    reverted: usize,
}

impl Live {
    async fn start(
        with_socket: bool,
        options: LiveOptions,
        faults: impl FnMut(&Asked<'_>) -> Fault + Send + 'static,
    ) -> Self {
        let clock = Arc::new(TestClock::new());
        let chain = Arc::new(Mutex::new(Chain::of(50)));
        let node = Node::start(&chain, &clock, faults).await;
        let socket = Socket::start(&chain).await;
        let endpoints = open(&[&node], &clock).await;
        let url = with_socket.then(|| NodeUrl::parse(&socket.url).unwrap());
        let (sender, events) = mpsc::channel(4);
        tokio::spawn(async move {
            let request = LiveRequest { query: query(), after: None };
            live(&endpoints, url.as_ref(), &request, options, sender).await;
        });
        let (told, gaps) = (Vec::new(), Vec::new());
        let mut started =
            Self { chain, socket, events, told, lost: true, gaps, blind: false, reverted: 0 };
        started.reach().await;
        started
    }

    fn head(&self) -> u64 {
        self.chain.lock().unwrap().head()
    }

    fn grow(&self, blocks: u64, branch: u64) {
        self.chain.lock().unwrap().grow(blocks, branch);
    }

    /// Takes the newest blocks back and puts one more on another branch.
    fn reorganise(&self, depth: u64, branch: u64) {
        let mut chain = self.chain.lock().unwrap();
        let left = chain.blocks.len() - depth as usize;
        chain.blocks.truncate(left);
        chain.grow(depth + 1, branch);
    }

    /// Hears one event, which has to fit what was told before.
    async fn hear(&mut self) {
        // Not to wait by, but to fail instead of hanging.
        let event = tokio::time::timeout(Duration::from_secs(120), self.events.recv()).await;
        match event.expect("an event comes").expect("it goes on") {
            LiveEvent::Block { header, logs } => {
                assert!(!self.blind, "no block while nothing is known");
                if let Some((last, _)) = self.told.last().filter(|_| !self.lost) {
                    assert_eq!(last.hash, header.parent_hash, "each follows on the last");
                }
                self.lost = false;
                let (from, to) = (header.number, header.number);
                let headers = vec![header.clone()];
                let lines = lines(&Chunk { from, to, logs, headers, gaps: Vec::new() });
                self.told.push((header, lines));
            }
            LiveEvent::Reverted { header } => {
                self.reverted += 1;
                let (last, _) = self.told.pop().expect("only what was told is reverted");
                assert_eq!(last, header, "the newest first");
            }
            LiveEvent::Gap { cause, .. } => {
                self.blind = true;
                if cause.loses_blocks() {
                    self.lost = true;
                    self.told.clear();
                }
                self.gaps.push(cause);
            }
            LiveEvent::Restored => {
                assert!(self.blind, "only what was lost is restored");
                self.blind = false;
            }
        }
    }

    /// Hears until the chain's newest block is told, and checks all that stands.
    async fn reach(&mut self) {
        loop {
            let head = self.chain.lock().unwrap().blocks.last().unwrap().hash;
            let last = self.told.last().map(|(header, _)| header.hash);
            if !self.blind && last == Some(Bytes32(head.0)) {
                break;
            }
            self.hear().await;
        }
        let (Some((first, _)), Some((last, _))) = (self.told.first(), self.told.last()) else {
            panic!("something is told");
        };
        let truth = self.chain.lock().unwrap().truth(first.number.0, last.number.0);
        let told: Vec<&String> = self.told.iter().flat_map(|(_, lines)| lines).collect();
        assert_eq!(told, truth.iter().collect::<Vec<_>>());
    }
}

fn none(_: &Asked<'_>) -> Fault {
    Fault::None
}

#[test]
fn blocks_come_as_they_are_told() {
    run(async {
        let mut live = Live::start(true, LiveOptions::default(), none).await;
        for _ in 0..10 {
            live.grow(1, 1);
            live.socket.logs(live.head());
            live.socket.head(live.head());
            live.reach().await;
        }
        assert_eq!((live.told.len(), live.gaps.len()), (11, 0));
    });
}

#[test]
fn doubles_losses_noise_and_logs_before_their_block_change_nothing() {
    run(async {
        let mut live = Live::start(true, LiveOptions::default(), none).await;
        for round in 0..5 {
            live.grow(4, 1);
            let head = live.head();
            live.socket.logs(head);
            live.socket.say(Say::Noise("{"));
            live.socket.say(Say::Noise("{\"method\":\"other\"}"));
            live.socket.head(head);
            live.socket.head(head);
            live.socket.head(head - 2);
            live.socket.logs(head - 1);
            live.reach().await;
            assert_eq!(live.told.len(), 1 + 4 * (round + 1));
        }
        assert_eq!((live.gaps.len(), live.reverted), (0, 0));
    });
}

#[test]
fn a_reorganisation_reverts_the_newest_first() {
    run(async {
        let mut live = Live::start(true, LiveOptions::default(), none).await;
        live.grow(12, 1);
        live.socket.head(live.head());
        live.reach().await;
        let head = live.head();
        let old = live.chain.lock().unwrap().header(head);
        for depth in 1..=10 {
            live.reverted = 0;
            live.reorganise(depth, 1 + depth);
            live.socket.head(live.head());
            live.reach().await;
            assert_eq!((live.reverted, live.gaps.len()), (depth as usize, 0));
        }
        // News of the branch that is gone does not bring it back.
        live.reverted = 0;
        live.socket.say(Say::Head(old));
        live.grow(1, 1);
        live.socket.head(live.head());
        live.reach().await;
        assert_eq!(live.reverted, 0);
    });
}

#[test]
fn a_lost_socket_is_named_and_made_up_for() {
    run(async {
        let mut live = Live::start(true, LiveOptions::default(), none).await;
        for round in 1..=3 {
            live.socket.say(Say::Close);
            live.grow(5, 1);
            while live.gaps.len() < round {
                live.hear().await;
            }
            live.reach().await;
        }
        assert!(matches!(live.gaps[0], LiveGap::Dropped(_)), "{:?}", live.gaps);
        assert!(!format!("{:?}", live.gaps).contains("a-key"), "{:?}", live.gaps);
        assert_eq!(live.told.len(), 16);
    });
}

#[test]
fn without_a_socket_blocks_are_asked_for() {
    run(async {
        let mut live = Live::start(false, LiveOptions::default(), none).await;
        live.grow(3, 1);
        live.reach().await;
        live.reorganise(2, 7);
        live.reach().await;
        assert_eq!((live.told.len(), live.reverted, live.gaps.len()), (5, 2, 0));
    });
}

#[test]
fn a_reorganisation_below_what_is_kept_is_named() {
    run(async {
        let options = LiveOptions { kept_headers: 4, ..LiveOptions::default() };
        let mut live = Live::start(true, options, none).await;
        live.grow(8, 1);
        live.socket.head(live.head());
        live.reach().await;
        live.reorganise(3, 2);
        live.socket.head(live.head());
        live.reach().await;
        assert_eq!((live.reverted, live.gaps.len()), (3, 0), "three have a fourth to stand on");
        live.reorganise(6, 3);
        live.socket.head(live.head());
        live.reach().await;
        let [LiveGap::TooDeep { kept: 4, .. }] = live.gaps.as_slice() else {
            panic!("{:?}", live.gaps);
        };
    });
}

#[test]
fn too_many_missed_blocks_are_left_to_a_backfill() {
    run(async {
        let options = LiveOptions { catch_up: 3, ..LiveOptions::default() };
        let mut live = Live::start(true, options, none).await;
        live.grow(3, 1);
        live.socket.head(live.head());
        live.reach().await;
        assert_eq!(live.gaps, []);
        live.grow(4, 1);
        live.socket.head(live.head());
        live.reach().await;
        let [LiveGap::TooFarBehind { from, to, most: 3 }] = live.gaps.as_slice() else {
            panic!("{:?}", live.gaps);
        };
        assert_eq!((from.0, to.0), (53, 55));
    });
}

#[test]
fn a_node_that_fails_is_named_and_nothing_is_lost() {
    run(async {
        let mut asked_for_logs = 0;
        let faults = move |asked: &Asked<'_>| {
            asked_for_logs += u32::from(asked.method == "eth_getLogs");
            let bad = asked.method == "eth_getLogs" && (3..=9).contains(&asked_for_logs);
            if bad { Fault::Status(500, None) } else { Fault::None }
        };
        let mut live = Live::start(false, LiveOptions::default(), faults).await;
        live.grow(5, 1);
        live.reach().await;
        let [LiveGap::Wrong(error), ..] = live.gaps.as_slice() else { panic!("{:?}", live.gaps) };
        assert!(error.to_string().contains("HTTP status 500"), "{error}");
        assert_eq!(live.told.len(), 6);
    });
}

/// The node leaves out one of two logs of a contract at first, which no filter tells; the socket
/// does, before the block's answer or after it.
#[test]
fn a_log_that_the_socket_told_and_the_node_left_out_is_found() {
    fn last(logs: &mut Value) {
        logs.as_array_mut().unwrap().pop();
    }
    for early in [true, false] {
        run(async {
            let first = Arc::new(Mutex::new(false));
            let bad = first.clone();
            let faults = move |asked: &Asked<'_>| {
                let now =
                    asked.method == "eth_getLogs" && std::mem::take(&mut *bad.lock().unwrap());
                if now { Fault::Edit(last) } else { Fault::None }
            };
            let mut live = Live::start(true, LiveOptions::default(), faults).await;
            // Until a block in which one contract has two logs.
            loop {
                live.grow(1, 1);
                let head = live.head();
                let lines = live.chain.lock().unwrap().truth(head, head);
                let of = |line: &String| line.split(' ').nth(2).map(str::to_owned);
                let twice = lines.len() > 2
                    && lines[1..lines.len() - 1]
                        .iter()
                        .any(|line| of(line) == of(&lines[lines.len() - 1]));
                if twice {
                    break;
                }
                live.socket.head(live.head());
                live.reach().await;
            }
            *first.lock().unwrap() = true;
            if early {
                live.socket.logs(live.head());
                live.socket.head(live.head());
            } else {
                live.socket.head(live.head());
                live.hear().await;
                live.socket.logs(live.head());
                live.hear().await;
                assert!(matches!(live.gaps.as_slice(), [LiveGap::MissedLog(_)]), "{:?}", live.gaps);
            }
            live.reach().await;
            assert_eq!(live.reverted, usize::from(!early));
        });
    }
}

/// Anything the socket may do and the chain may do, in any order: what stands is the chain.
#[test]
fn any_schedule_ends_with_the_chain() {
    for seed in 0..12 {
        println!("seed {seed}");
        run(async {
            let mut random = Random(seed);
            let mut bad = Random(seed + 100);
            let faults = move |asked: &Asked<'_>| match (asked.method, bad.below(12)) {
                ("eth_chainId", _) => Fault::None,
                (_, 0) => Fault::Status(500, None),
                (_, 1) => Fault::Truncate,
                (_, 2) => Fault::NotJson,
                ("eth_getLogs", 3) => Fault::Error(-32_603, "internal error".to_owned()),
                _ => Fault::None,
            };
            let mut live = Live::start(true, LiveOptions::default(), faults).await;
            for step in 0..30 {
                let head = live.head();
                match random.below(6) {
                    0 => live.reorganise(1 + random.below(5).min(head - 46), 10 + step),
                    1 => live.socket.say(Say::Close),
                    2 => live.socket.head(head - random.below(4)),
                    3 => live.socket.logs(head - random.below(4)),
                    4 => live.socket.logs(head),
                    _ => live.grow(1 + random.below(3), 1),
                }
                if random.below(2) == 0 {
                    live.socket.head(live.head());
                }
                tokio::task::yield_now().await;
            }
            live.socket.say(Say::Close);
            live.reach().await;
        });
    }
}
