use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::RpcFault;

/// A question to a node.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// The method.
    pub method: &'static str,
    /// Its parameters: a list.
    pub params: Value,
}

#[derive(Serialize)]
struct Request<'a> {
    jsonrpc: &'static str,
    id: u64,
    method: &'a str,
    params: &'a Value,
}

#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
struct Answer<T> {
    #[serde(default)]
    id: Value,
    result: Option<T>,
    error: Option<ErrorObject>,
}

#[derive(Deserialize)]
struct ErrorObject {
    #[serde(default)]
    code: i64,
    #[serde(default)]
    message: String,
    #[serde(default)]
    data: Value,
}

#[derive(Deserialize)]
struct Failed {
    error: ErrorObject,
}

/// Writes one question.
pub(crate) fn one(id: u64, ask: &Ask) -> Vec<u8> {
    let request = Request { jsonrpc: "2.0", id, method: ask.method, params: &ask.params };
    serde_json::to_vec(&request).unwrap_or_default()
}

/// Writes several questions of one method, numbered from `id` on.
pub(super) fn batch(id: u64, method: &str, params: &[Value]) -> Vec<u8> {
    let requests: Vec<Request<'_>> = (id..)
        .zip(params)
        .map(|(id, params)| Request { jsonrpc: "2.0", id, method, params })
        .collect();
    serde_json::to_vec(&requests).unwrap_or_default()
}

/// Reads the answer to one question; `None` is the node's `null`.
pub(crate) fn read_one<T: DeserializeOwned>(id: u64, body: &[u8]) -> Result<Option<T>, RpcFault> {
    let answer: Answer<T> = serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
    match answer.error {
        Some(error) => Err(error.fault()),
        None if answer.id.as_u64() != Some(id) => {
            Err(RpcFault::OtherAnswer(format!("id {} instead of {id}", answer.id)))
        }
        None => Ok(answer.result),
    }
}

/// Reads the answers to `count` questions numbered from `id` on, in the order they were asked.
pub(super) fn read_batch<T: DeserializeOwned>(
    id: u64,
    count: usize,
    body: &[u8],
) -> Result<Vec<Option<T>>, RpcFault> {
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{') {
        let failed: Failed = serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
        return Err(failed.error.fault());
    }
    let answers: Vec<Answer<T>> =
        serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
    let mut placed: Vec<Option<Option<T>>> = (0..count).map(|_| None).collect();
    for answer in answers {
        if let Some(error) = answer.error {
            return Err(error.fault());
        }
        let number = answer.id.as_u64().and_then(|found| found.checked_sub(id));
        let place = number.and_then(|number| usize::try_from(number).ok());
        match place.and_then(|place| placed.get_mut(place)) {
            Some(empty @ None) => *empty = Some(answer.result),
            Some(Some(_)) | None => {
                return Err(RpcFault::OtherAnswer(format!("id {} was not asked", answer.id)));
            }
        }
    }
    let short = || RpcFault::OtherAnswer(format!("fewer answers than the {count} asked for"));
    placed.into_iter().map(|answer| answer.ok_or_else(short)).collect()
}

/// Reads the JSON-RPC error that some nodes send beside another status than success.
pub(super) fn read_error(body: &[u8]) -> Option<RpcFault> {
    serde_json::from_slice(body).ok().map(|failed: Failed| failed.error.fault())
}

impl ErrorObject {
    fn fault(self) -> RpcFault {
        let mut message = self.message;
        // Some tell the range they would answer, or the wait, only here.
        if !self.data.is_null() {
            message = format!("{message} ({})", self.data);
        }
        RpcFault::Answer { code: self.code, message: message.chars().take(300).collect() }
    }
}

fn unreadable(error: &serde_json::Error) -> RpcFault {
    let text = error.to_string().chars().take(200).collect();
    match error.classify() {
        serde_json::error::Category::Data => RpcFault::Shape(text),
        serde_json::error::Category::Syntax
        | serde_json::error::Category::Eof
        | serde_json::error::Category::Io => RpcFault::NotJson(text),
    }
}
