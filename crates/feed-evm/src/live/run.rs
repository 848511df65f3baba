use tokio::sync::mpsc;

use super::event::{LiveEvent, LiveGap};
use super::follow::{Follower, Stop};
use super::options::{LiveOptions, LiveRequest};
use super::socket::{Socket, Trigger};
use crate::rpc::{Endpoints, NodeUrl};

/// So many triggers wait; a socket is not read further until they are worked off.
const TRIGGERS: usize = 64;

/// Follows the newest blocks of a chain, with the logs asked for, until nobody takes the events.
///
/// The socket says when there is something; what it is is asked for from the nodes, by the block's
/// hash, so that order, doubles and losses on the socket change nothing. Logs that the socket told
/// have to be among the answers. Without a socket, or while it is lost, the newest block is asked
/// for again and again. The events' queue is the caller's, and its bound is the one that holds.
pub async fn live(
    endpoints: &Endpoints,
    socket: Option<&NodeUrl>,
    request: &LiveRequest,
    options: LiveOptions,
    events: mpsc::Sender<LiveEvent>,
) {
    let (triggers, mut coming) = mpsc::channel(TRIGGERS);
    let query = &request.query;
    let clock = endpoints.clock().clone();
    let source = Socket { url: socket, query, options, clock, triggers };
    let closed = events.clone();
    let mut follower = Follower::new(endpoints, query, options, events);
    if let Some(after) = &request.after {
        follower.branch.push(after.clone(), None);
    }
    let work = async {
        loop {
            let next = coming.recv();
            let trigger = if follower.is_blind() {
                // The socket may have nothing more to say about what could not be told.
                tokio::select! {
                    biased;
                    trigger = next => trigger,
                    () = endpoints.clock().sleep(options.poll) => Some(Trigger::Poll),
                }
            } else {
                next.await
            };
            let Some(trigger) = trigger else { return };
            let done = match trigger {
                Trigger::Poll => follower.poll().await,
                Trigger::Head(head) => follower.told(*head).await,
                Trigger::Log(log) => follower.witness(*log).await,
                Trigger::Dropped(why) => follower.blind(LiveGap::Dropped(why)).await,
            };
            let done = match done {
                Err(Stop::Gap(cause)) => follower.blind(cause).await,
                other => other,
            };
            if done.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = work => {}
        _ = source.run() => {}
        () = closed.closed() => {}
    }
}
